"""Jobs that take transitions of applications: a clarification lapses when its time to answer has passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import by_reference
from urbact_calls.applications.submission.commands import step_of_a_worker
from urbact_calls.applications.submission.reads.facts import facts_of
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.domain.workflow.application import LET_CLARIFICATION_LAPSE
from urbact_calls.jobs import Claim, Effect, OfApplication, announce, job


@dataclass(frozen=True, kw_only=True)
class EndOfAnswer(OfApplication):
    """The arguments of the end of a time to answer; it says nothing when the day was moved meanwhile."""

    due: datetime


def announce_lapsed_clarifications(session: Session, now: datetime) -> None:
    """Asks to go on with every application whose time to answer has passed."""
    asked = select(Application).where(Application.state == ApplicationState.CLARIFICATION).order_by(Application.id)
    for application in session.scalars(asked.options(joinedload(Application.call))).all():
        due = facts_of(session, application, now).clarification_due
        if due is not None and now > due:
            announce(
                session,
                kind="applications.lapse_clarification",
                key=f"applications.lapse_clarification:{application.reference}:{due:%Y%m%dT%H%M%S}",
                args=EndOfAnswer(reference=application.reference, due=due),
                now=now,
                subject=application.subject,
            )


@job("applications.lapse_clarification", args=EndOfAnswer)
def lapse_clarification(claim: Claim[EndOfAnswer]) -> Effect | None:
    """Nobody answered in time: the check goes on with what there is. Nothing to do if the answer came after all, or
    if the day was moved meanwhile: another job comes with the new one."""
    application = by_reference(db.session(), claim.args.reference)
    due = facts_of(db.session(), application, claim.now).clarification_due
    if due != claim.args.due:
        return None
    return step_of_a_worker(application, LET_CLARIFICATION_LAPSE, claim.now)
