"""Reminders of sheets that are due, seven days and one day before: a late sheet holds up the panel."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, String, cast, select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.assessment.models import Allocation, IndividualSheet, SheetMessage
from urbact_calls.domain.vocabulary import ApplicationState, IndividualSheetState
from urbact_calls.domain.words import PARIS
from urbact_calls.job_sets import JobForEach, due_for_each
from urbact_calls.jobs import Effect

DAYS_BEFORE = (7, 1)
HOUR = time(8)


def announce_sheets_due(session: Session, now: datetime) -> Effect | None:
    """Announces the reminders that are due for open sheets, once for each allocation, day and due date.

    Only the last that is due is sent. Whoever got the application after a reminder was due does not get that one:
    the message about the allocation has just named the day.
    """
    today = now.astimezone(PARIS).date()
    dates = session.scalars(
        _open_sheets(Allocation.due_on)
        .where(Allocation.due_on >= today, Allocation.due_on <= today + timedelta(days=max(DAYS_BEFORE)))
        .distinct()
        .order_by(Allocation.due_on)
    )
    return due_for_each(session, [each for due_on in dates if (each := _reminders(due_on, now))], now)


def _open_sheets(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Allocation)
        .join(Allocation.application)
        .join(Allocation.sheet)
        .where(
            Allocation.released_at.is_(None),
            IndividualSheet.state == IndividualSheetState.OPEN,
            Application.state == ApplicationState.ELIGIBLE,
        )
    )


def _reminders(due_on: date, now: datetime) -> JobForEach | None:
    """The last reminders before a date that are due; None if none is yet."""
    days = min((days for days in DAYS_BEFORE if _moment(due_on, days) <= now), default=None)
    if days is None:
        return None
    ones = _open_sheets(Allocation.id).where(
        Allocation.due_on == due_on, Allocation.allocated_at < _moment(due_on, days)
    )
    expert = cast(Allocation.user_id, String)
    return JobForEach(
        kind="mail:sheet.due",
        rows=ones.order_by(Allocation.id),
        key="mail:sheet.due:" + Application.reference + ":" + expert + f":{days}:{due_on:%Y%m%d}",
        # On the day itself it still helps; the day after, the Joint Secretariat has seen what is missing.
        args=SheetMessage(
            reference="", user=0, due_on=due_on, not_after=datetime.combine(due_on + timedelta(days=1), time(), PARIS)
        ),
        varying={"reference": Application.reference, "user": Allocation.user_id},
        subject=(Allocation.SUBJECT, Allocation.id),
    )


def _moment(due_on: date, days: int) -> datetime:
    return datetime.combine(due_on - timedelta(days=days), HOUR, PARIS)
