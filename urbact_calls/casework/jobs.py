"""Steps of an application's life that the workers take: they follow from what people did elsewhere."""

from __future__ import annotations

from sqlalchemy.orm import Session

import urbact_calls.decisions.queries as decisions
from urbact_calls.applications.queries import by_reference, for_update
from urbact_calls.casework import operations
from urbact_calls.database import db
from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.domain.workflow.application import APPLICATION, DECISION_TRANSITIONS
from urbact_calls.jobs import Claim, Effect, job


@job("casework.close_assessment")
def close_assessment(claim: Claim) -> Effect | None:
    """The consensus sheet is signed: the application is assessed. Nothing to do if that was seen before."""
    reference = claim.args["reference"]
    if by_reference(db.session(), reference).current_state is not ApplicationState.ELIGIBLE:
        return None
    return _step(reference, "close_assessment", claim)


@job("casework.carry_out_decision")
def carry_out_decision(claim: Claim) -> Effect | None:
    """The committee's decision was announced: the application takes the step that it says."""
    application = by_reference(db.session(), claim.args["reference"])
    outcome = decisions.announced_outcome(db.session(), application.id)
    if outcome is None:
        return None
    name = DECISION_TRANSITIONS[outcome]
    if application.current_state not in APPLICATION.by_name[name].sources:
        return None
    return _step(application.reference, name, claim)


def _step(reference: str, name: str, claim: Claim) -> Effect:
    def take(session: Session) -> None:
        operations.apply(session, for_update(session, reference), name, SYSTEM, claim.now)

    return take
