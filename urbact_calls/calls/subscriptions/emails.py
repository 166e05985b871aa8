"""E-mails to those who subscribed to a call: confirm your address, the call is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.calls.models import OpeningMessage, SubscriptionMessage
from urbact_calls.calls.publication.reads.call_facts import after_closing
from urbact_calls.calls.reads import by_code
from urbact_calls.calls.subscriptions.models import CallSubscription
from urbact_calls.calls.subscriptions.reads import LINK_LASTS, subscribers
from urbact_calls.messages.emails import address_of, register
from urbact_calls.messages.models import Email, Recipient


def _to_address(session: Session, args: SubscriptionMessage) -> Sequence[Recipient]:
    found = session.get(CallSubscription, args.subscription)
    return [] if found is None else [_recipient(found)]


def _to_subscribers(session: Session, args: OpeningMessage) -> Sequence[Recipient]:
    """Nobody, if the call moved its opening date while the message waited."""
    if by_code(session, args.call).opens_at != args.opens_at:
        return []
    return [_recipient(each) for each in subscribers(session, args.call)]


def _recipient(subscription: CallSubscription) -> Recipient:
    return Recipient(subscription.address, leave_href=address_of("calls.leave", key=subscription.key))


def _asked(session: Session, args: SubscriptionMessage, recipient: Recipient) -> dict[str, Any]:
    found = session.get_one(CallSubscription, args.subscription)
    return {"call": found.call, "key": found.key, "until": found.asked_at + LINK_LASTS}


def _opened(session: Session, args: OpeningMessage, recipient: Recipient) -> dict[str, Any]:
    call = by_code(session, args.call)
    return {"call": call, "late": after_closing(call.terms)}


# Its text holds the link that confirms: whoever reads the log later must not use it.
register(
    Email(
        key="call.subscription",
        name="Confirm a place on the list of a call",
        args=SubscriptionMessage,
        to=_to_address,
        context=_asked,
        is_secret=True,
        recipients="The address that was typed",
        moment="When an address is put on the list of an upcoming call",
        limit="Once an hour, for each address and call",
    )
)
register(
    Email(
        key="call.opens",
        name="A call has opened",
        args=OpeningMessage,
        to=_to_subscribers,
        context=_opened,
        is_for_a_list=True,
        recipients="The addresses that confirmed",
        moment="When the call opens",
        limit="Once for each call and opening date",
    )
)
