"""Reminders of sheets that are due, seven days and one day before: a late sheet holds up the panel."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.assessment.models import Allocation, IndividualSheet, SheetMessage
from urbact_calls.domain.vocabulary import ApplicationState, IndividualSheetState
from urbact_calls.domain.words import PARIS
from urbact_calls.jobs import Job, announce

DAYS_BEFORE = (7, 1)
HOUR = time(8)


def announce_sheets_due(session: Session, now: datetime) -> None:
    """Announces the reminders that are due for open sheets, once for each allocation, day and due date.

    Only the last that is due is sent. Whoever got the application after a reminder was due does not get that one:
    the message about the allocation has just named the day.
    """
    today = now.astimezone(PARIS).date()
    open_sheets = session.execute(
        select(Allocation, Application.reference)
        .join(Allocation.application)
        .join(Allocation.sheet)
        .where(
            Allocation.released_at.is_(None),
            Allocation.due_on >= today,
            Allocation.due_on <= today + timedelta(days=max(DAYS_BEFORE)),
            IndividualSheet.state == IndividualSheetState.OPEN,
            Application.state == ApplicationState.ELIGIBLE,
        )
    ).all()
    due = {}
    for allocation, reference in open_sheets:
        due_on = allocation.due_on
        days = min((days for days in DAYS_BEFORE if _moment(due_on, days) <= now), default=None)
        if days is not None and allocation.allocated_at < _moment(due_on, days):
            due[f"mail:sheet.due:{reference}:{allocation.user_id}:{days}:{due_on:%Y%m%d}"] = (allocation, reference)
    known = set(session.scalars(select(Job.key).where(Job.key.in_(due)))) if due else set()
    for key in sorted(due.keys() - known):
        allocation, reference = due[key]
        # On the day itself it still helps; the day after, the Joint Secretariat has seen what is missing.
        over = datetime.combine(allocation.due_on + timedelta(days=1), time(), PARIS)
        announce(
            session,
            kind="mail:sheet.due",
            key=key,
            args=SheetMessage(reference=reference, user=allocation.user_id, due_on=allocation.due_on, not_after=over),
            now=now,
            subject=allocation.subject,
        )


def _moment(due_on: date, days: int) -> datetime:
    return datetime.combine(due_on - timedelta(days=days), HOUR, PARIS)
