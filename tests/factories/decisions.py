"""Meetings and recorded decisions, on applications that were assessed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.decisions.announcements import commands as announcements_commands
from urbact_calls.decisions.announcements import reads as announcements
from urbact_calls.decisions.meetings import commands as meetings
from urbact_calls.decisions.meetings.models import Meeting
from urbact_calls.decisions.outcomes import commands as outcomes_commands
from urbact_calls.decisions.outcomes import reads as outcomes
from urbact_calls.decisions.outcomes.commands import CommitteeDecision
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import DecisionOutcome

REASONS = "The committee follows the panel."


def meeting(code: str, actor: Actor, now: datetime, reference: str = "MC-2026-01") -> int:
    """A meeting held on the day of `now`, on a call with a sealed ranking; its id."""
    meetings.open_meeting(
        code, reference=reference, held_on=now.date(), is_written_procedure=False, actor=actor, now=now
    )
    return db.session.scalars(select(Meeting.id).where(Meeting.reference == reference)).one()


def verdict(outcome: DecisionOutcome = DecisionOutcome.APPROVED, reasons: str = REASONS) -> CommitteeDecision:
    if outcome is DecisionOutcome.APPROVED_WITH_CONDITIONS:
        return CommitteeDecision(
            outcome=outcome, reasons=reasons, conditions="Name a second contact.", conditions_due_on=date(2027, 1, 31)
        )
    return CommitteeDecision(outcome=outcome, reasons=reasons)


def recorded(
    reference: str,
    meeting_id: int,
    actor: Actor,
    now: datetime,
    outcome: DecisionOutcome = DecisionOutcome.APPROVED,
    reasons: str = REASONS,
) -> None:
    from tests.factories.applications import row

    seen = outcomes.decision_token(outcomes.unannounced_decision(db.session(), row(reference).id))
    outcomes_commands.record_decision(
        reference, verdict(outcome, reasons), meeting_id=meeting_id, seen=seen, actor=actor, now=now
    )


def announced(code: str, actor: Actor, now: datetime) -> int:
    """All that waits in a call is announced, by somebody who has read it; how many. Workers still take the steps."""
    call_id = db.session.scalars(select(Call.id).where(Call.code == code)).one()
    seen = announcements.waiting(db.session(), call_id).fingerprint
    db.session.rollback()
    return announcements_commands.announce_decisions(code, seen=seen, actor=actor, now=now)
