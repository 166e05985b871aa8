"""Scheduled work on subscriptions to calls: announce that a call has opened, delete old addresses."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from urbact_calls.calls.models import Call, OpeningMessage
from urbact_calls.calls.subscriptions.models import CallSubscription
from urbact_calls.calls.subscriptions.reads import LINK_LASTS
from urbact_calls.jobs import announce

FORGOTTEN_AFTER = timedelta(days=7)
"""So long after a call has opened its list is kept: the message has gone, the addresses have served their purpose."""


def announce_openings(session: Session, now: datetime) -> None:
    """Announces the calls that have opened to their subscribers, once for each call and opening date."""
    has_list = exists().where(CallSubscription.call_id == Call.id, CallSubscription.confirmed_at.is_not(None))
    opened = session.scalars(
        select(Call).where(Call.opens_at <= now, Call.closes_at >= now, Call.published_at <= now, has_list)
    ).all()
    for call in opened:
        announce(
            session,
            kind="mail:call.opens",
            key=f"mail:call.opens:{call.code}:{call.opens_at:%Y%m%dT%H%M}",
            args=OpeningMessage(call=call.code, opens_at=call.opens_at),
            now=now,
            subject=call.subject,
        )


def forget_subscriptions(session: Session, now: datetime) -> None:
    """Deletes addresses that nobody confirmed in time, and the lists of calls that have been open for a while."""
    over = select(Call.id).where(Call.opens_at < now - FORGOTTEN_AFTER)
    never_confirmed = CallSubscription.confirmed_at.is_(None) & (CallSubscription.asked_at < now - LINK_LASTS)
    old = or_(never_confirmed, CallSubscription.call_id.in_(over))
    # Asked every few seconds: what is nearly always nothing must not take the write lock of the table.
    if session.scalar(select(CallSubscription.id).where(old).limit(1)) is not None:
        session.execute(delete(CallSubscription).where(old))
