"""Scheduled work on subscriptions to calls: announce that a call has opened, delete old addresses."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from urbact_calls.calls.models import Call, OpeningMessage
from urbact_calls.calls.subscriptions.models import CallSubscription
from urbact_calls.calls.subscriptions.reads import LINK_LASTS
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.job_sets import JobForEach, due_for_each, forget
from urbact_calls.jobs import Effect

FORGOTTEN_AFTER = timedelta(days=7)
"""So long after a call has opened its list is kept: the message has gone, the addresses have served their purpose."""


def announce_openings(session: Session, now: datetime) -> Effect | None:
    """Announces the calls that have opened to their subscribers, once for each call and opening date."""
    has_list = exists().where(CallSubscription.call_id == Call.id, CallSubscription.confirmed_at.is_not(None))
    opened = session.scalars(
        select(Call).where(Call.opens_at <= now, Call.closes_at >= now, Call.published_at <= now, has_list)
    )
    return due_for_each(session, [_message(call) for call in opened], now)


def _message(call: Call) -> JobForEach:
    return JobForEach(
        kind="mail:call.opens",
        rows=select(Call.id).where(Call.id == call.id),
        key="mail:call.opens:" + Call.code + f":{call.opens_at:%Y%m%dT%H%M}",
        args=OpeningMessage(call="", opens_at=call.opens_at),
        varying={"call": Call.code},
        subject=(SubjectKind.CALL, Call.id),
    )


def forget_subscriptions(session: Session, now: datetime) -> Effect | None:
    """Deletes addresses that nobody confirmed in time, and the lists of calls that have been open for a while."""
    over = select(Call.id).where(Call.opens_at < now - FORGOTTEN_AFTER)
    never_confirmed = CallSubscription.confirmed_at.is_(None) & (CallSubscription.asked_at < now - LINK_LASTS)
    return forget(session, never_confirmed | CallSubscription.call_id.in_(over), CallSubscription)
