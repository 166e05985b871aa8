"""Worklist of a person: of each kind of row the next few, how many and when due, in one statement."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BindParameter, CompoundSelect, Row, Select, String, cast, literal, select, type_coerce, union_all
from sqlalchemy.orm import Session

from urbact_calls.calls.models import Call
from urbact_calls.domain.permissions import Actor, Predicate
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.text import message, say
from urbact_calls.domain.vocabulary import Tone
from urbact_calls.domain.words import PARIS, day, when_short
from urbact_calls.statements import NOW, ask

NEAR = timedelta(days=3)

OVERDUE = message("due.overdue", "overdue by {count} days", one="overdue by {count} day")
OVERDUE_TODAY = message("due.overdue_today", "overdue since today")
TODAY = message("due.today", "today")
TOMORROW = message("due.tomorrow", "tomorrow")
IN_DAYS = message("due.in_days", "in {count} days", one="in {count} day")


@dataclass(frozen=True, slots=True)
class Due:
    """A due date as a list shows it. `at` is the last instant that is on time; a day lasts until its end in Paris."""

    at: datetime
    words: str
    left: str
    tone: Tone


def due_in_words(value: date | datetime | None, now: datetime) -> Due | None:
    """The words for a due date; None where no date is set."""
    if value is None:
        return None
    if isinstance(value, datetime):
        at, words = value, when_short(value)
    else:
        at, words = datetime.combine(value, time(23, 59, 59), tzinfo=PARIS), day(value)
    late = (now.astimezone(PARIS).date() - at.astimezone(PARIS).date()).days
    if at < now:
        return Due(at, words, say(OVERDUE(count=late) if late else OVERDUE_TODAY()), Tone.BAD)
    tone = Tone.CAUTION if at - now <= NEAR else Tone.NEUTRAL
    if late == 0:
        return Due(at, words, say(TODAY()), tone)
    return Due(at, words, say(TOMORROW() if late == -1 else IN_DAYS(count=-late)), tone)


AnySelect = Select[*tuple[Any, ...]]
Instant = BindParameter[datetime]
SHOWN = 5
FAR = datetime.max.replace(tzinfo=UTC)

Details = Callable[[Session, Collection[str], Actor], Mapping[str, str]]
Deadline = Callable[[datetime, CallTerms], datetime]


def _all_at_once(actor: Actor, *kinds: RowKind) -> CompoundSelect[*tuple[Any, ...]]:
    """One statement for all kinds: a person of many roles must not wait for twenty. What the kinds select differs in
    type, so it comes as text."""
    parts = []
    for number, kind in enumerate(kinds):
        rows = kind.rows(actor, NOW).limit(SHOWN).subquery()
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


def _due(kind: RowKind, row: Row[Any]) -> date | datetime | None:
    """A day, or an instant, from the text of either database; SQLite writes instants without their zone, UTC."""
    if row.due is None or len(row.due) == len("2026-03-10"):
        return date.fromisoformat(row.due) if row.due else None
    moment = datetime.fromisoformat(row.due)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return kind.deadline(moment, row.terms) if kind.deadline else moment


@dataclass(frozen=True, slots=True)
class RowPage:
    """The page on which a row is worked on, what its address takes as `argument`, and the list of `all` such rows."""

    endpoint: str
    all: str
    argument: str = "reference"


@dataclass(frozen=True, slots=True)
class RowKind:
    """What a row of a worklist is: whose worklist it stands in, how it is found, and the page where it is done.

    `rows` selects `label`, `detail`, `key` (what the address of the page takes), `due`, `terms` and `total`, the
    soonest first. Where `due` is the begin of a time, `deadline` reckons its end by the `terms` of the call.
    `details` puts what was selected as `detail` into words, where that takes a query.
    """

    worklist: str
    permission: Predicate
    rows: Callable[[Actor, Instant], AnySelect]
    page: RowPage
    _: KW_ONLY
    one: str
    many: str
    deadline: Deadline | None = None
    details: Details | None = None
    tone: Tone = Tone.CAUTION


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One thing to do, with the page on which it is done."""

    label: str
    detail: str
    page: str
    arguments: Mapping[str, Any]
    due: Due | None


@dataclass(frozen=True, slots=True)
class RowsOfKind:
    """The rows of one kind: how many there are, and the next few."""

    kind: RowKind
    count: int
    rows: Sequence[WorklistRow]

    @property
    def soonest(self) -> datetime:
        return min((row.due.at for row in self.rows if row.due), default=FAR)

    @property
    def has_more(self) -> bool:
        return len(self.rows) == SHOWN and self.count > SHOWN


@dataclass(frozen=True, slots=True)
class Worklist:
    """The open tasks of a person in one of his or her roles, what is due first on top."""

    title: str
    kinds: Sequence[RowsOfKind]


def worklists_of(session: Session, kinds: Sequence[RowKind], actor: Actor, now: datetime) -> list[Worklist]:
    """The worklists of this actor, one for each role with an open task, in the order of the kinds."""
    asked = [kind for kind in kinds if kind.permission(actor)]
    if not asked:
        return []
    rows: dict[int, list[Row[Any]]] = {}
    for row in ask(session, _all_at_once, actor, *asked, now=now):
        rows.setdefault(row.kind, []).append(row)
    found: dict[str, list[RowsOfKind]] = {}
    for number, kind in enumerate(asked):
        if number in rows:
            found.setdefault(kind.worklist, []).append(_rows_of_kind(session, kind, rows[number], actor, now))
    return [Worklist(title, sorted(rows, key=lambda each: each.soonest)) for title, rows in found.items()]


def _rows_of_kind(session: Session, kind: RowKind, rows: Sequence[Row[Any]], actor: Actor, now: datetime) -> RowsOfKind:
    details = kind.details(session, {row.detail for row in rows if row.detail}, actor) if kind.details else {}
    listed = [
        WorklistRow(
            label=row.label or str(row.key),
            detail=details.get(row.detail, row.detail) or "",
            page=kind.page.endpoint,
            arguments={kind.page.argument: row.key} if kind.page.argument else {},
            due=due_in_words(_due(kind, row), now),
        )
        for row in rows
    ]
    return RowsOfKind(kind, int(rows[0].total), sorted(listed, key=lambda row: row.due.at if row.due else FAR))
