"""Jobs of eligibility reports: one after each submission, the official one after the call has closed, and that again
without a file that was refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from urbact_calls.applications.models import StepTaken
from urbact_calls.applications.submission.models import Submission
from urbact_calls.database import db
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import ApplicationState, ReportKind
from urbact_calls.eligibility.reports import commands
from urbact_calls.eligibility.reports.reads import report
from urbact_calls.files.commands import follows_refusal
from urbact_calls.files.models import FileArgs
from urbact_calls.files.reads import file_at
from urbact_calls.jobs import Claim, Effect, OfApplication, job

_LEASE = timedelta(seconds=30)


@job("eligibility.examine", args=StepTaken, lease=_LEASE, queue="slow")
def examine(claim: Claim[StepTaken]) -> Effect | None:
    """The provisional report on one submission: the office's early warning."""
    submission = report.submission(db.session(), claim.args.reference, claim.args.submission)
    return _report_on(submission, ReportKind.PROVISIONAL, claim.now)


@job("eligibility.official", args=OfApplication, lease=_LEASE, queue="slow")
def official(claim: Claim[OfApplication]) -> Effect | None:
    """The official report, on the last submitted dossier. Nothing to do if the application has left the check."""
    submission = report.last_submission(db.session(), claim.args.reference)
    if submission is None or submission.application.state is not ApplicationState.SUBMITTED:
        return None
    if not commands.is_due(submission.application.call, claim.now):
        return None
    return _report_on(submission, ReportKind.OFFICIAL, claim.now)


WITHOUT_FILE = "eligibility.without_file"
follows_refusal(WITHOUT_FILE)


@job(WITHOUT_FILE, args=FileArgs, lease=_LEASE, queue="slow")
def examine_without_file(claim: Claim[FileArgs]) -> Effect | None:
    """The official report without a file that was refused after the submission."""
    file = file_at(db.session(), claim.args.storage_key)
    if file is None or file.about.kind is not SubjectKind.APPLICATION:
        return None
    return partial(commands.examine_without_file, application_id=file.about.id, now=claim.now)


def _report_on(submission: Submission, kind: ReportKind, now: datetime) -> Effect | None:
    """Examines the submission, and stores the report; nothing if that was done before."""
    if report.has_report(db.session(), submission.id, kind):
        return None
    is_official = kind is ReportKind.OFFICIAL
    dossier = commands.dossier_at_closing(db.session(), submission) if is_official else submission.dossier
    return partial(
        commands.store_report,
        reference=submission.application.reference,
        submission_id=submission.id,
        kind=kind,
        dossier=dossier,
        examination=commands.examine(submission, dossier),
        now=now,
    )
