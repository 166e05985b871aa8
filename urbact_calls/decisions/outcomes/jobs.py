"""Job of a decision: take the transition that an announced decision says."""

from __future__ import annotations

from urbact_calls.applications.reads.applications import by_reference
from urbact_calls.applications.submission.commands import step_of_a_worker
from urbact_calls.database import db
from urbact_calls.decisions.outcomes.reads import announced_outcome
from urbact_calls.domain.workflow.application import DECISION_TRANSITIONS
from urbact_calls.jobs import Claim, Effect, OfApplication, job


@job("decisions.carry_out", args=OfApplication)
def carry_out(claim: Claim[OfApplication]) -> Effect | None:
    """The committee's decision was announced: the application takes the step that it says."""
    application = by_reference(db.session(), claim.args.reference)
    outcome = announced_outcome(db.session(), application.id)
    return step_of_a_worker(application, DECISION_TRANSITIONS[outcome], claim.now) if outcome else None
