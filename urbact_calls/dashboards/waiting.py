"""What waits for a person now: of each kind of thing the next few and how many there are, in one statement."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import CompoundSelect, Row, Select, String, cast, literal, select, type_coerce, union_all
from sqlalchemy.orm import Session

from urbact_calls.calls.models import Call
from urbact_calls.dashboards.due import Due, due_of
from urbact_calls.domain.permissions import Actor, Predicate
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import Tone

AnySelect = Select[*tuple[Any, ...]]
SHOWN = 5
FAR = datetime.max.replace(tzinfo=UTC)

Details = Callable[[Session, Collection[str], Actor], Mapping[str, str]]
Deadline = Callable[[Any, CallTerms | None], date | datetime | None]


def as_stored(value: date | datetime | None, terms: CallTerms | None) -> date | datetime | None:
    """The due date stands in the row."""
    return value


def decision_date(value: object, terms: CallTerms | None) -> date | None:
    """The day on which the call plans its decisions."""
    return terms.decision_date if terms else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of thing that can wait: for whom, how it is found, and the page where it is done.

    `rows` selects `label`, `detail`, `key` (what the address of the page takes as `argument`), `due`, `terms` (of the
    call, where `deadline` reads them) and `total`, the soonest first. `details` puts what was selected as `detail` into
    words, where that takes a query. `all` is the list of them all.
    """

    desk: str
    permission: Predicate
    one: str
    many: str
    rows: Callable[[Actor, datetime], AnySelect]
    page: str
    argument: str = "reference"
    all: str
    deadline: Deadline = as_stored
    details: Details | None = None
    tone: Tone = Tone.CAUTION


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, with the page on which it is done."""

    label: str
    detail: str
    page: str
    arguments: Mapping[str, Any]
    due: Due | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """All things of one kind that wait; only the next few are listed."""

    kind: Kind
    count: int
    tasks: Sequence[Task]

    @property
    def soonest(self) -> datetime:
        return min((task.due.at for task in self.tasks if task.due), default=FAR)

    @property
    def has_more(self) -> bool:
        return len(self.tasks) == SHOWN and self.count > SHOWN


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits for a person in one of his or her roles, what is due first on top."""

    title: str
    waiting: Sequence[Waiting]


def desks(session: Session, kinds: Sequence[Kind], actor: Actor, now: datetime) -> list[Desk]:
    """What waits for this actor in each role, in the order of the kinds; nothing for what does not wait."""
    asked = [kind for kind in kinds if kind.permission(actor)]
    if not asked:
        return []
    rows: dict[int, list[Row[Any]]] = {}
    for row in session.execute(_all_at_once(asked, actor, now)):
        rows.setdefault(row.kind, []).append(row)
    found: dict[str, list[Waiting]] = {}
    for number, kind in enumerate(asked):
        if number in rows:
            found.setdefault(kind.desk, []).append(_waiting(session, kind, rows[number], actor, now))
    return [Desk(title, sorted(waiting, key=lambda each: each.soonest)) for title, waiting in found.items()]


def _all_at_once(kinds: Sequence[Kind], actor: Actor, now: datetime) -> CompoundSelect[*tuple[Any, ...]]:
    """One statement for all kinds: a person of many roles must not wait for twenty. What the kinds select differs in
    type, so it comes as text."""
    parts = []
    for number, kind in enumerate(kinds):
        rows = kind.rows(actor, now).limit(SHOWN).subquery()
        parts.append(
            select(
                literal(number).label("kind"),
                rows.c.label,
                rows.c.detail,
                cast(rows.c.key, String).label("key"),
                cast(rows.c.due, String).label("due"),
                type_coerce(cast(rows.c.terms, String), Call.terms.type).label("terms"),
                rows.c.total,
            )
        )
    return union_all(*parts)


def _due(text: str | None) -> date | datetime | None:
    """A day, or an instant in UTC, from the text of either database."""
    if text is None:
        return None
    if len(text) == len("2026-03-10"):
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _waiting(session: Session, kind: Kind, rows: Sequence[Row[Any]], actor: Actor, now: datetime) -> Waiting:
    details = kind.details(session, {row.detail for row in rows if row.detail}, actor) if kind.details else {}
    tasks = [
        Task(
            label=row.label or str(row.key),
            detail=details.get(row.detail, row.detail) or "",
            page=kind.page,
            arguments={kind.argument: row.key} if kind.argument else {},
            due=due_of(kind.deadline(_due(row.due), row.terms), now),
        )
        for row in rows
    ]
    return Waiting(kind, int(rows[0].total), sorted(tasks, key=lambda task: task.due.at if task.due else FAR))
