"""Command on decisions: record what the committee decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import by_reference, for_update
from urbact_calls.assessment.ranking.reads import has_place, sealed
from urbact_calls.calls.models import Call
from urbact_calls.calls.reads import for_update as calls_for_update
from urbact_calls.database import transaction
from urbact_calls.decisions.meetings.models import Meeting
from urbact_calls.decisions.outcomes import reads
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refusal, Refused, Stale
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import ApplicationState, DecisionOutcome
from urbact_calls.domain.words import PARIS
from urbact_calls.record.commands import field_changed

DECISION_STALE = message("decision.stale", "A colleague has recorded a decision since you opened the page.")
MEETING = message("decision.meeting", "Choose a meeting of this call.")
NOT_RANKED = message("decision.not_ranked", "The application is not in the sealed ranking.")
STATE = message("decision.state", "The application is “{state}”; nothing is to be decided.")
MEETING_AHEAD = message("decision.meeting_ahead", "The meeting is on {held_on}.")
WAITING = message("decision.waiting", "A decision of the meeting {reference} waits to be announced.")
ANNOUNCED = message("decision.announced", "The decision of this meeting was announced; it stays.")
BEING_ANNOUNCED = message("decision.being_announced", "The decision is being announced; it stays.")
REASONS = message("decision.reasons", "Give the reasons; the applicant reads them.")
CONDITIONS = message("decision.conditions", "Write down the conditions.")
DUE = message("decision.due", "Say by when the conditions must be met.")
NO_CONDITIONS = message("decision.no_conditions", "Conditions belong to “Approved with conditions” only.")
NO_NETWORK_LEFT = message(
    "decision.networks_max",
    "The call founds at most {count} networks, and so many are approved. Put this one on the reserve list, or correct "
    "another decision first.",
    one="The call founds at most {count} network, and one is approved. Put this one on the reserve list, or correct "
    "the other decision first.",
)

DECIDABLE = (ApplicationState.ASSESSED, ApplicationState.RESERVE, ApplicationState.POSTPONED)


def record_decision(  # noqa: PLR0913 -- what a record consists of; all but the first two are keyword-only
    reference: str, verdict: CommitteeDecision, *, meeting_id: int, seen: str, actor: Actor, now: datetime
) -> None:
    """Records the decision of a meeting on one application; before it is announced it can be corrected.

    `seen` is `reads.decision_token` of the decision as the officer saw it. Raises Stale if a colleague has recorded one
    since, Refused with what is not right.
    """
    with transaction() as session:
        # Two officers record under the lock of the call, so that together they do not approve more than it founds.
        call = calls_for_update(session, by_reference(session, reference).call.code)
        application = for_update(session, reference)
        meeting = session.get(Meeting, meeting_id)
        if meeting is None or meeting.call_id != application.call_id:
            raise Refused(Refusal(MEETING(), field="meeting"))
        unannounced = reads.unannounced_decision(session, application.id)
        _may_be_recorded(session, application, meeting, unannounced, now)
        _is_whole(verdict)
        _fits_the_call(session, call, application, verdict)
        if seen != reads.decision_token(unannounced):
            raise Stale(DECISION_STALE())

        before, after = unannounced.outcome if unannounced else None, verdict.outcome.value
        decision = unannounced or Decision(application_id=application.id, meeting_id=meeting.id)
        decision.outcome, decision.reasons = verdict.outcome, verdict.reasons
        decision.conditions, decision.conditions_due_on = verdict.conditions, verdict.conditions_due_on
        decision.recorded_at, decision.recorded_by = now, actor.user_id
        session.add(decision)
        session.flush()
        field = f"meeting:{meeting.reference}"
        field_changed(session, decision.subject, field, before=before, after=after, actor=actor, now=now)


def _may_be_recorded(
    session: Session, application: Application, meeting: Meeting, unannounced: Decision | None, now: datetime
) -> None:
    ranking = sealed(session, application.call_id)
    if ranking is None or not has_place(session, ranking, application.id):
        raise Refused(Refusal(NOT_RANKED()))
    state = application.state
    if state not in DECIDABLE:
        raise Refused(Refusal(STATE(state=state.text)))
    if meeting.held_on > now.astimezone(PARIS).date():
        raise Refused(Refusal(MEETING_AHEAD(held_on=meeting.held_on), field="meeting"))
    if unannounced is not None and unannounced.meeting_id != meeting.id:
        raise Refused(Refusal(WAITING(reference=unannounced.meeting.reference), field="meeting"))
    if reads.is_being_announced(session, application.id):
        raise Refused(Refusal(BEING_ANNOUNCED()))
    decided_here = select(Decision.id).where(
        Decision.application_id == application.id,
        Decision.meeting_id == meeting.id,
        Decision.announced_at.is_not(None),
    )
    if session.scalar(decided_here) is not None:
        raise Refused(Refusal(ANNOUNCED(), field="meeting"))


def _is_whole(verdict: CommitteeDecision) -> None:
    """Raises Refused with everything that an applicant would miss in the letter."""
    refusals = []
    if not verdict.reasons:
        refusals.append(Refusal(REASONS(), field="reasons"))
    if verdict.outcome is DecisionOutcome.APPROVED_WITH_CONDITIONS:
        if not verdict.conditions:
            refusals.append(Refusal(CONDITIONS(), field="conditions"))
        if verdict.conditions_due_on is None:
            refusals.append(Refusal(DUE(), field="conditions_due_on"))
    elif verdict.conditions or verdict.conditions_due_on:
        refusals.append(Refusal(NO_CONDITIONS(), "conditions"))
    if refusals:
        raise Refused(*refusals)


def _fits_the_call(session: Session, call: Call, application: Application, verdict: CommitteeDecision) -> None:
    """Raises Refused for an approval beyond the networks that the call founds."""
    most = call.terms.networks_max
    if most is None or verdict.outcome not in reads.APPROVALS:
        return
    if reads.networks_approved(session, call.id, besides=application.id) >= most:
        raise Refused(Refusal(NO_NETWORK_LEFT(count=most), field="outcome"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteeDecision:
    """What the committee decided on one application."""

    outcome: DecisionOutcome
    reasons: str
    conditions: str = ""
    conditions_due_on: date | None = None
