"""Facts of one application for its guards, contributed by the features that know them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, SubmittedFile
from urbact_calls.applications.reads import applications
from urbact_calls.applications.reads.dossier import answers_of, partners_of, sections_missing_of
from urbact_calls.applications.submission.models import Submission
from urbact_calls.database import existing
from urbact_calls.domain.eligibility.clarification import clarification_due
from urbact_calls.domain.permissions import Actor, Relation
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.domain.workflow.application import CLARIFICATION_ROUND, CaseFacts
from urbact_calls.record.models import WorkflowEvent
from urbact_calls.workflow.lives import act_of, events_of


def latest_submission(session: Session, application: Application) -> Submission | None:
    """The last submission, whether or not it was reopened since."""
    return session.scalar(
        select(Submission)
        .where(Submission.application_id == application.id)
        .order_by(Submission.number.desc())
        .limit(1)
    )


def submission_of(session: Session, application: Application, number: int) -> Submission:
    """One submission by its number. Raises NotFound."""
    query = select(Submission).where(Submission.application_id == application.id, Submission.number == number)
    return existing(session, query, f"submission {number} of {application.reference}")


def files_of(session: Session, submission: Submission) -> Sequence[SubmittedFile]:
    """The files that belonged to a submission, in the order of its partners."""
    query = select(SubmittedFile).where(SubmittedFile.submission_id == submission.id)
    return session.scalars(query.order_by(SubmittedFile.partner, SubmittedFile.kind)).all()


def file_of(session: Session, submission: Submission, file_id: int) -> SubmittedFile:
    """One file of a submission. Raises NotFound."""
    query = select(SubmittedFile).where(SubmittedFile.submission_id == submission.id, SubmittedFile.id == file_id)
    return existing(session, query, f"file {file_id} of submission {submission.number}")


Read = Callable[[Session, Application], Mapping[str, object]]
Relate = Callable[[Session, Actor, Application], Relation]

IN_THE_CHECK = frozenset({ApplicationState.SUBMITTED, ApplicationState.CLARIFICATION})


@dataclass(frozen=True, slots=True)
class Contribution:
    """Some fields of `CaseFacts` with the function that reads them, in the states in which it is asked."""

    names: tuple[str, ...]
    states: frozenset[ApplicationState]
    read: Read


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What somebody has read of an application before asking for the facts; nothing of it is read again."""

    events: Sequence[WorkflowEvent] | None = None
    sections_missing: tuple[str, ...] | None = None


NOTHING_KNOWN = Known()
CONTRIBUTIONS: list[Contribution] = []
RELATIONS: list[Relate] = []

_OWN = (
    *("state", "call_is_open", "closes_at", "received_at", "sections_missing"),
    *("clarifications_asked", "cure_rounds", "clarification_due", "first_declaration_by", "first_declaration_of"),
)
"""What an application knows of itself: its call, its form, and what has happened to it."""


def contributes(*names: str, states: Collection[ApplicationState]) -> Callable[[Read], Read]:
    """Makes a function the one that reads these fields of `CaseFacts`, in these states."""

    def register(read: Read) -> Read:
        CONTRIBUTIONS.append(Contribution(names, frozenset(states), read))
        return read

    return register


def relates(relate: Relate) -> Relate:
    """Adds a function that says what an actor is to an application beside being its applicant."""
    RELATIONS.append(relate)
    return relate


def check() -> None:
    """Raises ValueError for a fact that nobody contributes, that two features contribute, or that does not exist."""
    given = [*_OWN, *(name for each in CONTRIBUTIONS for name in each.names)]
    wanted = {field.name for field in fields(CaseFacts)}
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        raise ValueError(f"two features contribute to CaseFacts: {', '.join(twice)}")
    if wrong := sorted(wanted ^ set(given)):
        raise ValueError(
            f"CaseFacts and what features contribute (submission/reads/facts.py) differ in: {', '.join(wrong)}"
        )


def facts_of(session: Session, application: Application, now: datetime, known: Known = NOTHING_KNOWN) -> CaseFacts:
    """What guards may read of this application in its state; a constant number of queries."""
    call, state = application.call, application.state
    found: dict[str, object] = {}
    for each in CONTRIBUTIONS:
        if state in each.states:
            found |= each.read(session, application)
    if state is ApplicationState.DRAFT:
        missing = known.sections_missing
        found["sections_missing"] = _sections_missing(session, application) if missing is None else missing
    if state in IN_THE_CHECK:
        events = known.events
        found |= _history(application, events_of(session, application.subject) if events is None else events)
    facts = {"call_is_open": call.takes_applications(now), "closes_at": call.closes_at, "received_at": now}
    return CaseFacts(state=state, **facts, **found)  # type: ignore[arg-type]  # `check` has compared the names


def _sections_missing(session: Session, application: Application) -> tuple[str, ...]:
    return sections_missing_of(application, partners_of(session, application), answers_of(session, application))


def _history(application: Application, events: Sequence[WorkflowEvent]) -> Mapping[str, object]:
    """The proposal of a first officer that still stands, and until when an answer to the question counts."""
    proposal = None
    asked: list[WorkflowEvent] = []
    for event in events:
        act = act_of(event)
        if act.proposes:
            proposal = event
        elif act.ends_proposals:
            proposal = None
        if act.uses_up == CLARIFICATION_ROUND:
            asked.append(event)
    terms = application.call.terms
    return {
        "clarifications_asked": len(asked),
        "cure_rounds": terms.cure_rounds,
        "clarification_due": clarification_due(asked[-1].at, terms) if asked else None,
        "first_declaration_by": proposal.actor_id if proposal else None,
        "first_declaration_of": act_of(proposal).proposes if proposal else None,
    }


def relation_to(
    session: Session, actor: Actor, application: Application, as_applicant: Relation | None = None
) -> Relation:
    """All that the actor is to this application: applicant, assessor, chair; a conflict takes rights away, and so does
    taking part in another application of its call.

    `as_applicant` is given where it was read before.
    """
    found = as_applicant or applications.relation_to(session, actor, application)
    for relate in RELATIONS:
        more = relate(session, actor, application)
        found = Relation(found.roles | more.roles, found.is_conflicted or more.is_conflicted)
    return replace(found, competes=application.call_id in actor.interests.calls)
