"""What the eligibility check shows on the page of an application: its report, and where reasons can be mended."""

from __future__ import annotations

from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.casework import case_page
from urbact_calls.casework.case_page import Place, ShownFinding, ShownReport
from urbact_calls.eligibility.queries import report_for

case_page.PLACES.update(
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
            ShownFinding(
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


case_page.REPORTS.append(_shown)
