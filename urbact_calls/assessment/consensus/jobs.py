"""Jobs of the consensus: compare the sheets once all are locked, and keep where they diverge."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from urbact_calls.applications.reads.applications import by_reference, for_update
from urbact_calls.applications.submission.commands import step_of_a_worker
from urbact_calls.assessment import reads
from urbact_calls.assessment.models import StoredDivergence
from urbact_calls.assessment.sheets import commands
from urbact_calls.database import db
from urbact_calls.domain.scoring import alerts, divergence
from urbact_calls.domain.vocabulary import IndividualSheetState
from urbact_calls.domain.workflow.application import CLOSE_ASSESSMENT
from urbact_calls.jobs import Claim, Effect, OfApplication, job


@job("assessment.compare", args=OfApplication)
def compare(claim: Claim[OfApplication]) -> Effect | None:
    """Writes the agenda of the consensus meeting: where the locked sheets differ. Nothing while one is open."""
    session, reference = db.session(), claim.args.reference
    application = by_reference(session, reference)
    allocations = reads.active_allocations(session, application.id)
    if any(each.sheet.state != IndividualSheetState.SUBMITTED for each in allocations):
        return None
    sheets = [commands.points_of(each.sheet.points) for each in allocations]
    grid, terms = commands.grid_of(application), application.call.terms
    found = [(each.criterion, each.lowest, each.highest) for each in divergence(sheets, grid)]
    if alerts(sheets, grid, alert_points=terms.divergence_alert):
        totals = [grid.total(sheet) for sheet in sheets]
        found.append(("", min(totals), max(totals)))
    application_id = application.id

    def write(session: Session) -> None:
        for_update(session, reference)
        session.execute(delete(StoredDivergence).where(StoredDivergence.application_id == application_id))
        session.add_all(
            StoredDivergence(application_id=application_id, criterion=criterion, lowest=lowest, highest=highest)
            for criterion, lowest, highest in found
        )

    return write


@job("assessment.close", args=OfApplication)
def close_assessment(claim: Claim[OfApplication]) -> Effect | None:
    """The consensus sheet is signed: the application is assessed. Nothing to do if that was seen before."""
    return step_of_a_worker(by_reference(db.session(), claim.args.reference), CLOSE_ASSESSMENT, claim.now)
