"""The list of those who wait for a call to open: who gets on it, what the clock sends, and when it is forgotten."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from urbact_calls.calls.models import Call, CallSubscription, OpeningMessage
from urbact_calls.calls.queries import LINK_LASTS
from urbact_calls.jobs import announce

FORGOTTEN_AFTER = timedelta(days=7)
"""So long after a call has opened its list is kept: the message has gone, the addresses have served their purpose."""


def subscription_for(session: Session, call: Call, address: str, now: datetime) -> CallSubscription:
    """The subscription of an address to a call, made if there is none. A link that is over gets a new key."""
    known = session.scalar(
        select(CallSubscription).where(CallSubscription.call_id == call.id, CallSubscription.address == address)
    )
    if known is not None and (known.confirmed_at is not None or known.asked_at + LINK_LASTS >= now):
        return known
    if known is not None:
        known.key, known.asked_at = secrets.token_urlsafe(32), now
        return known
    added = CallSubscription(call_id=call.id, address=address, key=secrets.token_urlsafe(32), asked_at=now)
    session.add(added)
    session.flush()
    return added


def announce_openings(session: Session, now: datetime) -> None:
    """Tells the lists of the calls that have opened, once for each call and opening date."""
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
