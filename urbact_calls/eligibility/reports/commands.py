"""Commands on eligibility reports: announce the official checks, examine a dossier, store the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import String, and_, cast, exists, insert, or_, select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import for_update
from urbact_calls.applications.submission.models import Submission
from urbact_calls.applications.submission.reads.facts import IN_THE_CHECK
from urbact_calls.calls.models import Call
from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.finding import Finding, Report
from urbact_calls.domain.eligibility.rulebook import examine as rulebook_examine
from urbact_calls.domain.network_types import rules_of
from urbact_calls.domain.permissions import SYSTEM, Actor
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.vocabulary import ApplicationState, FindingOutcome, JobState, ReportKind
from urbact_calls.eligibility.closing_lists import commands as closing_lists
from urbact_calls.eligibility.closing_lists.models import ClosingList, ListPart
from urbact_calls.eligibility.closing_lists.reads import counts_for, list_of, others_of
from urbact_calls.eligibility.closing_lists.reads import newest as newest_lists
from urbact_calls.eligibility.reports.models import ReportFinding, StoredReport
from urbact_calls.eligibility.reports.reads import report as reads
from urbact_calls.eligibility.reports.reads.partner_regions import known_regions, with_confirmed_regions
from urbact_calls.eligibility.reports.reads.refused_files import without_refused_files
from urbact_calls.job_sets import JobForEach, announce_each, due_for_each
from urbact_calls.jobs import Effect, Job, OfApplication
from urbact_calls.record.commands import field_changed

OFFICIAL = "eligibility.official"
EXAMINED_WITH_REGION = message(
    "finding.examined_again", "The region of a partner was corrected, and the rule was examined again."
)
EXAMINED_BY_LIST = message(
    "finding.examined_again/list",
    "The list of the applications of the call has changed, and the rule was examined again.",
)
EXAMINED_WITHOUT_FILE = message(
    "finding.examined_again/file", "A file was refused after it was submitted, and the rule was examined again."
)


def announce_official_checks(session: Session, now: datetime) -> Effect | None:
    """What announces the jobs that the official check of closed calls needs: the list of the closing, and once it is
    complete the report of every submitted application that has none by it.

    Of a call whose dates were moved after its check, both once more.
    """
    unreported = and_(Application.state == ApplicationState.SUBMITTED, _IS_REPORTED.is_not(True))
    waiting = session.scalars(
        select(Call)
        .where(
            Call.is_historical.is_(False),
            Call.closes_at < now - closing_lists.STILL_STORING,
            or_(
                exists().where(Application.call_id == Call.id, unreported),
                exists().where(ClosingList.call_id == Call.id),
            ),
        )
        .order_by(Call.id)
    ).all()
    newest = newest_lists(session, [call.id for call in waiting])
    counting = {call.id: last for call in waiting if counts_for(last := newest.get(call.id), call)}
    effects = [
        closing_lists.due_list(session, call, newest.get(call.id), now) for call in waiting if call.id not in counting
    ]
    complete = [last.id for last in counting.values() if last is not None and last.completed_at is not None]
    if complete:
        effects.append(due_for_each(session, [_checks_by(complete)], now))
    due = [effect for effect in effects if effect is not None]
    return partial(_each, effects=due) if due else None


def _each(session: Session, *, effects: Sequence[Effect]) -> None:
    for effect in effects:
        effect(session)


_IS_REPORTED = and_(
    Application.report_kind == ReportKind.OFFICIAL, Application.reported_submission == Application.submission_count
)


def _checks_by(lists: Sequence[int]) -> JobForEach:
    """The official check of each submitted application that was not made by the list of its call, one of these.

    One that waits makes it by the list of then, whichever was the newest when it was announced. Thousands wait, and the
    clock asks every few seconds: which they are is read once, where to look for each in an index takes three times as
    long.
    """
    waiting = select(Job.subject_id).where(
        Job.kind == OFFICIAL,
        Job.state == JobState.READY,
        Job.subject_kind == SubjectKind.APPLICATION,
        Job.subject_id.is_not(None),
    )
    # A report of before there were lists holds its own, of the closing that it was made after.
    before_lists = exists().where(
        StoredReport.application_id == Application.id,
        StoredReport.kind == ReportKind.OFFICIAL,
        StoredReport.closing_list_id.is_(None),
        StoredReport.made_at > ClosingList.last_second,
    )
    by_the_list = or_(
        Application.id.in_(select(StoredReport.application_id).where(StoredReport.closing_list_id.in_(lists))),
        before_lists,
    )
    unchecked = (
        select(Application.id)
        .join(ClosingList, ClosingList.call_id == Application.call_id)
        .where(
            ClosingList.id.in_(lists),
            Application.state == ApplicationState.SUBMITTED,
            Application.id.not_in(waiting),
            or_(_IS_REPORTED.is_not(True), ~by_the_list),
        )
        .order_by(Application.id)
    )
    # The list is part of the meaning: a call that is given more time is checked again after it.
    number, of_list = cast(Application.submission_count, String), cast(ClosingList.number, String)
    return JobForEach(
        kind=OFFICIAL,
        rows=unchecked,
        key=f"{OFFICIAL}:" + Application.reference + ":submission-" + number + ":list-" + of_list,
        args=OfApplication(reference=""),
        varying={"reference": Application.reference},
        subject=(SubjectKind.APPLICATION, Application.id),
    )


def write_list_part(session: Session, *, part: ListPart, now: datetime) -> None:
    """Writes the next part of a closing list; with the last one the official checks are announced."""
    call = closing_lists.write_part(session, part, now)
    closing_list = list_of(session, call) if call else None
    if closing_list is not None:
        announce_each(session, _checks_by([closing_list.id]), now)


def examine(submission: Submission, dossier: Dossier) -> Report:
    """What the rule book says about a dossier under the terms of the submission's call."""
    terms = submission.application.call.terms
    return rulebook_examine(dossier, terms, rules_of(terms))


def dossier_at_closing(session: Session, submission: Submission, closing_list: ClosingList) -> Dossier:
    """The submitted dossier, with what the list says of the other applications of the call, with the regions that
    officers have confirmed, and without the files that were refused since."""
    return _as_known_now(session, submission.application, submission.dossier, closing_list)


def _as_known_now(
    session: Session, application: Application, dossier: Dossier, closing_list: ClosingList | None
) -> Dossier:
    """Without a list the dossier keeps what it says of the other applications."""
    if closing_list is not None:
        others = others_of(session, closing_list, application.id, dossier)
        dossier = replace(dossier, other_applications=None, others_at_closing=others)
    dossier = with_confirmed_regions(dossier, known_regions(session, application.id), application.call.terms)
    return without_refused_files(session, application, dossier)


def store_report(  # noqa: PLR0913 -- what a report consists of; all keyword-only
    session: Session,
    *,
    reference: str,
    submission_id: int,
    kind: ReportKind,
    dossier: Dossier,
    examination: Report,
    now: datetime,
    closing_list_id: int | None = None,
) -> None:
    """Stores a report with a finding per rule of the type; nothing if it is stored already.

    What an officer settled on the official report before stays settled where the answer is the same and could
    not be cured: nobody confirms a second time that a city is a city.
    """
    # The lock makes two workers with the same task take turns.
    application = for_update(session, reference)
    terms = application.call.terms
    if reads.report_on(session, submission_id, kind) is not None:
        return

    report = StoredReport(
        application_id=application.id,
        submission_id=submission_id,
        kind=kind,
        rulebook_version=examination.rulebook_version,
        verdict=examination.verdict,
        dossier=dossier,
        made_at=now,
        closing_list_id=closing_list_id,
    )
    session.add(report)
    session.flush()
    settled = _settled_before(session, application.id) if kind is ReportKind.OFFICIAL else {}
    named = set(rules_of(terms))
    found = (finding for finding in examination.findings if finding.code in named)
    rows = [{"report_id": report.id, "position": at, **_row(each, settled)} for at, each in enumerate(found, start=1)]
    if rows:
        session.execute(insert(ReportFinding), rows)
    number = session.scalars(select(Submission.number).where(Submission.id == submission_id)).one()
    if _counts_from_now_on(application, number, kind):
        _count(application, number, kind, [ReportFinding(**row) for row in rows])


def _row(finding: Finding, settled: Mapping[tuple[str, str, Text], ReportFinding]) -> dict[str, Any]:
    """A finding as it is stored, with what an officer has settled before."""
    before = settled.get((finding.code, finding.outcome, finding.message))
    is_settled = before is not None and not finding.curable
    return {
        "code": finding.code,
        "title": finding.title,
        "outcome": finding.outcome,
        "message": finding.message,
        "fix": finding.fix,
        "source": finding.source,
        "is_blocking": finding.blocking,
        "is_curable": finding.curable,
        **{name: getattr(before, name) if is_settled else None for name in _SETTLED},
    }


_SETTLED = ("settled_outcome", "note", "settled_by", "settled_at")


def _counts_from_now_on(application: Application, number: int, kind: ReportKind) -> bool:
    """Whether a report that is stored now is the one that counts: of the last submission that has one, the official
    before the provisional (`reads.latest_report`)."""
    known = (application.reported_submission or 0, application.report_kind is ReportKind.OFFICIAL)
    return known <= (number, kind is ReportKind.OFFICIAL)


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
    """Updates the counts of findings that lists read; called by whatever changes a finding, in the same transaction and
    under the lock of the application."""
    report = reads.latest_report(session, application.id)
    if report is None:
        return
    _count(application, report.submission.number, report.kind, report.findings)


def _count(application: Application, number: int, kind: ReportKind, findings: Sequence[ReportFinding]) -> None:
    application.report_kind, application.reported_submission = kind, number
    application.unmet_findings = sum(reads.is_unmet(finding) for finding in findings)
    application.open_findings = sum(reads.is_open(finding) for finding in findings)


def examine_by_list(session: Session, *, application_id: int, now: datetime) -> None:
    """Examines the official report of an application in the check again, by the list of the present closing."""
    _in_the_check_again(session, application_id, now, EXAMINED_BY_LIST())


def examine_without_file(session: Session, *, application_id: int, now: datetime) -> None:
    """Examines the official report of an application in the check again, after one of its files was refused."""
    _in_the_check_again(session, application_id, now, EXAMINED_WITHOUT_FILE())


def _in_the_check_again(session: Session, application_id: int, now: datetime, why: Text) -> None:
    in_the_check = select(Application).where(Application.id == application_id, Application.state.in_(IN_THE_CHECK))
    application = session.scalar(in_the_check.with_for_update())
    if application is not None:
        examine_again(session, application, SYSTEM, now, why=why)


def examine_again(session: Session, application: Application, actor: Actor, now: datetime, *, why: Text) -> None:
    """Examines the official report again with what is known now. The submission stays as it was.

    A finding that now comes out differently waits for a person again; what an officer said of it stays on record, with
    `why` it was examined again.
    """
    report = reads.official_report(session, application.id)
    if report is None:
        return
    closing_list = list_of(session, application.call)
    dossier = _as_known_now(session, application, report.dossier, closing_list)
    if closing_list is not None:
        report.closing_list_id = closing_list.id
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
