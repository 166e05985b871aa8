"""The registry of kinds of subjects: label, page and readers of whatever an event, a job or a message is about.

Each feature registers the kinds that it keeps. What is kept about a subject stands in the two columns of `About`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, String, and_, literal, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from urbact_calls.database import Model
from urbact_calls.domain.permissions import STRANGER, Actor, Interests, Predicate, Relation
from urbact_calls.domain.subject import Subject, SubjectKind


@dataclass(frozen=True, slots=True)
class Named:
    """What a subject is called, and the page where it is seen; `endpoint` is empty where there is none."""

    label: str
    endpoint: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)


Names = Callable[[Session, Collection[int]], Mapping[int, Named]]
Found = Callable[[Session, str], Collection[int]]
Private = Callable[[Session, int], bool]
Involved = Callable[[Interests], Any]
Parts = Callable[[int], Any]


@dataclass(frozen=True, slots=True)
class SubjectPolicy:
    """What the program must know of a kind of subject.

    `may_see` decides who reads what happened to it, `may_open` who may open its page; `names` gives labels by id, in a
    constant number of queries; `found` the ids that a typed reference means; `is_private` says that nobody but its own
    people may read what is written about it now; `involved` selects the ids of those that whoever has these interests
    takes part in, None where nobody's interests count.

    A kind may belong to others: `part_of` selects, for each kind that it belongs to, the ids that belong to one of
    them. `rows` is the table of a kind that belongs to whatever its row is about.
    """

    may_see: Predicate
    may_open: Predicate
    names: Names
    found: Found
    is_private: Private
    involved: Involved | None
    part_of: Mapping[SubjectKind, Parts]
    rows: Any


POLICIES: dict[SubjectKind, SubjectPolicy] = {}


def register(  # noqa: PLR0913 -- what is known of a kind; all but the first are keyword-only
    kind: SubjectKind,
    *,
    may_see: Predicate,
    names: Names,
    may_open: Predicate | None = None,
    found: Found = lambda session, text: (),
    is_private: Private = lambda session, subject_id: False,
    involved: Involved | None = None,
    part_of: Mapping[SubjectKind, Parts] | None = None,
    rows: Any = None,
) -> None:
    """Makes a kind of subject known, by its `SubjectPolicy`; whoever may see it may open its page, unless `may_open`
    says another. Raises ValueError where two features claim it."""
    if kind in POLICIES:
        raise ValueError(f"two features register the kind of subject “{kind}”")
    POLICIES[kind] = SubjectPolicy(
        may_see, may_open or may_see, names, found, is_private, involved, part_of or {}, rows
    )


def check() -> None:
    """Raises ValueError for a kind of subject that no feature has registered."""
    missing = [kind.value for kind in SubjectKind if kind not in POLICIES]
    if missing:
        raise ValueError(f"no feature registers the kind of subject {', '.join(missing)} (urbact_calls/subjects.py)")


def names_of(
    session: Session, subjects: Iterable[Subject | None], actor: Actor, relation: Relation = STRANGER
) -> Mapping[Subject, Named]:
    """Labels of subjects, with the page where this actor may open it; a constant number of queries for each kind."""
    wanted: dict[SubjectKind, set[int]] = {}
    for subject in subjects:
        if subject is not None:
            wanted.setdefault(subject.kind, set()).add(subject.id)
    named: dict[Subject, Named] = {}
    for kind, ids in wanted.items():
        policy = POLICIES[kind]
        known = policy.names(session, ids)
        for number in ids:
            name = known.get(number, Named(f"{kind.value.replace('_', ' ').capitalize()} {number}"))
            named[Subject(kind, number)] = name if policy.may_open(actor, relation) else Named(name.label)
    return named


def found_by(session: Session, text: str) -> Mapping[SubjectKind, Collection[int]]:
    """The subjects that somebody means who types a reference, a code or a slug, by kind."""
    found = {kind: policy.found(session, text) for kind, policy in POLICIES.items()}
    return {kind: ids for kind, ids in found.items() if ids}


def labelled(prefix: str, key: Any, row_id: Any, endpoint: str = "", argument: str = "") -> Any:
    """The `names` of a kind whose label is one column of its table (`key`), for example “Network green-ports”.

    `argument` is what the address of the page calls that column.
    """

    def names(session: Session, ids: Collection[int]) -> Mapping[int, Named]:
        rows = session.execute(select(row_id, key).where(row_id.in_(ids)))
        return {
            number: Named(f"{prefix}{text}", endpoint, {argument: text} if endpoint else {}) for number, text in rows
        }

    return names


class HasSubject(Model):
    """A row that something can be about."""

    __abstract__ = True
    SUBJECT: ClassVar[SubjectKind]

    @property
    def subject(self) -> Subject:
        return Subject(self.SUBJECT, self.id)


class About:
    """The two columns of a row that is about something."""

    subject_kind: Mapped[str] = mapped_column(String(24))
    subject_id: Mapped[int]

    @property
    def about(self) -> Subject:
        return Subject(SubjectKind(self.subject_kind), self.subject_id)

    @about.setter
    def about(self, value: Subject) -> None:
        self.subject_kind, self.subject_id = value.kind, value.id


class PerhapsAbout:
    """The two columns of a row that is about something, or about nothing in particular."""

    subject_kind: Mapped[str | None] = mapped_column(String(24))
    subject_id: Mapped[int | None]

    @property
    def about(self) -> Subject | None:
        if self.subject_kind is None or self.subject_id is None:
            return None
        return Subject(SubjectKind(self.subject_kind), self.subject_id)

    @about.setter
    def about(self, value: Subject | None) -> None:
        self.subject_kind, self.subject_id = (value.kind, value.id) if value else (None, None)


def is_about(
    row: type[About] | type[PerhapsAbout], kind: SubjectKind, number: int | InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    """The condition that a row is about the subject of this kind and id."""
    return and_(row.subject_kind == kind, row.subject_id == number)


def is_about_one_of(
    row: type[About] | type[PerhapsAbout], found: Mapping[SubjectKind, Collection[int]]
) -> ColumnElement[bool]:
    """The condition that a row is about one of these subjects; of none, where there are none."""
    parts = [and_(row.subject_kind == kind, row.subject_id.in_(ids)) for kind, ids in found.items()]
    return or_(row.subject_id.in_(()), *parts)


def is_not_own(row: type[About] | type[PerhapsAbout], actor: Actor) -> ColumnElement[bool]:
    """The condition that a row is about nothing that the actor takes part in: an office ends there."""
    if not actor.interests.applications:
        return true()
    parts = [
        and_(row.subject_kind == kind, row.subject_id.in_(policy.involved(actor.interests)))
        for kind, policy in POLICIES.items()
        if policy.involved is not None
    ]
    return or_(row.subject_kind.is_(None), not_(or_(*parts)))


def relation_to(session: Session, actor: Actor, subject: Subject) -> Relation:
    """What somebody of the programme is to a subject: in a conflict where he or she takes part in it or works there."""
    if subject.kind is SubjectKind.ORGANISATION and subject.id in actor.organisation_ids:
        return Relation(is_conflicted=True)
    involved = POLICIES[subject.kind].involved
    if involved is None or not actor.interests.applications:
        return STRANGER
    takes_part = session.scalar(select(literal(subject.id).in_(involved(actor.interests))))
    return Relation(is_conflicted=bool(takes_part))


def belongs_to(
    row: type[About] | type[PerhapsAbout], whole: Subject, actor: Actor, relation: Relation
) -> ColumnElement[bool]:
    """The condition that a row is about a subject, or about what belongs to it, and that this reader may know of it.

    `relation` is what the reader is to the whole.
    """
    direct: dict[SubjectKind, Any] = {whole.kind: (whole.id,)}
    for kind, policy in POLICIES.items():
        if whole.kind in policy.part_of:
            direct[kind] = policy.part_of[whole.kind](whole.id)
    readable = {kind: ids for kind, ids in direct.items() if POLICIES[kind].may_see(actor, relation)}
    parts = [and_(row.subject_kind == kind, row.subject_id.in_(ids)) for kind, ids in readable.items()]
    for kind, policy in POLICIES.items():
        if policy.rows is not None and policy.may_see(actor, relation):
            about_a_part = and_(is_about_one_of(policy.rows, readable), is_not_own(policy.rows, actor))
            ids = select(policy.rows.id).where(about_a_part)
            parts.append(and_(row.subject_kind == kind, row.subject_id.in_(ids)))
    return and_(or_(row.subject_id.in_(()), *parts), is_not_own(row, actor))


def subject_of(row: Any) -> Subject | None:
    """What a row of the columns `subject_kind` and `subject_id` is about; None for nothing."""
    return None if row.subject_kind is None else Subject(SubjectKind(row.subject_kind), row.subject_id)
