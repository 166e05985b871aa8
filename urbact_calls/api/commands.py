"""Commands of the API: make, end and note the use of a token; start a draft from a dossier."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from urbact_calls.accounts.reads import by_email
from urbact_calls.api.models import ApiToken
from urbact_calls.applications.dossiers import commands as dossiers
from urbact_calls.applications.drafts import commands as drafts
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound, Refusal, Refused
from urbact_calls.domain.text import message
from urbact_calls.exchange.dossier_reader import Exchanged
from urbact_calls.exchange.strict_json import ExchangeFault

LIFETIME = timedelta(days=90)
USE_IS_NOTED_EVERY = timedelta(hours=1)


NO_ACCOUNT = message("token.no_account", "{email} has no open and confirmed account.")
NOT_OPEN = message("call.not_open/interface", "{call} is no call that takes applications now.")


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token as its owner gets to see it, once."""

    number: int
    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Started:
    """A draft that was started, and in sentences what of the dossier it could not take."""

    reference: str
    not_kept: tuple[str, ...]


def create_token(email: str, now: datetime) -> NewToken:
    """Makes a token with the rights of an account. Raises Refused for an address without an open account."""
    with transaction() as session:
        user = by_email(session, email)
        if user is None or user.disabled_at is not None or user.confirmed_at is None:
            raise Refused(Refusal(NO_ACCOUNT(email=email), "email"))
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
    try:
        with transaction() as session:
            return _start(session, exchanged, actor, now)
    except ExchangeFault as fault:
        raise ExchangeFault(fault.what, fault.where, exchanged.id) from fault


def _start(session: Session, exchanged: Exchanged, actor: Actor, now: datetime) -> Started:
    dossiers.check(exchanged.dossier, exchanged.terms)
    lead = dossiers.lead_organisation(session, exchanged.dossier, actor, now)
    if lead.is_new:
        # As on the pages: whoever enters an organisation works for it.
        actor = replace(actor, organisation_ids=actor.organisation_ids | {lead.organisation.id})
    try:
        application = drafts.start_step(session, exchanged.dossier.call, lead.organisation.id, actor, now)
    except NotFound as problem:
        raise Refused(Refusal(NOT_OPEN(call=exchanged.dossier.call), "call")) from problem
    not_kept = dossiers.fill(session, application, exchanged.dossier, lead.organisation, actor=actor, now=now)
    return Started(application.reference, not_kept)


def hash_of(text: str) -> str:
    """What is stored of a token. It is long and random, so it needs no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()
