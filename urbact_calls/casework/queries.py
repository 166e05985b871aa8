"""The facts of one case from the features that know them, what an actor is to it, and what is offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import urbact_calls.applications.queries as applications
import urbact_calls.assessment.queries as assessment
import urbact_calls.decisions.queries as decisions
import urbact_calls.eligibility.queries as eligibility
from urbact_calls.applications.models import Application
from urbact_calls.applications.operations import answers_of, partners_of, sections_missing_of
from urbact_calls.assessment.queries import AssessmentFacts
from urbact_calls.audit.models import WorkflowEvent
from urbact_calls.domain.case_facts import CaseFacts
from urbact_calls.domain.eligibility.clarification import clarification_due
from urbact_calls.domain.permissions import Actor, Relation, applicant
from urbact_calls.domain.text import Text
from urbact_calls.domain.vocabulary import ApplicationState, ReportKind
from urbact_calls.domain.workflow.application import APPLICATION
from urbact_calls.domain.workflow.machine import Offer
from urbact_calls.domain.workflow.outlook import INTERNAL
from urbact_calls.eligibility.models import Report
from urbact_calls.eligibility.queries import EligibilityFacts
from urbact_calls.eligibility.regions import unconfirmed

_PROPOSALS = {"propose_eligible": "eligible", "propose_ineligible": "ineligible"}
_ENDS_OF_PROPOSALS = {
    "submit",
    "reopen",
    "ask_clarification",
    "declare_eligible",
    "declare_ineligible",
    "reinstate_eligibility",
}


# Where guards ask for what; a test holds the workflow to it. Elsewhere a fact keeps its default and costs no query.
IN_THE_CHECK = frozenset({ApplicationState.SUBMITTED, ApplicationState.CLARIFICATION})
IN_THE_ASSESSMENT = frozenset({ApplicationState.ELIGIBLE})
BEFORE_THE_COMMITTEE = frozenset({ApplicationState.ASSESSED, ApplicationState.RESERVE, ApplicationState.POSTPONED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a page has read of an application before it asks for the facts; nothing of it is read again."""

    as_applicant: Relation
    events: Sequence[WorkflowEvent]
    sections_missing: tuple[str, ...]


def facts_of(session: Session, application: Application, now: datetime, read: Read | None = None) -> CaseFacts:
    """What guards may read of this application in its state; a constant number of queries."""
    call, state = application.call, application.state
    checked = eligibility.case_facts(session, application.id) if state in IN_THE_CHECK else EligibilityFacts()
    sheets = assessment.case_facts(session, application.id) if state in IN_THE_ASSESSMENT else AssessmentFacts()
    proposal, clarification_asked = (
        _history(read.events if read else _events(session, application)) if state in IN_THE_CHECK else (None, None)
    )
    missing: tuple[str, ...] = ()
    if state is ApplicationState.DRAFT:
        missing = read.sections_missing if read else _sections_missing(session, application)
    is_checked = state is ApplicationState.SUBMITTED
    decided = decisions.announced_outcome(session, application.id) if state in BEFORE_THE_COMMITTEE else None
    terms = call.terms
    return CaseFacts(
        state=state,
        call_is_open=call.takes_applications(now),
        closes_at=call.closes_at,
        received_at=now,
        sections_missing=missing,
        official_report=checked.official_report,
        open_findings=_titles(checked, checked.open_findings),
        unmet_findings=_titles(checked, checked.unmet_findings),
        confirmed_unmet_findings=_titles(checked, checked.confirmed_unmet_findings),
        only_curable_open=checked.only_curable_open,
        regions_unconfirmed=unconfirmed(session, application.id) if is_checked else (),
        clarification_used=clarification_asked is not None,
        clarification_due=clarification_due(clarification_asked.at, terms) if clarification_asked else None,
        sheets_needed=sheets.sheets_needed,
        sheets_in=sheets.sheets_in,
        consensus_signed=sheets.consensus_signed,
        announced_outcome=decided,
        first_declaration_by=proposal.actor_id if proposal else None,
        first_declaration_of=_PROPOSALS[proposal.transition] if proposal else None,
    )


def _titles(checked: EligibilityFacts, codes: Sequence[str]) -> tuple[Text, ...]:
    return tuple(checked.titles[code] for code in codes)


def _sections_missing(session: Session, application: Application) -> tuple[str, ...]:
    return sections_missing_of(application, partners_of(session, application), answers_of(session, application))


def _events(session: Session, application: Application) -> Sequence[WorkflowEvent]:
    return session.scalars(
        select(WorkflowEvent).where(WorkflowEvent.object_ref == application.reference).order_by(WorkflowEvent.number)
    ).all()


def _history(events: Sequence[WorkflowEvent]) -> tuple[WorkflowEvent | None, WorkflowEvent | None]:
    """The proposal of a first officer that still stands, and the event that asked for clarification."""
    proposal = asked = None
    for event in events:
        if event.transition in _PROPOSALS:
            proposal = event
        elif event.transition in _ENDS_OF_PROPOSALS:
            proposal = None
        if event.transition == "ask_clarification":
            asked = event
    return proposal, asked


def relation_to(
    session: Session, actor: Actor, application: Application, as_applicant: Relation | None = None
) -> Relation:
    """All that the actor is to this application: applicant, assessor, chair; a conflict takes rights away.

    `as_applicant` is given where it was read before.
    """
    if as_applicant is None:
        as_applicant = applications.relation_to(session, actor, application)
    on_the_panel = assessment.relation_to(session, actor, application.id)
    return Relation(as_applicant.roles | on_the_panel.roles, on_the_panel.is_conflicted)


def events_known(session: Session, application: Application, actor: Actor, relation: Relation) -> int:
    """How many events of an application this actor may know of: it tells one moment of its life from another.

    What the office notes for itself is not counted for applicants; a number would tell them of it.
    """
    events = select(func.count()).where(WorkflowEvent.object_ref == application.reference)
    if applicant(actor, relation):
        events = events.where(WorkflowEvent.transition.not_in(INTERNAL))
    return session.scalar(events) or 0


def offers(
    session: Session, application: Application, actor: Actor, now: datetime, read: Read | None = None
) -> tuple[Offer, ...]:
    """The transitions that this actor may know of now, with what closes them."""
    return APPLICATION.offers(
        application.state,
        facts_of(session, application, now, read),
        actor,
        relation_to(session, actor, application, read.as_applicant if read else None),
        now,
    )


def shown_report(session: Session, application: Application, *, is_applicant: bool) -> Report | None:
    """The report this reader may see, if the application counts: an applicant sees the official one once eligibility
    is declared, and the provisional one before."""
    if application.state in (ApplicationState.DRAFT, ApplicationState.WITHDRAWN):
        return None
    if not is_applicant or application.eligibility_declared_at is not None:
        return eligibility.latest_report(session, application.id)
    return eligibility.latest_report(session, application.id, ReportKind.PROVISIONAL)
