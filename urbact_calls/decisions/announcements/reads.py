"""Reads of announcements: what would be made known, and how far an announcement has come."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, Subquery, and_, case, cast, func, literal, or_, select, type_coerce
from sqlalchemy.orm import Session

from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application, Partner
from urbact_calls.calls.models import Call
from urbact_calls.database import Sha256
from urbact_calls.decisions.announcements.models import Announcement, Piece
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.decisions.outcomes.reads import WAITS
from urbact_calls.domain.permissions import auditor, committee, office
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import DecisionOutcome, JobState, PartnerRole
from urbact_calls.jobs import Job
from urbact_calls.messages.models import Delivery
from urbact_calls.organisations.models import Organisation
from urbact_calls.paging import Page, in_order, newest_first
from urbact_calls.record.reads.field_words import FieldWords, describes
from urbact_calls.subjects import labelled, register

LETTER = "decision.announced"

_CODE = select(Call.code).where(Call.id == Announcement.call_id).scalar_subquery()

register(
    SubjectKind.ANNOUNCEMENT,
    may_see=office | auditor | committee,
    names=labelled("Decisions of ", _CODE, Announcement.id, "decisions.announcements", "code"),
    involved=lambda interests: select(Announcement.id).where(Announcement.call_id.in_(interests.calls)),
    part_of={SubjectKind.CALL: lambda number: select(Announcement.id).where(Announcement.call_id == number)},
)


@describes(SubjectKind.ANNOUNCEMENT)
def _field(name: str) -> FieldWords | None:
    words = {"decisions": "Decisions announced", "fingerprint": "Fingerprint of the decisions"}
    return FieldWords(words[name]) if name in words else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The decisions of a call that wait to be announced: how many, and the fingerprint of what they say."""

    count: int
    fingerprint: str


def waiting(session: Session, call_id: int) -> Waiting:
    """How many decisions of a call wait, and their fingerprint: the SHA-256 of those of each decision in the order of
    their ids. Whatever one of them makes known changes it. One query, and one line, however many they are."""
    return _printed(session, Application.call_id == call_id, WAITS)


def fingerprint_now(session: Session, announcement: Announcement) -> str:
    """The fingerprint of the decisions of an announcement as they are stored now; as it was announced, if nobody
    changed one since."""
    return _printed(session, Decision.announcement_id == announcement.id).fingerprint


def _printed(session: Session, *which: ColumnElement[bool]) -> Waiting:
    # The lengths tell where one text ends and the next begins.
    facts = (
        cast(Decision.id, String),
        cast(Decision.application_id, String),
        cast(Decision.meeting_id, String),
        type_coerce(Decision.outcome, String),
        func.coalesce(cast(Decision.conditions_due_on, String), ""),
        cast(func.length(Decision.reasons), String),
        Decision.reasons.concat(Decision.conditions),
    )
    content: ColumnElement[str] = literal("")
    for fact in facts:
        content = content.concat(fact).concat(":")
    each = (
        select(Sha256(content).label("fingerprint"))
        .join(Application, Application.id == Decision.application_id)
        .where(*which)
        .order_by(Decision.id)
        .subquery()
    )
    together = func.coalesce(func.aggregate_strings(each.c.fingerprint, ""), "")
    return Waiting(*session.execute(select(func.count(), Sha256(together)).select_from(each)).one())


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an announcement would make known: how many decisions of each outcome, and a page of them in the order of
    the references. `fingerprint` is that of all of them."""

    outcomes: Mapping[DecisionOutcome, int]
    page: Page[Any]
    fingerprint: str

    @property
    def count(self) -> int:
        return sum(self.outcomes.values())


def preview(session: Session, call: Call, *, after: str | None, size: int) -> Preview:
    """The decisions of a call that are recorded and not announced; three queries."""
    waits = (Application.call_id == call.id, WAITS)
    counts = session.execute(
        select(Decision.outcome, func.count(Decision.id))
        .join(Application, Application.id == Decision.application_id)
        .where(*waits)
        .group_by(Decision.outcome)
    ).all()
    lines = (
        select(
            Application.reference,
            Application.acronym,
            Application.title,
            Decision.outcome,
            Decision.conditions_due_on,
            Organisation.name.label("lead"),
        )
        .join(Application, Application.id == Decision.application_id)
        .outerjoin(Partner, and_(Partner.application_id == Application.id, Partner.role == PartnerRole.LEAD))
        .outerjoin(Organisation, Organisation.id == Partner.organisation_id)
        .where(*waits)
    )
    found = dict(counts)
    return Preview(
        outcomes={outcome: found[outcome] for outcome in DecisionOutcome if outcome in found},
        page=in_order(session, lines, Application.reference, after=after, size=size),
        fingerprint=waiting(session, call.id).fingerprint,
    )


def not_carried_out(session: Session, piece: Piece) -> Sequence[int]:
    """The ids of the decisions of a piece that are not known yet, in their order."""
    of_piece = select(Decision.id).where(
        Decision.announcement_id == piece.announcement, Decision.id.between(piece.first, piece.last)
    )
    return session.scalars(of_piece.where(Decision.announced_at.is_(None)).order_by(Decision.id)).all()


def pieces(announcement_id: int, size: int) -> Subquery:
    """The ids of the `first` and the `last` decision of each piece of an announcement, so many in each."""
    place = func.row_number().over(order_by=Decision.id) - 1
    numbered = select(Decision.id, (place // size).label("piece")).where(Decision.announcement_id == announcement_id)
    each = numbered.subquery()
    ends = func.min(each.c.id).label("first"), func.max(each.c.id).label("last")
    return select(*ends).group_by(each.c.piece).subquery()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """The letters of an announcement: what is written, what is sent, what waits for a person because nobody knows
    whether it left or it cannot leave; `to_write` counts the steps whose letters are not written yet."""

    written: int = 0
    sent: int = 0
    held: int = 0
    to_write: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementProgress:
    """How far an announcement has come: of its `decisions` so many `steps` are taken, each known from then on."""

    announcement: Announcement
    by: str | None
    steps: int
    letters: Letters

    @property
    def is_over(self) -> bool:
        """Whether nothing is left for workers to do."""
        letters = self.letters
        is_taken = self.steps == self.announcement.decisions and not letters.to_write
        return is_taken and letters.written == letters.sent + letters.held


def progress(
    session: Session, call: Call, now: datetime, *, before: int | None, size: int
) -> Page[AnnouncementProgress]:
    """The announcements of a call that are older than `before`, the newest first; four queries."""
    of_call = select(Announcement).where(Announcement.call_id == call.id)
    found = newest_first(session, of_call, Announcement.id, before=before, size=size)
    ids = [each.id for each in found.rows]
    steps = dict(
        session.execute(
            select(Decision.announcement_id, func.count())
            .where(Decision.announcement_id.in_(ids), Decision.announced_at.is_not(None))
            .group_by(Decision.announcement_id)
        ).all()
    )
    names = dict(
        session.execute(select(User.id, User.name).where(User.id.in_({each.announced_by for each in found.rows}))).all()
    )
    letters = _letters(session, ids, now)
    rows = [
        AnnouncementProgress(
            announcement=each,
            by=names.get(each.announced_by or 0),
            steps=steps.get(each.id, 0),
            letters=letters.get(each.id, Letters()),
        )
        for each in found.rows
    ]
    return Page(rows, found.after)


def _letters(session: Session, ids: Collection[int], now: datetime) -> Mapping[int, Letters]:
    # Each step has asked for its letters under this key, which is what they are written for.
    key = (
        literal(f"mail:{LETTER}:{SubjectKind.APPLICATION}:")
        .concat(cast(Decision.application_id, String))
        .concat(":")
        .concat(cast(Decision.event_number, String))
    )
    taken = Decision.announcement_id.in_(ids), Decision.event_number.is_not(None)
    held = or_(Job.state == JobState.DEAD, and_(Job.state == JobState.SENDING, Job.lease_until < now))
    written = session.execute(
        select(
            Decision.announcement_id,
            func.count(),
            func.count(Delivery.sent_at),
            func.count(case((and_(Delivery.sent_at.is_(None), held), 1))),
        )
        .join(Delivery, Delivery.event == key)
        .outerjoin(Job, Job.id == Delivery.job_id)
        .where(*taken)
        .group_by(Decision.announcement_id)
    ).all()
    to_write = dict(
        session.execute(
            select(Decision.announcement_id, func.count())
            .join(Job, Job.key == key)
            .where(*taken, Job.state != JobState.DONE)
            .group_by(Decision.announcement_id)
        ).all()
    )
    counts = {number: figures for number, *figures in written}
    return {
        number: Letters(
            **dict(zip(("written", "sent", "held"), counts.get(number, (0, 0, 0)), strict=True)),
            to_write=to_write.get(number, 0),
        )
        for number in ids
    }
