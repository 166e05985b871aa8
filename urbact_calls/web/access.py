"""Access to pages: every endpoint declares `@requires` or `@public`; one that is silent fails the build.

An endpoint about one object names a loader. The loader gives the object and what the actor is to it; the
predicate decides; the view receives the object. A stranger gets 404, so existence stays private too.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, Unauthorized

from urbact_calls.domain.permissions import Actor, Predicate, Relation
from urbact_calls.domain.refusal import NotFound

View = Callable[..., ResponseReturnValue]

API = "/api/"


@dataclass(frozen=True, slots=True)
class Loaded:
    """An object with what the actor is to it."""

    subject: Any
    relation: Relation


@dataclass(frozen=True, slots=True)
class Access:
    """What a view declared; kept on the view, printed in the table of who may do what."""

    predicate: Predicate | None
    about_an_object: bool = False

    @property
    def is_public(self) -> bool:
        return self.predicate is None


def public(view: View) -> View:
    """Anybody may open this page, signed in or not."""
    view.access = Access(None)  # type: ignore[attr-defined]
    return view


def requires(predicate: Predicate, *, of: Callable[..., Loaded] | None = None) -> Callable[[View], View]:
    """Only actors for whom the predicate is true may open this page.

    `of(actor, **url arguments it names)` loads the object and the relation; the view is called with the object
    first, then with the URL arguments that the loader did not take. The relation is `g.relation` meanwhile.
    """
    taken = set(inspect.signature(of).parameters) - {"actor"} if of else set()

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(**arguments: Any) -> ResponseReturnValue:
            actor = current_actor()
            if of is None:
                if not predicate(actor):
                    return _turn_away(actor)
                return view(**arguments)
            if not actor.is_signed_in:
                return _turn_away(actor)
            loaded = of(actor, **{name: value for name, value in arguments.items() if name in taken})
            if not predicate(actor, loaded.relation):
                raise NotFound(request.path)
            g.relation = loaded.relation
            rest = {name: value for name, value in arguments.items() if name not in taken}
            return view(loaded.subject, **rest)

        guarded.access = Access(predicate, of is not None)  # type: ignore[attr-defined]
        return guarded

    return declare


def asked_by_a_program() -> bool:
    """Whether this request is for the interface of programs: it gets problem documents and is never redirected."""
    return request.path.startswith(API)


def current_actor() -> Actor:
    """The actor of this request, built once."""
    if "actor" not in g:
        g.actor = current_app.extensions["actor_of_request"]()
    actor: Actor = g.actor
    return actor


def _turn_away(actor: Actor) -> ResponseReturnValue:
    if actor.is_signed_in:
        raise Forbidden
    if request.method in ("GET", "HEAD") and not asked_by_a_program():
        flash("Sign in to open this page.", "info")
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    raise Unauthorized


def safe_next(fallback: str) -> str:
    """Where to go after signing in: the `next` of this request if it is a path of this site, else `fallback`."""
    return safe_path(request.values.get("next", ""), fallback)


def safe_path(wanted: str, fallback: str) -> str:
    """An address as it is if it is a path of this site, else `fallback`."""
    # Only a plain path: no host, no scheme, no backslash (which browsers read as a slash), no line end.
    if re.fullmatch(r"/(?![/\\])[A-Za-z0-9._~/%?=&+-]*", wanted) and len(wanted) <= 500:
        return wanted
    return fallback


def in_full(path: str) -> str:
    """An address with the name of the site, as the settings give it: a request can be sent under any name."""
    return f"{current_app.extensions['settings'].public_url}{path}"
