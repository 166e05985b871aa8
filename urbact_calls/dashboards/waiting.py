"""What waits for a person now: for each kind of thing one query, which gives the next few and how many there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy.orm import Session

from urbact_calls.dashboards.due import Due, due_of
from urbact_calls.domain.permissions import Actor, Predicate
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import Tone

AnySelect = Select[*tuple[Any, ...]]
SHOWN = 5
FAR = datetime.max.replace(tzinfo=UTC)

Deadline = Callable[[Any, Mapping[str, Any]], date | datetime | None]


def as_stored(value: date | datetime | None, terms: Mapping[str, Any]) -> date | datetime | None:
    """The due date stands in the row."""
    return value


def decision_date(value: object, terms: Mapping[str, Any]) -> date | None:
    """The day on which the call plans its decisions."""
    return CallTerms.from_json(terms).decision_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of thing that can wait: for whom, how it is found, and the page where it is done.

    `rows` selects `label`, `detail`, `key` (what the address of the page takes as `argument`), `due`, `terms` (of the
    call, where `deadline` reads them) and `total`, the soonest first. `all` is the list of them all.
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
    found: dict[str, list[Waiting]] = {}
    for kind in kinds:
        if kind.permission(actor):
            rows = session.execute(kind.rows(actor, now).limit(SHOWN)).all()
            if rows:
                found.setdefault(kind.desk, []).append(_waiting(kind, rows, now))
    return [Desk(title, sorted(waiting, key=lambda each: each.soonest)) for title, waiting in found.items()]


def _waiting(kind: Kind, rows: Sequence[Row[Any]], now: datetime) -> Waiting:
    tasks = [
        Task(
            label=row.label or str(row.key),
            detail=row.detail or "",
            page=kind.page,
            arguments={kind.argument: row.key} if kind.argument else {},
            due=due_of(kind.deadline(row.due, row.terms), now),
        )
        for row in rows
    ]
    return Waiting(kind, int(rows[0].total), sorted(tasks, key=lambda task: task.due.at if task.due else FAR))
