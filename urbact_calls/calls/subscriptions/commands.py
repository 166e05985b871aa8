"""Commands on subscriptions to a call: subscribe, confirm, leave."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from urbact_calls.calls.models import Call, SubscriptionMessage
from urbact_calls.calls.reads import for_update
from urbact_calls.calls.subscriptions.models import CallSubscription
from urbact_calls.calls.subscriptions.reads import LINK_LASTS, subscription_by_key
from urbact_calls.database import transaction
from urbact_calls.domain.refusal import NotFound, Refusal, Refused
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import CallPhase
from urbact_calls.jobs import announce


def subscribe(code: str, address: str, now: datetime) -> None:
    """Asks an address to confirm that it wants to hear when a call opens.

    The same is written whether or not the address is on the list, so nobody learns who is. Raises NotFound for a
    call that is not public, Refused for one that is not upcoming.
    """
    with transaction() as session:
        call = for_update(session, code)
        if call.phase(now) is CallPhase.UNPUBLISHED:
            raise NotFound(f"call {code}")
        if call.phase(now) is not CallPhase.UPCOMING:
            raise Refused(Refusal(NOT_UPCOMING(), "email"))
        subscription = subscription_step(session, call, address, now)
        # One message an hour, whoever asks: no mailbox is filled, and nobody is kept from a link, which stays the same.
        announce(
            session,
            kind="mail:call.subscription",
            key=f"mail:call.subscription:{subscription.id}:{int(subscription.asked_at.timestamp())}:{now:%Y%m%dT%H}",
            args=SubscriptionMessage(subscription=subscription.id),
            now=now,
            subject=call.subject,
        )


def confirm_subscription(key: str, now: datetime) -> str:
    """Puts an address on the list; gives the code of the call. Raises NotFound for a link that is over."""
    with transaction() as session:
        subscription = subscription_by_key(session, key, now)
        if subscription.confirmed_at is None:
            subscription.confirmed_at = now
        return subscription.call.code


def leave(key: str) -> None:
    """Takes an address off the list, and forgets it. A key that is not known changes nothing."""
    with transaction() as session:
        session.execute(delete(CallSubscription).where(CallSubscription.key == key))


def subscription_step(session: Session, call: Call, address: str, now: datetime) -> CallSubscription:
    """The subscription of an address to a call, made if there is none. A link that is over gets a new key."""
    known = session.scalar(
        select(CallSubscription).where(CallSubscription.call_id == call.id, CallSubscription.address == address)
    )
    found = known or CallSubscription(call_id=call.id, address=address)
    if known is None or (known.confirmed_at is None and known.asked_at + LINK_LASTS < now):
        found.key, found.asked_at = secrets.token_urlsafe(32), now
        session.add(found)
        session.flush()
    return found


NOT_UPCOMING = message("call.not_upcoming", "This call has opened: there is nothing to wait for.")
