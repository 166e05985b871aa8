"""Reading decisions. What is recorded and not announced is for the Joint Secretariat and the committee only."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from urbact_calls.decisions.models import Decision
from urbact_calls.domain.vocabulary import DecisionOutcome


def announced_decision(session: Session, application_id: int) -> Decision | None:
    """The last decision on an application that was made known, with its meeting."""
    return session.scalar(
        select(Decision)
        .where(Decision.application_id == application_id, Decision.announced_at.is_not(None))
        .order_by(Decision.announced_at.desc(), Decision.id.desc())
        .options(joinedload(Decision.meeting))
        .limit(1)
    )


def announced_outcome(session: Session, application_id: int) -> DecisionOutcome | None:
    """The last outcome that was made known; None while there is none."""
    decision = announced_decision(session, application_id)
    return decision.decided if decision else None


def recorded_outcome(session: Session, application_id: int) -> DecisionOutcome | None:
    """The last outcome that was recorded, made known or not."""
    outcome = session.scalar(
        select(Decision.outcome).where(Decision.application_id == application_id).order_by(Decision.id.desc()).limit(1)
    )
    return DecisionOutcome(outcome) if outcome else None
