"""Reading reports: what casework decides on, and what the office sees."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, selectinload

from urbact_calls.applications.models import Submission
from urbact_calls.domain.vocabulary import FindingOutcome, ReportKind
from urbact_calls.eligibility.models import Report, ReportFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityFacts:
    """What the official report of the last submission says now; the tuples hold rule codes in reading order.

    `open_findings` wait for a person, `unmet_findings` are blocking and not met, `confirmed_unmet_findings` are
    those of them that a person has confirmed. `only_curable_open`: something waits, and the call lets all of it
    be cured.
    """

    official_report: bool = False
    open_findings: tuple[str, ...] = ()
    unmet_findings: tuple[str, ...] = ()
    confirmed_unmet_findings: tuple[str, ...] = ()
    only_curable_open: bool = False


def case_facts(session: Session, application_id: int) -> EligibilityFacts:
    """The facts of one application, in one query."""
    newest = select(func.max(Submission.number)).where(Submission.application_id == application_id).scalar_subquery()
    findings = session.scalars(
        select(ReportFinding)
        .join(ReportFinding.report)
        .join(Report.submission)
        .where(
            Report.application_id == application_id,
            Report.kind == ReportKind.OFFICIAL,
            Submission.number == newest,
        )
        .order_by(Report.id, ReportFinding.position)
    ).all()
    # A later version of the rule book makes a report of its own; the last one counts.
    current = [finding for finding in findings if finding.report_id == findings[-1].report_id]
    waiting = [finding for finding in current if is_open(finding) or is_unmet(finding)]
    return EligibilityFacts(
        official_report=bool(current),
        open_findings=tuple(finding.code for finding in current if is_open(finding)),
        unmet_findings=tuple(finding.code for finding in current if is_unmet(finding)),
        confirmed_unmet_findings=tuple(
            finding.code for finding in current if is_unmet(finding) and finding.settled_outcome is not None
        ),
        only_curable_open=bool(waiting) and all(finding.is_curable for finding in waiting),
    )


def is_open(finding: ReportFinding) -> bool:
    """Whether the finding waits for a person."""
    return finding.current_outcome is FindingOutcome.TO_BE_CHECKED


def is_unmet(finding: ReportFinding) -> bool:
    """Whether the finding, as it stands now, keeps the application out."""
    return finding.is_blocking and finding.current_outcome is FindingOutcome.NOT_MET


def latest_report(session: Session, application_id: int, kind: ReportKind | None = None) -> Report | None:
    """The report that counts, with its findings: of the last submission that has one, the official before the
    provisional, unless `kind` asks for one of the two."""
    query: Select[tuple[Report]] = (
        select(Report)
        .join(Report.submission)
        .where(Report.application_id == application_id)
        .order_by(
            Submission.number.desc(),
            case((Report.kind == ReportKind.OFFICIAL, 0), else_=1),
            Report.id.desc(),
        )
        .options(selectinload(Report.findings))
        .limit(1)
    )
    if kind is not None:
        query = query.where(Report.kind == kind)
    return session.scalar(query)
