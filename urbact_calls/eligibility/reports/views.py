"""Eligibility report on the page of an application, and the links from a refusal to the place where it is mended."""

from __future__ import annotations

from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.applications.submission import views as submission
from urbact_calls.applications.submission.views import Place
from urbact_calls.applications.views import ShownReport
from urbact_calls.domain.eligibility.finding import Finding
from urbact_calls.eligibility.reports.reads.report import report_for

submission.PLACES.update(
    {
        "eligibility.findings_open": Place("eligibility.show", "findings-head", "Go to the findings"),
        "eligibility.nothing_unmet": Place("eligibility.show", "findings-head", "Go to the findings"),
        "eligibility.regions_unconfirmed": Place("eligibility.show", "regions", "Go to the regions"),
    }
)


def _shown(session: Session, application: Application, is_applicant: bool) -> ShownReport | None:
    report = report_for(session, application, is_applicant=is_applicant)
    if report is None:
        return None
    return ShownReport(
        findings=tuple(
            Finding(
                code=finding.code,
                title=finding.title,
                outcome=finding.current_outcome,
                message=finding.message,
                source=finding.source,
                fix=finding.fix,
            )
            for finding in report.findings
        ),
        version=f"rule book {report.rulebook_version}",
        made_at=report.made_at,
        note="" if report.kind == "official" else "The official check comes after the call has closed.",
        title=report.kind.label,
    )


submission.REPORTS.append(_shown)
