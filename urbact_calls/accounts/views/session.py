"""Sign-in sessions: the account of the person who makes a request."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, g, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from urbact_calls.accounts.models import User
from urbact_calls.accounts.reads import find
from urbact_calls.database import db
from urbact_calls.domain.permissions import ANONYMOUS, Actor
from urbact_calls.domain.vocabulary import Role

Employers = Callable[[int], frozenset[int]]
"""The organisations that an account works for. Organisations stand above accounts, so they hand this in."""


@dataclass(frozen=True, slots=True)
class SignedIn(UserMixin):
    """What a request knows about the person: values, not a row, so that no later query can change them."""

    user_id: int
    epoch: int
    email: str
    name: str
    theme: str | None
    roles: frozenset[Role]

    def get_id(self) -> str:
        return session_key(self.user_id, self.epoch)


def session_key(user_id: int, epoch: int) -> str:
    """What the session keeps of a person; good until the epoch of the account grows."""
    return f"{user_id}.{epoch}"


def wire(app: Flask, employers: Employers) -> None:
    """Connects sign-in with the site; after it `current_actor()` is the person of the request."""
    login: LoginManager = app.extensions["login"]
    # The cookie is signed; tying it to an address would throw people out who walk from one network to another.
    login.session_protection = None
    login.user_loader(_load)
    app.extensions["actor_of_request"] = lambda: _actor(employers)


def _load(key: str) -> SignedIn | None:
    parts = re.fullmatch(r"([0-9]{1,9})\.([0-9]{1,9})", key)
    if parts is None:
        return None
    user = find(db.session(), int(parts[1]))
    if user is None or user.epoch != int(parts[2]) or user.disabled_at is not None or user.confirmed_at is None:
        return None
    return _signed_in(user)


def _signed_in(user: User) -> SignedIn:
    roles = frozenset(grant.role for grant in user.grants)
    return SignedIn(user.id, user.epoch, user.email, user.name, user.theme, roles)


def _actor(employers: Employers) -> Actor:
    person = signed_in_person()
    if person is None:
        return ANONYMOUS
    return Actor(person.user_id, person.name, person.roles, employers(person.user_id))


def signed_in_person() -> SignedIn | None:
    """The person of this request, None for a visitor."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def open_session(user: User) -> None:
    """Signs a person in with a new session: what somebody else may have planted in the old one is gone."""
    session.clear()
    # Twelve hours, counted from the last request.
    session.permanent = True
    login_user(_signed_in(user))
    g.pop("actor", None)


def close_session() -> None:
    """Ends the session of this request."""
    logout_user()
    session.clear()
    g.pop("actor", None)
