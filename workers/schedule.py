"""Schedule of the workers: what only a date starts."""

from __future__ import annotations

from urbact_calls.accounts.commands.attempts import forget_attempts
from urbact_calls.accounts.commands.sessions import forget_sessions
from urbact_calls.applications.documents.jobs import forget_documents
from urbact_calls.applications.drafts.jobs import announce_changes, announce_closing_soon
from urbact_calls.applications.submission.jobs import announce_lapsed_clarifications
from urbact_calls.assessment.sheets.jobs import announce_sheets_due
from urbact_calls.calls.subscriptions.jobs import announce_openings, forget_subscriptions
from urbact_calls.eligibility.reports.commands import announce_official_checks
from urbact_calls.experts.jobs import announce_expiring, end_validations
from urbact_calls.job_sets import Periodic

PERIODIC: tuple[Periodic, ...] = (
    announce_official_checks,
    announce_lapsed_clarifications,
    announce_openings,
    announce_closing_soon,
    announce_changes,
    announce_sheets_due,
    announce_expiring,
    end_validations,
    forget_subscriptions,
    forget_documents,
    forget_sessions,
    forget_attempts,
)
"""What the clock looks for: acts that only a date starts. Each announces jobs by key, so that doing it twice is
harmless."""
