"""Steps of an application's life that the workers take: they follow from what people did elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

import urbact_calls.decisions.queries as decisions
from urbact_calls.applications.models import Application
from urbact_calls.applications.queries import by_reference, for_update
from urbact_calls.casework import operations
from urbact_calls.casework.queries import facts_of
from urbact_calls.database import db
from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.domain.workflow.application import APPLICATION, DECISION_TRANSITIONS
from urbact_calls.jobs import Claim, Effect, OfApplication, announce, job


@dataclass(frozen=True, kw_only=True)
class EndOfAnswer(OfApplication):
    """The arguments of the end of a time to answer; it says nothing when the day was moved meanwhile."""

    due: datetime


@job("casework.close_assessment", args=OfApplication)
def close_assessment(claim: Claim[OfApplication]) -> Effect | None:
    """The consensus sheet is signed: the application is assessed. Nothing to do if that was seen before."""
    reference = claim.args.reference
    if by_reference(db.session(), reference).state is not ApplicationState.ELIGIBLE:
        return None
    return _step(reference, "close_assessment", claim.now)


@job("casework.carry_out_decision", args=OfApplication)
def carry_out_decision(claim: Claim[OfApplication]) -> Effect | None:
    """The committee's decision was announced: the application takes the step that it says."""
    application = by_reference(db.session(), claim.args.reference)
    outcome = decisions.announced_outcome(db.session(), application.id)
    if outcome is None:
        return None
    name = DECISION_TRANSITIONS[outcome]
    if application.state not in APPLICATION.by_name[name].sources:
        return None
    return _step(application.reference, name, claim.now)


def _step(reference: str, name: str, now: datetime) -> Effect:
    def take(session: Session) -> None:
        operations.apply(session, for_update(session, reference), name, SYSTEM, now)

    return take


def announce_lapsed_clarifications(session: Session, now: datetime) -> None:
    """Asks to go on with every application whose time to answer has passed."""
    asked = select(Application).where(Application.state == ApplicationState.CLARIFICATION).order_by(Application.id)
    for application in session.scalars(asked.options(joinedload(Application.call))).all():
        due = facts_of(session, application, now).clarification_due
        if due is not None and now > due:
            announce(
                session,
                kind="casework.lapse_clarification",
                key=f"casework.lapse_clarification:{application.reference}:{due:%Y%m%dT%H%M%S}",
                args=EndOfAnswer(reference=application.reference, due=due),
                now=now,
                object_ref=application.reference,
            )


@job("casework.lapse_clarification", args=EndOfAnswer)
def lapse_clarification(claim: Claim[EndOfAnswer]) -> Effect | None:
    """Nobody answered in time: the check goes on with what there is. Nothing to do if the answer came after all, or
    if the day was moved meanwhile: another job comes with the new one."""
    application = by_reference(db.session(), claim.args.reference)
    if application.state is not ApplicationState.CLARIFICATION:
        return None
    due = facts_of(db.session(), application, claim.now).clarification_due
    if due != claim.args.due:
        return None
    return _step(application.reference, "clarification_lapsed", claim.now)
