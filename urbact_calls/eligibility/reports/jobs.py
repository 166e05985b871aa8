"""Jobs of eligibility reports: one after each submission; after the call has closed the list of its applications and
the official one; and that again without a file that was refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from urbact_calls.applications.models import StepTaken
from urbact_calls.applications.submission.models import Submission
from urbact_calls.database import db
from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import ApplicationState, ReportKind
from urbact_calls.eligibility.closing_lists import commands as closing_lists
from urbact_calls.eligibility.closing_lists.models import ListPart
from urbact_calls.eligibility.closing_lists.reads import list_of
from urbact_calls.eligibility.reports import commands
from urbact_calls.eligibility.reports.reads import report
from urbact_calls.files.commands import follows_refusal
from urbact_calls.files.models import FileArgs
from urbact_calls.files.reads import file_at
from urbact_calls.jobs import Claim, Effect, OfApplication, job

_LEASE = timedelta(seconds=30)
# Half a second of work: what a killed worker had in its hands is not much, and others wait no longer for a lock.
_OFFICIAL_AT_ONCE = 8


@job("eligibility.examine", args=StepTaken, lease=_LEASE, queue="slow")
def examine(claim: Claim[StepTaken]) -> Effect | None:
    """The provisional report on one submission: the office's early warning."""
    submission = report.submission(db.session(), claim.args.reference, claim.args.submission)
    if report.report_on(db.session(), submission.id, ReportKind.PROVISIONAL) is not None:
        return None
    store = _store(submission, ReportKind.PROVISIONAL, submission.dossier, claim.now)
    if submission.application.call.last_second >= claim.now:
        return store
    return partial(_store_late, store=store, submission_id=submission.id)


def _store_late(session: Session, *, store: Effect, submission_id: int) -> None:
    """It may have come in time and have been stored after the list of the closing was written."""
    store(session)
    closing_lists.note_late(session, session.get_one(Submission, submission_id))


@job(closing_lists.KIND, args=ListPart, lease=_LEASE, queue="slow")
def write_list_part(claim: Claim[ListPart]) -> Effect:
    """The next part of the list of all that stood in a call when it closed."""
    return partial(commands.write_list_part, part=claim.args, now=claim.now)


@job(commands.OFFICIAL, args=OfApplication, lease=_LEASE, queue="slow", batch=_OFFICIAL_AT_ONCE)
def official(claims: Sequence[Claim[OfApplication]]) -> list[Effect | None]:
    """The official reports, some at a time, which share their commits."""
    return [_official(claim) for claim in claims]


def _official(claim: Claim[OfApplication]) -> Effect | None:
    """The official report, on the last submitted dossier; one that was made by another list is examined again.

    Nothing to do if the application has left the check, or before the list of the closing is complete: then the
    official checks are announced.
    """
    session = db.session()
    submission = report.last_submission(session, claim.args.reference)
    if submission is None or submission.application.state is not ApplicationState.SUBMITTED:
        return None
    closing_list = list_of(session, submission.application.call)
    if closing_list is None:
        return None
    made = report.report_on(session, submission.id, ReportKind.OFFICIAL)
    if made is None:
        dossier = commands.dossier_at_closing(session, submission, closing_list)
        return _store(submission, ReportKind.OFFICIAL, dossier, claim.now, closing_list.id)
    if made.closing_list_id == closing_list.id:
        return None
    return partial(commands.examine_by_list, application_id=submission.application_id, now=claim.now)


WITHOUT_FILE = "eligibility.without_file"
follows_refusal(WITHOUT_FILE)


@job(WITHOUT_FILE, args=FileArgs, lease=_LEASE, queue="slow")
def examine_without_file(claim: Claim[FileArgs]) -> Effect | None:
    """The official report without a file that was refused after the submission."""
    file = file_at(db.session(), claim.args.storage_key)
    if file is None or file.about.kind is not SubjectKind.APPLICATION:
        return None
    return partial(commands.examine_without_file, application_id=file.about.id, now=claim.now)


def _store(
    submission: Submission, kind: ReportKind, dossier: Dossier, now: datetime, closing_list_id: int | None = None
) -> Effect:
    """Examines a dossier; the effect stores the report."""
    return partial(
        commands.store_report,
        reference=submission.application.reference,
        submission_id=submission.id,
        kind=kind,
        dossier=dossier,
        examination=commands.examine(submission, dossier),
        now=now,
        closing_list_id=closing_list_id,
    )
