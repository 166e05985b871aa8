"""Subscriptions by the key of a link, and those confirmed for a call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from urbact_calls.calls.models import Call
from urbact_calls.calls.subscriptions.models import CallSubscription
from urbact_calls.domain.refusal import NotFound

LINK_LASTS = timedelta(days=3)


def subscription_by_key(session: Session, key: str, now: datetime) -> CallSubscription:
    """The subscription of a link in a message. Raises NotFound for one that is not known, or too old to confirm."""
    found = session.scalar(
        select(CallSubscription).options(joinedload(CallSubscription.call)).where(CallSubscription.key == key)
    )
    if found is None or (found.confirmed_at is None and found.asked_at + LINK_LASTS < now):
        raise NotFound("subscription")
    return found


def subscribers(session: Session, code: str) -> Sequence[CallSubscription]:
    """The confirmed subscriptions to a call, the oldest first."""
    return session.scalars(
        select(CallSubscription)
        .join(CallSubscription.call)
        .where(Call.code == code, CallSubscription.confirmed_at.is_not(None))
        .order_by(CallSubscription.id)
    ).all()
