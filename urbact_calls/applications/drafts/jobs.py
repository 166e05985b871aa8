"""Reminders of drafts: their lead is told seven days and one day before the call closes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, ClosingMessage
from urbact_calls.calls.models import Call
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.jobs import Job, announce

DAYS_BEFORE = (7, 1)


def announce_closing_soon(session: Session, now: datetime) -> None:
    """Announces the reminders that are due for drafts of open calls, once for each draft, day and closing date.

    Only the last that is due is sent. A draft that was started after a reminder was due does not get that one:
    whoever starts so late has just read the date.
    """
    soon = session.scalars(
        select(Call).where(
            Call.closes_at > now,
            Call.closes_at <= now + timedelta(days=max(DAYS_BEFORE)),
            Call.opens_at <= now,
            Call.published_at <= now,
            Call.is_historical.is_(False),
        )
    ).all()
    for call in soon:
        days = min(days for days in DAYS_BEFORE if call.closes_at - now <= timedelta(days=days))
        _announce(session, call, days, now)


def _announce(session: Session, call: Call, days: int, now: datetime) -> None:
    ending = f":{days}:{call.closes_at:%Y%m%dT%H%M%S}"
    known = exists().where(Job.key == "mail:call.closing_soon:" + Application.reference + ending)
    drafts = session.scalars(
        select(Application).where(
            Application.call_id == call.id,
            Application.state == ApplicationState.DRAFT,
            Application.created_at < call.closes_at - timedelta(days=days),
            ~known,
        )
    ).all()
    for application in drafts:
        announce(
            session,
            kind="mail:call.closing_soon",
            key=f"mail:call.closing_soon:{application.reference}{ending}",
            # Whoever moves the closing date while the reminder waits makes it say nothing: a new one will come.
            args=ClosingMessage(reference=application.reference, closes_at=call.closes_at, not_after=call.closes_at),
            now=now,
            subject=application.subject,
        )
