"""Figures of a fuzzing run: answers by kind of request and by address, the slowest, and what was wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
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
    """Everything that was asked in one run; `wrong` has every finding in words."""

    asked: list[Answered] = field(default_factory=list)
    delayed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    rows_compared: int = 0
    with_form: set[str] = field(default_factory=set)

    def ends(self, by: Callable[[Answered], str]) -> dict[str, Counter[End]]:
        """How the requests ended, by their kind or address."""
        found: dict[str, Counter[End]] = defaultdict(Counter)
        for each in self.asked:
            found[by(each)][each.end] += 1
        return found

    def of(self, end: End) -> int:
        return sum(each.end is end for each in self.asked)

    def summary(self, to_reach: set[str]) -> str:
        """All figures, a line for each group. `to_reach` are the addresses that take something."""
        refused = self.of(End.REFUSED) + self.of(End.TURNED_AWAY)
        spent = sorted(each.seconds for each in self.asked)
        statuses, roles = Counter(each.status for each in self.asked), Counter(each.role for each in self.asked)
        slowest = max(self.asked, key=lambda each: each.seconds)
        lines = [
            f"Answers: {', '.join(f'{count:,} × {status}' for status, count in sorted(statuses.items()))}",
            *(f"{kind}: {_shares(ends)}" for kind, ends in self.ends(lambda each: each.kind).items()),
            self._reached(to_reach),
            f"Roles: {len(roles)}, each asked at least {min(roles.values())} times",
            f"Rows changed by {refused:,} refusals: {sum('a row was changed' in each for each in self.wrong)};"
            f" {self.rows_compared:,} rows compared with those before",
            f"Seconds: {spent[len(spent) // 2]:.3f} at the middle, {spent[len(spent) * 99 // 100]:.3f} at 99 %",
            f"The slowest: {_time(slowest)}: {slowest.here}",
            *self.delayed,
        ]
        return "\n".join(lines)

    def _reached(self, to_reach: set[str]) -> str:
        ends = self.ends(lambda each: each.address)
        accepted = {name for name in to_reach if ends[name][End.ACCEPTED] + ends[name][End.ANSWERED]}
        asked = {name for name in to_reach if ends[name]}
        inside = {name for name in asked if ends[name].total() > ends[name][End.TURNED_AWAY]}
        bare = {name for name in to_reach - self.with_form if "/api/" not in name}
        missed = [
            f"{words}: {', '.join(sorted(names))}"
            for words, names in (("Never with success", to_reach - accepted), ("No page has its form", bare))
            if names
        ]
        few = min((ends[name].total() for name in to_reach), default=0)
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
