"""People for tests, and how they sign in."""

from __future__ import annotations

import itertools
import secrets
from datetime import UTC, datetime
from functools import cache

from flask import g
from flask.testing import FlaskClient

from urbact_calls.accounts.commands import accounts, passwords
from urbact_calls.accounts.models import BrowserSession, User
from urbact_calls.accounts.reads import hash_of
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import Role

PASSWORD = "seven herons cross a quiet harbour"
LONG_AGO = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
IN_MANY_YEARS = datetime(2100, 1, 1, tzinfo=UTC)
_numbers = itertools.count(1)


@cache
def password_hash() -> str:
    """The hash of PASSWORD, made once: Argon2 is slow on purpose."""
    return passwords.hashed(PASSWORD)


def person(
    *roles: Role,
    name: str | None = None,
    email: str | None = None,
    country: str | None = None,
    confirmed: bool = True,
    now: datetime = LONG_AGO,
) -> User:
    """A committed account with roles of the programme. Its password is PASSWORD."""
    number = next(_numbers)
    with transaction() as session:
        user = accounts.create_step(
            session,
            email=email or f"person-{number}@example.org",
            name=name or f"Person {number}",
            password_hash=password_hash(),
            now=now,
            confirmed=confirmed,
        )
        for role in roles:
            accounts.grant_step(session, user, role, now, country=country)
    return user


def actor_of(user: User, *organisation_ids: int) -> Actor:
    """The actor that a request of this person would have."""
    return Actor(user.id, user.name, frozenset(grant.role for grant in user.grants), frozenset(organisation_ids))


def session_row(user: User, key: str) -> BrowserSession:
    """A committed session, which does not end by itself."""
    row = BrowserSession(user_id=user.id, sha256=hash_of(key), opened_at=LONG_AGO, used_at=IN_MANY_YEARS)
    row.browser = "Firefox on Linux"
    with transaction() as session:
        session.add(row)
    return row


def sign_in(client: FlaskClient, user: User) -> None:
    """Signs a person in without the form, which has its own tests."""
    key = secrets.token_urlsafe()
    session_row(user, key)
    with client.session_transaction() as session:
        session.clear()
        session["_user_id"] = key
        session["_fresh"] = True


def at(client: FlaskClient, now: datetime) -> None:
    """From here on, requests to the app of this client arrive at `now`."""

    def arrive() -> None:
        g.received_at = now

    # After the function of the program that notes the true moment; the newest of ours counts.
    client.application.before_request_funcs.setdefault(None, []).append(arrive)
