"""Figures of a fuzzing run: answers by kind of request and by address, the slowest, and what was wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus

LONGEST_SECONDS = 2.0
TURNED_AWAY = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


class End(StrEnum):
    """How a request ended."""

    ACCEPTED = "changed a row"
    ANSWERED = "answered"
    REFUSED = "refused"
    TURNED_AWAY = "turned away"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Answered:
    """One request with its answer. `seconds` have passed; `own_seconds` is what this process computed of them."""

    kind: str
    address: str
    role: str
    here: str
    status: int
    location: str
    changed: bool
    seconds: float
    own_seconds: float

    @property
    def end(self) -> End:
        if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return End.FAULT
        if self.status in TURNED_AWAY or "/sign-in?" in self.location:
            return End.TURNED_AWAY
        if self.status >= HTTPStatus.BAD_REQUEST:
            return End.REFUSED
        return End.ACCEPTED if self.changed else End.ANSWERED


@dataclass
class Figures:
    """Counts of one run; `wrong` has every finding in words."""

    statuses: Counter[int] = field(default_factory=Counter)
    ends: dict[str, Counter[End]] = field(default_factory=lambda: defaultdict(Counter))
    by_address: dict[str, Counter[End]] = field(default_factory=lambda: defaultdict(Counter))
    roles: Counter[str] = field(default_factory=Counter)
    spent: list[float] = field(default_factory=list)
    slowest: Answered | None = None
    delayed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    rows_compared: int = 0
    with_form: set[str] = field(default_factory=set)

    def count(self, answered: Answered) -> None:
        self.statuses[answered.status] += 1
        self.ends[answered.kind][answered.end] += 1
        self.by_address[answered.address][answered.end] += 1
        self.roles[answered.role] += 1
        self.spent.append(answered.seconds)
        if self.slowest is None or answered.seconds > self.slowest.seconds:
            self.slowest = answered

    def of(self, end: End) -> int:
        return sum(each[end] for each in self.ends.values())

    def summary(self, to_reach: set[str]) -> str:
        """All figures, a line for each group. `to_reach` are the addresses that take something."""
        refused = self.of(End.REFUSED) + self.of(End.TURNED_AWAY)
        spent = sorted(self.spent)
        lines = [
            f"Answers: {', '.join(f'{count:,} × {status}' for status, count in sorted(self.statuses.items()))}",
            *(f"{kind}: {_shares(ends)}" for kind, ends in self.ends.items()),
            self._reached(to_reach),
            f"Roles: {len(self.roles)}, each asked at least {min(self.roles.values(), default=0)} times",
            f"Rows changed by {refused:,} refusals: {sum('a row was changed' in each for each in self.wrong)};"
            f" {self.rows_compared:,} rows compared with those before",
            f"Seconds: {spent[len(spent) // 2]:.3f} at the middle, {spent[len(spent) * 99 // 100]:.3f} at 99 %",
        ]
        if self.slowest is not None:
            lines.append(f"The slowest: {_time(self.slowest)}: {self.slowest.here}")
        return "\n".join(lines + self.delayed)

    def _reached(self, to_reach: set[str]) -> str:
        accepted = {
            name for name in to_reach if self.by_address[name][End.ACCEPTED] + self.by_address[name][End.ANSWERED]
        }
        asked = {name for name in to_reach if self.by_address[name]}
        inside = {name for name in asked if self.by_address[name].total() > self.by_address[name][End.TURNED_AWAY]}
        bare = {name for name in to_reach - self.with_form if "/api/" not in name}
        missed = [
            f"{words}: {', '.join(sorted(names))}"
            for words, names in (("Never with success", to_reach - accepted), ("No page has its form", bare))
            if names
        ]
        few = min((self.by_address[name].total() for name in to_reach), default=0)
        head = (
            f"Addresses that take something: {len(asked)} of {len(to_reach)} asked, each at least {few} times;"
            f" {len(inside)} by somebody who may, {len(accepted)} with success"
        )
        return "\n".join([head, *missed])


def _shares(ends: Counter[End]) -> str:
    whole = ends.total()
    return f"{whole:,}, of which " + ", ".join(
        f"{100 * ends[end] / whole:.0f} % {end.value}" for end in End if ends[end]
    )


def _time(answered: Answered) -> str:
    return f"{answered.seconds:.2f} s, of which this process computed {answered.own_seconds:.2f} s"


def too_slow(first: Answered, again: Sequence[Answered]) -> tuple[bool, str]:
    """Whether a request is slow by itself, and the words for it.

    It was sent again at once, to the same world: what is slow by itself is slow each time, and what other programs of
    this machine have delayed is not.
    """
    every = (first, *again)
    is_slow = min(each.seconds for each in every) > LONGEST_SECONDS
    computes = max(each.own_seconds for each in every) > LONGEST_SECONDS
    words = f"{first.here} after {_time(first)}; sent again: {'; '.join(map(_time, again))}"
    return is_slow or computes, words
