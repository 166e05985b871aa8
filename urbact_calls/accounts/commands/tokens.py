"""Commands on tokens, with which programs act for a person: make, revoke, note the use."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from urbact_calls.accounts import reads
from urbact_calls.accounts.models import ApiToken, User
from urbact_calls.database import transaction
from urbact_calls.domain.refusal import NotFound, Refusal, Refused
from urbact_calls.domain.text import message

MOST_IN_FORCE = 20

NO_ACCOUNT = message("token.no_account", "{email} has no open and confirmed account.")
NAME_TAKEN = message("token.name_taken", "There is a token with this name. Revoke it first, or choose another name.")
TOO_MANY = message("token.too_many", "There are {count} tokens, and more are not possible. Revoke one first.")


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token as its owner gets to see it, once."""

    number: int
    name: str
    text: str
    expires_at: datetime


def create_token(email: str, name: str, now: datetime) -> NewToken:
    """Makes a token with the rights of an account. Raises Refused without an open account, and for a name in use."""
    name = " ".join(name.split())
    with transaction() as session:
        known = reads.by_email(session, email)
        if known is None or not known.can_sign_in:
            raise Refused(Refusal(NO_ACCOUNT(email=email), "email"))
        # Locked, so that a form that is sent twice makes one.
        user = reads.for_update(session, known.id)
        in_force = reads.tokens_in_force(session, user.id, now)
        if any(token.name == name for token in in_force):
            raise Refused(Refusal(NAME_TAKEN(), "token_name"))
        if len(in_force) >= MOST_IN_FORCE:
            raise Refused(Refusal(TOO_MANY(count=len(in_force)), "token_name"))
        text = f"urbact_{secrets.token_urlsafe(32)}"
        token = ApiToken(
            user_id=user.id, name=name, sha256=reads.hash_of(text), created_at=now, expires_at=now + ApiToken.LASTS
        )
        session.add(token)
        session.flush()
        return NewToken(token.id, name, text, token.expires_at)


def revoke_token(number: int, now: datetime) -> None:
    """Ends a token; one that has ended stays as it is. Raises NotFound."""
    with transaction() as session:
        token = session.get(ApiToken, number)
        if token is None:
            raise NotFound(f"token {number}")
        token.revoked_at = token.revoked_at or now


def revoke_tokens_step(session: Session, user: User, now: datetime) -> None:
    """Ends all tokens of an account."""
    session.execute(
        update(ApiToken)
        .where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )


def note_use(number: int, now: datetime) -> None:
    """Keeps when a token was used. Not for each request: reading must not queue for the lock of a writer."""
    with transaction() as session:
        session.execute(
            update(ApiToken)
            .where(
                ApiToken.id == number,
                or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= now - ApiToken.USE_IS_NOTED_EVERY),
            )
            .values(last_used_at=now)
            .execution_options(synchronize_session=False)
        )
