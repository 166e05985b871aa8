"""What lists keep of the reports, beside what the reports themselves say."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from urbact_calls.applications.models import Application
from urbact_calls.applications.submission.models import Submission
from urbact_calls.database import db
from urbact_calls.eligibility.reports.models import StoredReport

Standing = tuple[str | None, int | None, int | None, int | None]
"""Kind of the report that counts, number of its submission, findings that keep out, findings that wait."""


def kept() -> Mapping[str, Standing]:
    """What stands beside each application, by reference."""
    db.session.rollback()
    rows = db.session.scalars(select(Application)).all()
    return {
        row.reference: (row.report_kind, row.reported_submission, row.unmet_findings, row.open_findings) for row in rows
    }


def counted() -> Mapping[str, Standing]:
    """The same from the reports and their findings, one by one."""
    db.session.rollback()
    found: dict[str, Standing] = {}
    for reference in db.session.scalars(select(Application.reference).order_by(Application.number)):
        reports = db.session.scalars(
            select(StoredReport).join(StoredReport.application).where(Application.reference == reference)
        )
        best = max(reports, key=lambda each: (_number(each), each.kind == "official", each.id), default=None)
        if best is None:
            found[reference] = (None, None, None, None)
            continue
        now = [(finding.settled_outcome or finding.outcome, finding.is_blocking) for finding in best.findings]
        unmet = sum(outcome == "not_met" and is_blocking for outcome, is_blocking in now)
        waiting = sum(outcome == "to_be_checked" for outcome, _ in now)
        found[reference] = (best.kind, _number(best), unmet, waiting)
    return found


def _number(report: StoredReport) -> int:
    number = db.session.scalar(select(Submission.number).where(Submission.id == report.submission_id))
    assert number is not None
    return number
