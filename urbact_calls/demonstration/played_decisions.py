"""Decisions on the made-up applications: ranking, meetings, records and their announcement."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from urbact_calls.assessment.ranking.commands import seal_ranking
from urbact_calls.assessment.ranking.reads import sealed
from urbact_calls.database import db
from urbact_calls.decisions.announcements.commands import announce_decisions
from urbact_calls.decisions.announcements.reads import waiting
from urbact_calls.decisions.meetings.commands import open_meeting
from urbact_calls.decisions.meetings.models import Meeting
from urbact_calls.decisions.outcomes.commands import CommitteeDecision, record_decision
from urbact_calls.decisions.outcomes.reads import decision_token, unannounced_decision
from urbact_calls.demonstration.played_applications import (
    DECIDED,
    Fate,
    PlayedApplication,
    played,
)
from urbact_calls.demonstration.played_instants import (
    application_of,
    call_of,
    day_of,
    officers_at,
    work_off,
)
from urbact_calls.demonstration.prose import Writer, ways
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import (
    ApplicationState,
    DecisionOutcome,
)
from urbact_calls.domain.words import PARIS

OUTCOMES = {
    Fate.APPROVED: DecisionOutcome.APPROVED,
    Fate.WITH_CONDITIONS: DecisionOutcome.APPROVED_WITH_CONDITIONS,
    Fate.RESERVE: DecisionOutcome.RESERVE,
    Fate.NOT_APPROVED: DecisionOutcome.NOT_APPROVED,
    Fate.POSTPONED: DecisionOutcome.POSTPONED,
}


def decide() -> None:
    """The ranking is sealed, a meeting decides, an officer records and another one announces; what is postponed waits
    for a second meeting."""
    call, days = call_of(DECIDED), DECIDED.closes
    sealed_at = day_of(DECIDED, days + 62)
    first, second = officers_at(sealed_at)
    if sealed(db.session(), call.id) is None:
        seal_ranking(call.code, first, sealed_at)
    held = day_of(DECIDED, days + 70)
    meeting = _meeting(call.code, "MC-DEMO-1", held, first)
    for each in played():
        if each.call is DECIDED and each.fate in OUTCOMES:
            _record(each, meeting, first, held + timedelta(hours=6))
    announced_at = held + timedelta(days=2)
    seen = waiting(db.session(), call.id)
    if seen.count:
        db.session.rollback()
        announce_decisions(call.code, seen=seen.fingerprint, actor=second, now=announced_at)
    work_off(announced_at + timedelta(minutes=1))
    _meeting(call.code, "MC-DEMO-2", day_of(DECIDED, 12), first)


def _meeting(code: str, reference: str, held: datetime, officer: Actor) -> int:
    known = select(Meeting.id).where(Meeting.reference == reference)
    if db.session.scalar(known) is None:
        db.session.rollback()
        open_meeting(
            code,
            reference=reference,
            held_on=held.astimezone(PARIS).date(),
            is_written_procedure=False,
            actor=officer,
            now=min(held, day_of(None, 0)),
        )
    return db.session.scalars(known).one()


def _record(each: PlayedApplication, meeting: int, officer: Actor, now: datetime) -> None:
    application = application_of(each)
    if application is None or application.state is not ApplicationState.ASSESSED:
        return
    db.session.rollback()
    known = unannounced_decision(db.session(), application.id)
    if known is not None:
        return
    outcome = OUTCOMES[each.fate]
    conditions = outcome is DecisionOutcome.APPROVED_WITH_CONDITIONS
    reasons = {
        DecisionOutcome.RESERVE: ways("committee_reserve"),
        DecisionOutcome.NOT_APPROVED: ways("committee_refusal"),
        DecisionOutcome.POSTPONED: ways("committee_postponed"),
    }
    verdict = CommitteeDecision(
        outcome=outcome,
        reasons=reasons.get(outcome) or Writer(each.acronym).one_of("committee_reasons"),
        conditions="Name a second contact, and send the agreement of the region with the plan." if conditions else "",
        conditions_due_on=day_of(DECIDED, 25).date() if conditions else None,
    )
    record_decision(
        application.reference, verdict, meeting_id=meeting, seen=decision_token(None), actor=officer, now=now
    )
