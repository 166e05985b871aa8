"""Commands of programs: to hold a token, and to start an application from a dossier."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, update

from urbact_calls.accounts.queries import by_email
from urbact_calls.api import operations
from urbact_calls.api.models import ApiToken
from urbact_calls.api.operations import Started
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound, Refusal, Refused
from urbact_calls.exchange import Exchanged

LIFETIME = timedelta(days=90)
USE_IS_NOTED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token as its owner gets to see it, once."""

    number: int
    text: str
    expires_at: datetime


def create_token(email: str, now: datetime) -> NewToken:
    """Makes a token with the rights of an account. Raises Refused for an address without an open account."""
    with transaction() as session:
        user = by_email(session, email)
        if user is None or user.disabled_at is not None or user.confirmed_at is None:
            raise Refused(Refusal("token.no_account", f"{email} has no open and confirmed account.", "email"))
        text = f"urbact_{secrets.token_urlsafe(32)}"
        token = ApiToken(user_id=user.id, sha256=hash_of(text), created_at=now, expires_at=now + LIFETIME)
        session.add(token)
        session.flush()
        return NewToken(token.id, text, token.expires_at)


def revoke_token(number: int, now: datetime) -> None:
    """Ends a token; one that has ended stays as it is. Raises NotFound."""
    with transaction() as session:
        token = session.get(ApiToken, number)
        if token is None:
            raise NotFound(f"token {number}")
        token.revoked_at = token.revoked_at or now


def note_use(number: int, now: datetime) -> None:
    """Keeps when a token was used. Not for each request: reading must not queue for the lock of a writer."""
    with transaction() as session:
        session.execute(
            update(ApiToken)
            .where(
                ApiToken.id == number,
                or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= now - USE_IS_NOTED_EVERY),
            )
            .values(last_used_at=now)
            .execution_options(synchronize_session=False)
        )


def start_from_dossier(exchanged: Exchanged, actor: Actor, now: datetime) -> Started:
    """Starts a draft in an open call and fills it from a dossier.

    Raises Refused when the call takes no applications or the actor does not work for the lead partner, ExchangeFault
    for what a form would not take.
    """
    with transaction() as session:
        return operations.start_from_dossier(session, exchanged, actor, now)


def hash_of(text: str) -> str:
    """What is stored of a token. It is long and random, so it needs no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()
