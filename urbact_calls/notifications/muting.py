"""What a person has switched off: reminders, which help and oblige to nothing. All other messages always come.

Each reminder carries a link that switches it off without signing in, as mail programs offer it with one click
(RFC 8058). The link is signed, names one person and one kind of message, and can do nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.notifications.models import MutedEmail
from urbact_calls.notifications.rendering import Recipient, address_of


@dataclass(frozen=True, slots=True)
class Switch:
    """What a link switches off: one kind of message for one person."""

    user_id: int
    key: str


def who_muted(session: Session, key: str) -> frozenset[int]:
    """The people who do not want this kind of message."""
    return frozenset(session.scalars(select(MutedEmail.user_id).where(MutedEmail.email_key == key)))


def with_switch(recipient: Recipient, key: str) -> Recipient:
    """The recipient with the link that switches this kind of message off."""
    if recipient.user_id is None:
        return recipient
    token = token_of(recipient.user_id, key)
    return replace(recipient, leave_href=address_of("notifications.switch_off", token=token))


def token_of(user_id: int, key: str) -> str:
    """What stands in a link that switches one kind of message off for one person."""
    return str(_signer().dumps([user_id, key]))


def read(token: str) -> Switch | None:
    """What a link switches off; None if this site did not write it."""
    try:
        user_id, key = _signer().loads(token)
    except BadData:
        return None
    return Switch(user_id, key)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="notifications.switch_off")
