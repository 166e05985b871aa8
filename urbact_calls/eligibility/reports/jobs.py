"""Jobs of eligibility reports: one after each submission, and the official one after the call has closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.applications.models import StepTaken
from urbact_calls.database import db
from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility import finding
from urbact_calls.domain.vocabulary import ApplicationState, ReportKind
from urbact_calls.eligibility.reports import commands
from urbact_calls.eligibility.reports.reads import report
from urbact_calls.jobs import Claim, Effect, OfApplication, job

_LEASE = timedelta(seconds=30)


@job("eligibility.examine", args=StepTaken, lease=_LEASE, queue="slow")
def examine(claim: Claim[StepTaken]) -> Effect | None:
    """The provisional report on one submission: the office's early warning."""
    reference = claim.args.reference
    submission = report.submission(db.session(), reference, claim.args.submission)
    if report.has_report(db.session(), submission.id, ReportKind.PROVISIONAL):
        return None
    dossier = submission.dossier
    return _keep(claim, submission.id, ReportKind.PROVISIONAL, dossier, commands.examine(submission, dossier))


@job("eligibility.official", args=OfApplication, lease=_LEASE, queue="slow")
def official(claim: Claim[OfApplication]) -> Effect | None:
    """The official report, on the last submitted dossier. Nothing to do if the application has left the check."""
    submission = report.last_submission(db.session(), claim.args.reference)
    if submission is None or submission.application.state is not ApplicationState.SUBMITTED:
        return None
    if not commands.is_due(submission.application.call, claim.now):
        return None
    if report.has_report(db.session(), submission.id, ReportKind.OFFICIAL):
        return None
    dossier = commands.dossier_at_closing(db.session(), submission)
    return _keep(claim, submission.id, ReportKind.OFFICIAL, dossier, commands.examine(submission, dossier))


def _keep(
    claim: Claim[Any], submission_id: int, kind: ReportKind, dossier: Dossier, examination: finding.Report
) -> Effect:
    reference = claim.args.reference

    def store(session: Session) -> None:
        commands.store_report(
            session,
            reference=reference,
            submission_id=submission_id,
            kind=kind,
            dossier=dossier,
            examination=examination,
            now=claim.now,
        )

    return store
