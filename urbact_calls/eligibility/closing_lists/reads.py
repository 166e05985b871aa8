"""Reads of closing lists: which one counts for a call, what goes into it, and what it says of one application."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, Row, and_, case, func, select, tuple_, type_coerce
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.applications.submission.models import Submission
from urbact_calls.calls.models import Call
from urbact_calls.domain.dossier import Dossier, OthersAtClosing
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.eligibility.other_applications import known_as
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import ApplicationState, PartnerRole
from urbact_calls.eligibility.closing_lists.models import NAME_LENGTH, ClosingList, Participation
from urbact_calls.record.models import WorkflowEvent
from urbact_calls.subjects import is_about

# Titles of other applications that a report names; whoever leads more has other worries.
MOST_TITLES = 10
_NOT_IN_THE_CALL = (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class ListedPartner:
    """A partner of an application in a list."""

    country: str
    name: str
    is_lead: bool


@dataclass(frozen=True, slots=True)
class ListedApplication:
    """An application in a list: its number in the call, what it had submitted, and with whom."""

    number: int
    submission_id: int
    submission: int
    partners: tuple[ListedPartner, ...]


def newest(session: Session, calls: Collection[int]) -> dict[int, ClosingList]:
    """The last list that was begun of each of these calls, by call."""
    numbers = select(ClosingList.call_id, func.max(ClosingList.number)).group_by(ClosingList.call_id)
    last = select(ClosingList).where(tuple_(ClosingList.call_id, ClosingList.number).in_(numbers))
    return {each.call_id: each for each in session.scalars(last.where(ClosingList.call_id.in_(calls)))}


def counts_for(closing_list: ClosingList | None, call: Call) -> bool:
    """Whether a list is the one of the present closing of its call, and nothing that came in time is missing in it."""
    return closing_list is not None and closing_list.last_second == call.last_second and not closing_list.is_outdated


def list_of(session: Session, call: Call) -> ClosingList | None:
    """The complete list by which the applications of a call are checked; None before it is written."""
    last = newest(session, [call.id]).get(call.id)
    return last if last is not None and counts_for(last, call) and last.completed_at else None


def is_listed(session: Session, closing_list: ClosingList, submission_id: int) -> bool:
    """Whether a submission stands in a list."""
    found = select(Participation.id).where(
        Participation.closing_list_id == closing_list.id, Participation.submission_id == submission_id
    )
    return session.scalar(found.limit(1)) is not None


def entries(session: Session, call_id: int, last_second: datetime, after: int, limit: int) -> list[ListedApplication]:
    """The applications that stood in a call at `last_second`, by number, from the one after `after`.

    Read from the record of events: what was withdrawn or reopened later still stood then. Each with what it had
    submitted last.
    """
    # The last second counts whole.
    too_late = last_second + timedelta(seconds=1)
    last_event = (
        select(func.max(WorkflowEvent.number))
        .where(is_about(WorkflowEvent, SubjectKind.APPLICATION, Application.id), WorkflowEvent.at < too_late)
        .correlate(Application)
        .scalar_subquery()
    )
    last_submission = (
        select(func.max(Submission.number))
        .where(Submission.application_id == Application.id, Submission.received_at < too_late)
        .correlate(Application)
        .scalar_subquery()
    )
    stood = (
        select(Application.number, Submission.id.label("submission_id"), Submission.number.label("submission"))
        .join(Submission, Submission.application_id == Application.id)
        .join(WorkflowEvent, is_about(WorkflowEvent, SubjectKind.APPLICATION, Application.id))
        .where(
            Application.call_id == call_id,
            Application.number > after,
            Submission.number == last_submission,
            WorkflowEvent.number == last_event,
            WorkflowEvent.target.not_in(_NOT_IN_THE_CALL),
        )
        .order_by(Application.number)
        .limit(limit)
        .subquery()
    )
    # A part of each dossier, of those rows alone that are wanted: the whole would be too much.
    partners = type_coerce(Submission.dossier, JSON)["partners"]
    rows = session.execute(
        select(stood, partners.label("partners"))
        .join(Submission, Submission.id == stood.c.submission_id)
        .order_by(stood.c.number)
    )
    return [_listed(row) for row in rows]


def _listed(row: Row[*tuple[Any, ...]]) -> ListedApplication:
    number, submission_id, submission, partners = row
    entered = tuple(
        ListedPartner(each["country"], _name(fold(each["name"])), each["role"] == PartnerRole.LEAD) for each in partners
    )
    return ListedApplication(number, submission_id, submission, entered)


def _name(folded: str) -> str:
    return folded[:NAME_LENGTH]


def line(entry: ListedApplication) -> str:
    """The line of an application in a list, as its fingerprint counts it: number, submission, partners in order."""
    partners = [[each.country, each.name, each.is_lead] for each in entry.partners]
    return json.dumps([entry.number, entry.submission, partners], ensure_ascii=False, separators=(",", ":"))


def fingerprint(before: str, listed: Iterable[ListedApplication]) -> str:
    """The fingerprint of a list to which entries are added: SHA-256 of the one before it and their lines, each ended
    by a line feed. That of a list without entries is empty."""
    for entry in listed:
        before = hashlib.sha256(f"{before}\n{line(entry)}\n".encode()).hexdigest()
    return before


def others_of(session: Session, closing_list: ClosingList, application_id: int, dossier: Dossier) -> OthersAtClosing:
    """What a list says of the other applications to the rules that examine this dossier.

    One query of the index of names, and one more for a partner that others enter under two names, and for the titles
    if the lead partner leads more than this application.
    """
    names = [sorted(map(_name, known_as(partner))) for partner in dossier.partners]
    own = select(Submission.id).where(Submission.application_id == application_id)
    elsewhere = and_(Participation.closing_list_id == closing_list.id, Participation.submission_id.not_in(own))
    rows = session.execute(
        select(Participation.country, Participation.name, *_counts())
        .where(
            elsewhere,
            Participation.country.in_(dossier.countries),
            Participation.name.in_(sorted({name for each in names for name in each})),
        )
        .group_by(Participation.country, Participation.name)
    )
    found = {(row.country, row.name): _Counted(row.taken_part, row.led) for row in rows}

    def counted(country: str, names: Sequence[str]) -> _Counted:
        under = [found[country, name] for name in names if (country, name) in found]
        if len(under) < 2:
            return under[0] if under else _Counted(0, 0)
        # An application that enters both names is one application.
        either = (Participation.country == country, Participation.name.in_(names))
        return _Counted(*session.execute(select(*_counts()).where(elsewhere, *either)).one())

    of_partners = [counted(partner.country, each) for partner, each in zip(dossier.partners, names, strict=True)]
    lead = dossier.partners.index(dossier.lead)
    led = of_partners[lead].led
    return OthersAtClosing(
        led=led,
        titles=_titles(session, elsewhere, dossier.lead.country, names[lead]) if led else (),
        taken_part=tuple(each.taken_part for each in of_partners),
        listed=closing_list.listed,
        fingerprint=closing_list.fingerprint,
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """In how many applications somebody takes part, and how many of them it leads."""

    taken_part: int
    led: int


def _counts() -> tuple[ColumnElement[int], ColumnElement[int]]:
    submission = Participation.submission_id
    led = case((Participation.is_lead, submission))
    return func.count(submission.distinct()).label("taken_part"), func.count(led.distinct()).label("led")


def _titles(session: Session, elsewhere: ColumnElement[bool], country: str, names: Sequence[str]) -> tuple[str, ...]:
    """The titles of the first others that an organisation leads, or the references of those without."""
    title = type_coerce(Submission.dossier, JSON)["title"].as_string()
    leads = select(Participation.submission_id).where(
        elsewhere, Participation.country == country, Participation.name.in_(names), Participation.is_lead
    )
    rows = session.execute(
        select(title, Application.reference)
        .join(Submission.application)
        .where(Submission.id.in_(leads))
        .order_by(Application.number)
        .limit(MOST_TITLES)
    )
    return tuple(title or reference for title, reference in rows)
