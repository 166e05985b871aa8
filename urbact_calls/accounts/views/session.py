"""Sign-in sessions: the account of the person who makes a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from flask import Flask, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from urbact_calls.accounts.commands import sessions
from urbact_calls.accounts.models import BrowserSession, User
from urbact_calls.accounts.reads import session_of
from urbact_calls.database import db
from urbact_calls.domain.permissions import ANONYMOUS, Actor
from urbact_calls.domain.vocabulary import Role
from urbact_calls.web.replayed_form import forget_token, mark_token

KNOWN = "known"
# People who share a machine; each key makes the cookie a little longer.
MOST_KNOWN = 5
ActorOf = Callable[[int, str, frozenset[Role]], Actor]
"""The actor that an account is. What it depends on stands above accounts, which hand this in."""


@dataclass(frozen=True, slots=True)
class SignedIn(UserMixin):
    """What a request knows about the person: values, not a row, so that no later query can change them."""

    user_id: int
    email: str
    name: str
    theme: str | None
    roles: frozenset[Role]
    key: str = field(repr=False)
    session_id: int
    used_at: datetime

    def get_id(self) -> str:
        return self.key


def wire(app: Flask, actor_of: ActorOf) -> None:
    """Connects sign-in with the site; after it `current_actor()` is the person of the request."""
    login: LoginManager = app.extensions["login"]
    # The cookie is signed; tying it to an address would throw people out who walk from one network to another.
    login.session_protection = None
    login.user_loader(_load)
    app.extensions["actor_of_request"] = lambda: _actor(actor_of)


def _load(key: str) -> SignedIn | None:
    found = session_of(db.session(), key)
    if found is None or not found.is_in_force(g.received_at):
        return None
    user = found.user
    roles = frozenset(grant.role for grant in user.grants)
    return SignedIn(user.id, user.email, user.name, user.theme, roles, key, found.id, found.used_at)


def _actor(actor_of: ActorOf) -> Actor:
    person = signed_in_person()
    if person is None:
        return ANONYMOUS
    if g.received_at - person.used_at >= BrowserSession.USE_IS_NOTED_EVERY:
        sessions.note_use(person.session_id, g.received_at)
    return actor_of(person.user_id, person.name, person.roles)


def signed_in_person() -> SignedIn | None:
    """The person of this request, None for a visitor."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def open_session(user: User) -> None:
    """Signs a person in with a new session: what somebody else may have planted in the old one is gone."""
    key = sessions.open_session(user.id, browser_name(request.user_agent.string), g.received_at)
    _begin_anew(known=[key, *known_keys()])
    mark_token(str(user.id))
    # None only if the account was closed in this very moment.
    if person := _load(key):
        login_user(person)
    g.pop("actor", None)


def close_session() -> None:
    """Ends the session of this request; the browser stays known to those who used it."""
    person = signed_in_person()
    if person is not None:
        sessions.end_session(person.session_id, g.received_at)
    logout_user()
    _begin_anew(known=known_keys())
    g.pop("actor", None)


def know_browser(user: User) -> None:
    """Lets the account know this browser without being signed in: nobody who types wrong passwords elsewhere can now
    make its owner wait here."""
    close_session()
    open_session(user)
    close_session()


def _begin_anew(known: list[str]) -> None:
    session.clear()
    forget_token()
    if known:
        # The cookie outlives the session in it, to tell a browser that is known from one that is not.
        session.permanent = True
        session[KNOWN] = known[:MOST_KNOWN]


def known_keys() -> list[str]:
    """The keys of the sessions that were opened in this browser, newest first. The cookie is signed."""
    return list(session.get(KNOWN, ()))


def browser_name(user_agent: str) -> str:
    """What a browser calls itself, as its owner would: “Firefox on Windows”."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "A browser")
    system = next((f" on {name}" for mark, name in _SYSTEMS if mark in user_agent), "")
    return browser + system


# Each also names those after it, to be given their pages.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
