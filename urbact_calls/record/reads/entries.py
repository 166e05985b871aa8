"""Reads of the record of one subject: what happened to it and to what belongs to it, the newest first.

Each table is one source of entries; features above add theirs. A page asks every source for its newest entries after
the same place, and shows the newest of them: a constant number of queries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from urbact_calls.database import Base, found_in
from urbact_calls.domain.permissions import Actor, Predicate, Relation
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.text import Text, discreet, message, say
from urbact_calls.domain.vocabulary import EntryKind
from urbact_calls.domain.workflow.machine import Act, Machine
from urbact_calls.paging import Page, page_of
from urbact_calls.record.models import FieldChange, RefusedAttempt, WorkflowEvent
from urbact_calls.record.reads import field_words
from urbact_calls.record.reads.field_words import Change, is_right
from urbact_calls.subjects import POLICIES, About, Named, PerhapsAbout, belongs_to, names_of

AnySelect = TypeVar("AnySelect", bound=Select[*tuple[Any, ...]])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"([0-9]{1,17})-([a-z_]{1,20})-([0-9]{1,10})", re.ASCII)
PORTION = 500

NOT_SHOWN = message("record.not_shown", "(not shown while it is a draft)")
FIELD_NOT_SHOWN = message("record.not_shown/field", "A field of the draft")


@dataclass(frozen=True, slots=True, order=True)
class EntryPlace:
    """Where an entry stands among all: its instant, its source, and the number of its row there."""

    at: datetime
    source: str
    number: int

    @property
    def key(self) -> str:
        """As it stands in an address."""
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}-{self.source}-{self.number}"


def place_of(key: str) -> EntryPlace | None:
    """The place that a key says; None for a text that is none."""
    found = _PLACE.fullmatch(key)
    if found is None:
        return None
    try:
        return EntryPlace(_EPOCH + timedelta(microseconds=int(found[1])), found[2], int(found[3]))
    except OverflowError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody looks for in a record; nothing means any. `until` is the first instant that is too late."""

    kind: EntryKind | None = None
    who: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReading:
    """Who reads the record of what, and what he or she looks for.

    `is_private` says that its content is not for this reader now: a draft.
    """

    whole: Subject
    actor: Actor
    relation: Relation
    is_private: bool = False
    wanted: Wanted = Wanted()
    after: EntryPlace | None = None
    size: int = PORTION

    def asks_for(self, *kinds: EntryKind) -> bool:
        """Whether entries of one of these kinds are looked for."""
        return self.wanted.kind is None or self.wanted.kind in kinds

    def belongs(self, row: type[About] | type[PerhapsAbout]) -> ColumnElement[bool]:
        """The condition that a row is part of this record."""
        return belongs_to(row, self.whole, self.actor, self.relation)

    def narrowed(
        self,
        query: AnySelect,
        source: str,
        *,
        at: InstrumentedAttribute[datetime],
        number: InstrumentedAttribute[int],
        who: InstrumentedAttribute[int | None] | InstrumentedAttribute[int] | None,
    ) -> AnySelect:
        """The newest rows of a source that are looked for, one more than a page has; `who` holds the account that
        acted."""
        wanted, last = self.wanted, self.after
        if wanted.since is not None:
            query = query.where(at >= wanted.since)
        if wanted.until is not None:
            query = query.where(at < wanted.until)
        if wanted.who:
            query = query.where(number.in_(()) if who is None else who.in_(_people_called(wanted.who)))
        if last is not None:
            # The comparison of the instant alone lets an index find the place.
            query = query.where(at <= last.at)
            if source == last.source:
                query = query.where(or_(at < last.at, number < last.number))
            elif source > last.source:
                query = query.where(at < last.at)
        return query.order_by(at.desc(), number.desc()).limit(self.size + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the record. `who` is the account that acted, None for the program or an account that is gone.

    `notes` are the reasons of a refusal, or what somebody said of a step; `link` leads to a page of its own.
    """

    place: EntryPlace
    kind: EntryKind
    about: Subject
    what: str
    who: int | None = None
    before: str | None = None
    after: str | None = None
    notes: tuple[str, ...] = ()
    link: Subject | None = None

    @property
    def at(self) -> datetime:
        return self.place.at


Source = Callable[[Session, RecordReading], Sequence[Entry]]
SOURCES: dict[str, Source] = {}


def source(name: str) -> Callable[[Source], Source]:
    """Makes a source of entries known, which gives at most `size + 1` of them, the newest first. Raises ValueError for
    a name that is taken."""

    def register(read: Source) -> Source:
        if name in SOURCES:
            raise ValueError(f"two sources of the record are called {name}")
        SOURCES[name] = read
        return read

    return register


@dataclass(frozen=True, slots=True)
class RecordedLife:
    """What the record must know of a life: its acts, and who knows of those that are internal."""

    machine: Machine[Any, Any]
    sees_internal: Predicate


LIVES: dict[SubjectKind, RecordedLife] = {}


def knows_life(kind: SubjectKind, machine: Machine[Any, Any], sees_internal: Predicate) -> None:
    """Gives the record the words for the acts of a life; called by the engine, which stands above."""
    LIVES[kind] = RecordedLife(machine, sees_internal)


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with the names in it: who acted, what it is about, and the page that it leads to."""

    entry: Entry
    who: str
    about: Named
    link: Named | None


def record_page(session: Session, reading: RecordReading) -> Page[Line]:
    """A page of a record, the newest entries first."""
    found = sorted((entry for read in SOURCES.values() for entry in read(session, reading)), key=_place, reverse=True)
    page = page_of(found[: reading.size + 1], size=reading.size, key=lambda entry: entry.place.key)
    return Page(_lines(session, reading, page.rows), page.after)


def whole_record(session: Session, reading: RecordReading, most: int) -> Iterator[Line]:
    """All that is looked for, the newest first, at most so many lines; read in portions."""
    count, after = 0, reading.after
    while count < most:
        page = record_page(session, replace(reading, after=after, size=min(PORTION, most - count)))
        yield from page.rows
        if page.after is None:
            return
        count, after = count + len(page.rows), place_of(page.after)


def _place(entry: Entry) -> EntryPlace:
    return entry.place


def _lines(session: Session, reading: RecordReading, entries: Sequence[Entry]) -> list[Line]:
    people = field_words.names_of_people(session, {entry.who for entry in entries if entry.who is not None})
    subjects = [subject for entry in entries for subject in (entry.about, entry.link)]
    named = names_of(session, subjects, reading.actor, reading.relation)
    return [
        Line(
            entry,
            "" if entry.who is None else people.get(entry.who, field_words.GONE),
            named[entry.about],
            named[entry.link] if entry.link is not None else None,
        )
        for entry in entries
    ]


def _people_called(text: str) -> Select[int]:
    """The accounts whose name contains a text."""
    table = Base.metadata.tables["user_account"].c
    return select(table.id).where(found_in(text, table.name))


@source("event")
def _events(session: Session, reading: RecordReading) -> Sequence[Entry]:
    if not reading.asks_for(EntryKind.STEP):
        return ()
    query = select(WorkflowEvent).where(reading.belongs(WorkflowEvent), not_(_is_hidden(WorkflowEvent, reading)))
    rows = session.scalars(
        reading.narrowed(query, "event", at=WorkflowEvent.at, number=WorkflowEvent.id, who=WorkflowEvent.actor_id)
    )
    return [
        Entry(
            place=EntryPlace(row.at, "event", row.id),
            kind=EntryKind.STEP,
            about=row.about,
            what=_told(row.about.kind, row.transition, lambda act: act.told),
            who=row.actor_id,
            before=_state(row.about.kind, row.source),
            after=_state(row.about.kind, row.target),
            notes=_shown((row.reason,), reading),
        )
        for row in rows
    ]


@source("refusal")
def _refusals(session: Session, reading: RecordReading) -> Sequence[Entry]:
    if not reading.asks_for(EntryKind.REFUSED):
        return ()
    query = select(RefusedAttempt).where(reading.belongs(RefusedAttempt), not_(_is_hidden(RefusedAttempt, reading)))
    rows = session.scalars(
        reading.narrowed(query, "refusal", at=RefusedAttempt.at, number=RefusedAttempt.id, who=RefusedAttempt.actor_id)
    )
    return [
        Entry(
            place=EntryPlace(row.at, "refusal", row.id),
            kind=EntryKind.REFUSED,
            about=row.about,
            what=_told(row.about.kind, row.transition, lambda act: act.text),
            who=row.actor_id,
            notes=tuple(_refusal_in_words(each, reading) for each in row.refusals),
        )
        for row in rows
    ]


@source("change")
def _changes(session: Session, reading: RecordReading) -> Sequence[Entry]:
    wanted = reading.wanted.kind
    if wanted is not None and wanted not in _CHANGES:
        return ()
    query = select(FieldChange).where(reading.belongs(FieldChange))
    if wanted is not None:
        query = query.where(_CHANGES[wanted]())
    query = query.add_columns(is_right().label("is_right"))
    rows = session.execute(
        reading.narrowed(query, "change", at=FieldChange.at, number=FieldChange.id, who=FieldChange.actor_id)
    ).all()
    words = field_words.in_words(session, [row.FieldChange for row in rows])
    return [_change(row.FieldChange, words[row.FieldChange.id], bool(row.is_right), reading) for row in rows]


_ON_JOBS = (SubjectKind.JOB, SubjectKind.DELIVERY)
_CHANGES: Mapping[EntryKind, Callable[[], ColumnElement[bool]]] = {
    EntryKind.JOB: lambda: FieldChange.subject_kind.in_(_ON_JOBS),
    EntryKind.RIGHT: is_right,
    EntryKind.CHANGE: lambda: and_(FieldChange.subject_kind.not_in(_ON_JOBS), not_(is_right())),
}


def _change(row: FieldChange, words: Change, is_a_right: bool, reading: RecordReading) -> Entry:
    is_on_a_job = row.about.kind in _ON_JOBS
    kind = EntryKind.JOB if is_on_a_job else EntryKind.RIGHT if is_a_right else EntryKind.CHANGE
    is_hidden = reading.is_private and not is_on_a_job
    return Entry(
        place=EntryPlace(row.at, "change", row.id),
        kind=kind,
        about=row.about,
        # Already the name of a field says who is a partner.
        what=say(FIELD_NOT_SHOWN()) if is_hidden else words.label,
        who=row.actor_id,
        before=None if is_hidden else words.before,
        after=None if is_hidden else words.after,
        link=row.about if is_on_a_job else None,
    )


def _is_hidden(row: type[WorkflowEvent] | type[RefusedAttempt], reading: RecordReading) -> ColumnElement[bool]:
    """The condition that an act is internal to those who may know of it, of whom this reader is none."""
    internal = {
        kind: life.machine.names(lambda act: act.internal)
        for kind, life in LIVES.items()
        if not life.sees_internal(reading.actor, reading.relation)
    }
    hidden = [and_(row.subject_kind == kind, row.transition.in_(names)) for kind, names in internal.items() if names]
    return or_(row.subject_id.in_(()), *hidden)


def _told(kind: SubjectKind, name: str, words: Callable[[Act], Text]) -> str:
    """An act in words; its name where this version of the program does not know it."""
    life = LIVES.get(kind)
    acts = {act.name: act for act in life.machine.acts} if life is not None else {}
    return say(words(acts[name])) if name in acts else name


def _state(kind: SubjectKind, code: str | None) -> str | None:
    if code is None or kind not in LIVES:
        return code
    word = type(LIVES[kind].machine.start).with_code(code)
    return code if word is None else word.label


def _shown(words: Sequence[str | None], reading: RecordReading) -> tuple[str, ...]:
    """What people typed, unless it belongs to a draft."""
    said = tuple(text for text in words if text)
    return tuple(say(NOT_SHOWN()) for _ in said) if reading.is_private else said


def _refusal_in_words(stored: Mapping[str, Any], reading: RecordReading) -> str:
    """A refusal as it was said; of a draft without what people typed."""
    said = Text.from_json(stored)
    if not reading.is_private:
        return say(said)
    try:
        return discreet(said)
    except KeyError:
        # A sentence of an older version, whose parts cannot be told apart any more.
        return say(NOT_SHOWN())


def reading_of(session: Session, whole: Subject, actor: Actor, relation: Relation) -> RecordReading:
    """What somebody may read of the record of a subject."""
    return RecordReading(
        whole=whole, actor=actor, relation=relation, is_private=POLICIES[whole.kind].is_private(session, whole.id)
    )
