"""Commands on eligibility reports: announce the official checks, examine a dossier, store the report."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import JSON, String, and_, case, cast, exists, func, select, type_coerce
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import for_update
from urbact_calls.applications.submission.models import Submission
from urbact_calls.applications.submission.reads.facts import IN_THE_CHECK
from urbact_calls.calls.models import Call
from urbact_calls.domain.dossier import Dossier, OtherApplication
from urbact_calls.domain.eligibility.finding import Report
from urbact_calls.domain.eligibility.rulebook import examine as rulebook_examine
from urbact_calls.domain.network_types import rules_of
from urbact_calls.domain.permissions import SYSTEM, Actor
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.vocabulary import ApplicationState, FindingOutcome, PartnerRole, ReportKind
from urbact_calls.eligibility.reports.models import ReportFinding, StoredReport
from urbact_calls.eligibility.reports.reads import report as reads
from urbact_calls.eligibility.reports.reads.partner_regions import partner_regions, with_confirmed_regions
from urbact_calls.eligibility.reports.reads.refused_files import without_refused_files
from urbact_calls.job_sets import JobForEach, due_for_each
from urbact_calls.jobs import Effect, OfApplication
from urbact_calls.record.commands import field_changed
from urbact_calls.record.models import WorkflowEvent
from urbact_calls.subjects import is_about

# A request that was received in the last second may still wait for a lock; nothing waits longer (`database.py`).
CLOSING_GRACE = timedelta(seconds=10)
EXAMINED_WITH_REGION = message(
    "finding.examined_again", "The region of a partner was corrected, and the rule was examined again."
)
EXAMINED_WITHOUT_FILE = message(
    "finding.examined_again/file", "A file was refused after it was submitted, and the rule was examined again."
)
_NOT_IN_THE_CALL = (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)


def announce_official_checks(session: Session, now: datetime) -> Effect | None:
    """Announces the job of the official report for every submitted application of a closed call that has none yet."""
    is_reported = and_(
        Application.report_kind == ReportKind.OFFICIAL, Application.reported_submission == Application.submission_count
    )
    unreported = and_(Application.state == ApplicationState.SUBMITTED, is_reported.is_not(True))
    closed = session.scalars(
        select(Call).where(
            Call.is_historical.is_(False),
            Call.closes_at < now - CLOSING_GRACE,
            exists().where(Application.call_id == Call.id, unreported),
        )
    )
    closings = {call.id: f"{int(call.closes_at.timestamp())}" for call in closed if is_due(call, now)}
    if not closings:
        return None
    # The closing instant is part of the meaning: a call that is given more time is checked again after it.
    number, closing = cast(Application.submission_count, String), case(closings, value=Application.call_id)
    checks = JobForEach(
        kind="eligibility.official",
        rows=select(Application.id).where(Application.call_id.in_(closings), unreported).order_by(Application.id),
        key="eligibility.official:" + Application.reference + ":submission-" + number + ":" + closing,
        args=OfApplication(reference=""),
        varying={"reference": Application.reference},
        subject=(SubjectKind.APPLICATION, Application.id),
    )
    return due_for_each(session, [checks], now)


def is_due(call: Call, now: datetime) -> bool:
    """Whether nothing that counts for the call can arrive any more, so that the official check may be made."""
    return call.last_second + CLOSING_GRACE < now


def examine(submission: Submission, dossier: Dossier) -> Report:
    """What the rule book says about a dossier under the terms of the submission's call."""
    terms = submission.application.call.terms
    return rulebook_examine(dossier, terms, rules_of(terms))


def dossier_at_closing(session: Session, submission: Submission) -> Dossier:
    """The submitted dossier, with the other applications of the call as they stood when it closed, with the regions
    that officers have confirmed, and without the files that were refused since."""
    application = submission.application
    dossier = replace(submission.dossier, other_applications=_others_at_closing(session, application))
    return _as_known_now(session, application, dossier)


def _as_known_now(session: Session, application: Application, dossier: Dossier) -> Dossier:
    dossier = with_confirmed_regions(dossier, partner_regions(session, application.id), application.call.terms)
    return without_refused_files(session, application, dossier)


def _others_at_closing(session: Session, application: Application) -> tuple[OtherApplication, ...]:
    """Read from the record of events: what was withdrawn or reopened after the closing still stood then."""
    call = application.call
    # The last second counts whole.
    too_late = call.last_second + timedelta(seconds=1)
    last_event = (
        select(func.max(WorkflowEvent.number))
        .where(is_about(WorkflowEvent, SubjectKind.APPLICATION, Application.id), WorkflowEvent.at < too_late)
        .correlate(Application)
        .scalar_subquery()
    )
    last_submission = (
        select(func.max(Submission.number))
        .where(Submission.application_id == Application.id, Submission.received_at < too_late)
        .correlate(Application)
        .scalar_subquery()
    )
    # Two parts of each dossier: of a long call the whole would be too much.
    dossier = type_coerce(Submission.dossier, JSON)
    rows = session.execute(
        select(Application.reference, dossier["title"].as_string(), dossier["partners"])
        .join(Submission, Submission.application_id == Application.id)
        .join(WorkflowEvent, is_about(WorkflowEvent, SubjectKind.APPLICATION, Application.id))
        .where(
            Application.call_id == call.id,
            Application.id != application.id,
            Submission.number == last_submission,
            WorkflowEvent.number == last_event,
            WorkflowEvent.target.not_in(_NOT_IN_THE_CALL),
        )
        .order_by(Application.number)
    ).all()
    return tuple(
        OtherApplication(
            call=call.code,
            title=title or reference,
            lead_name=partner["name"],
            lead_country=partner["country"],
        )
        for reference, title, partners in rows
        for partner in partners
        if partner["role"] == PartnerRole.LEAD
    )


def store_report(  # noqa: PLR0913 -- what a report consists of; all keyword-only
    session: Session,
    *,
    reference: str,
    submission_id: int,
    kind: ReportKind,
    dossier: Dossier,
    examination: Report,
    now: datetime,
) -> None:
    """Stores a report with a finding per rule of the type; nothing if it is stored already.

    What an officer settled on the official report before stays settled where the answer is the same and could
    not be cured: nobody confirms a second time that a city is a city.
    """
    # The lock makes two workers with the same task take turns.
    application = for_update(session, reference)
    terms = application.call.terms
    if reads.has_report(session, submission_id, kind):
        return

    report = StoredReport(
        application_id=application.id,
        submission_id=submission_id,
        kind=kind,
        rulebook_version=examination.rulebook_version,
        verdict=examination.verdict,
        dossier=dossier,
        made_at=now,
    )
    named = set(rules_of(terms))
    settled = _settled_before(session, application.id) if kind is ReportKind.OFFICIAL else {}
    for position, finding in enumerate((f for f in examination.findings if f.code in named), start=1):
        row = ReportFinding(
            position=position,
            code=finding.code,
            title=finding.title,
            outcome=finding.outcome,
            message=finding.message,
            fix=finding.fix,
            source=finding.source,
            is_blocking=finding.blocking,
            is_curable=finding.curable,
        )
        before = settled.get((finding.code, finding.outcome, finding.message))
        if before is not None and not finding.curable:
            row.settled_outcome, row.note = before.settled_outcome, before.note
            row.settled_by, row.settled_at = before.settled_by, before.settled_at
        report.findings.append(row)
    session.add(report)
    session.flush()
    keep_counts(session, application)


def _settled_before(session: Session, application_id: int) -> dict[tuple[str, str, Text], ReportFinding]:
    findings = session.scalars(
        select(ReportFinding)
        .join(ReportFinding.report)
        .where(
            StoredReport.application_id == application_id,
            StoredReport.kind == ReportKind.OFFICIAL,
            ReportFinding.settled_outcome.is_not(None),
        )
        .order_by(StoredReport.id)
    )
    return {(finding.code, finding.outcome, finding.message): finding for finding in findings}


def keep_counts(session: Session, application: Application) -> None:
    """Updates the counts of findings that lists read; called by whatever adds a report or changes a finding, in the
    same transaction and under the lock of the application."""
    report = reads.latest_report(session, application.id)
    if report is None:
        return
    application.report_kind = report.kind
    application.reported_submission = report.submission.number
    application.unmet_findings = sum(reads.is_unmet(finding) for finding in report.findings)
    application.open_findings = sum(reads.is_open(finding) for finding in report.findings)


def examine_without_file(session: Session, *, application_id: int, now: datetime) -> None:
    """Examines the official report of an application in the check again, after one of its files was refused."""
    in_the_check = select(Application).where(Application.id == application_id, Application.state.in_(IN_THE_CHECK))
    application = session.scalar(in_the_check.with_for_update())
    if application is not None:
        examine_again(session, application, SYSTEM, now, why=EXAMINED_WITHOUT_FILE())


def examine_again(session: Session, application: Application, actor: Actor, now: datetime, *, why: Text) -> None:
    """Examines the official report again with what is known now. The submission stays as it was.

    A finding that now comes out differently waits for a person again; what an officer said of it stays on record, with
    `why` it was examined again.
    """
    report = reads.official_report(session, application.id)
    if report is None:
        return
    dossier = _as_known_now(session, application, report.dossier)
    if dossier == report.dossier:
        return

    examination = examine(report.submission, dossier)
    report.dossier, report.verdict = dossier, examination.verdict
    for finding in report.findings:
        answer = examination.finding(finding.code)
        if finding.outcome != answer.outcome and finding.settled_outcome is not None:
            remember_settlement(session, finding, answer.outcome, why.to_json(), actor, now)
            finding.settled_outcome = finding.note = finding.settled_by = finding.settled_at = None
        finding.outcome, finding.message, finding.fix = answer.outcome, answer.message, answer.fix
    keep_counts(session, application)


def remember_settlement(  # noqa: PLR0913 -- who says what of which finding
    session: Session, finding: ReportFinding, outcome: FindingOutcome, note: object, actor: Actor, now: datetime
) -> None:
    """Keeps in the record what is said of a finding from now on, and what an officer said of it before."""
    before = {"outcome": finding.settled_outcome, "note": finding.note} if finding.settled_outcome else None
    field_changed(
        session,
        Subject(SubjectKind.ELIGIBILITY_CHECK, finding.report.application_id),
        f"finding:{finding.code}",
        before=before,
        after={"outcome": outcome.value, "note": note},
        actor=actor,
        now=now,
    )
