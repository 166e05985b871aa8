"""Who asks: the owner of the bearer token. A cookie opens nothing here, so no page of another site can act."""

from __future__ import annotations

import re

from flask import g, request
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import Unauthorized

from urbact_calls.api import services
from urbact_calls.api.queries import token_by_hash
from urbact_calls.database import db
from urbact_calls.domain.permissions import ANONYMOUS, Actor
from urbact_calls.organisations.actors import employers

_BEARER = re.compile(r"bearer +(?P<token>[A-Za-z0-9._~+/=-]{1,200})", re.IGNORECASE)


def authenticate() -> None:
    """Makes the owner of the token the actor of this request; without a token it is a visitor.

    Raises Unauthorized for a token that opens nothing, also where a visitor would be answered: whoever sends a
    token must learn that it has ended.
    """
    g.actor, g.asks_as = ANONYMOUS, get_remote_address()
    header = request.headers.get("Authorization")
    if header is None:
        return
    match = _BEARER.fullmatch(header.strip())
    token = token_by_hash(db.session(), services.hash_of(match["token"])) if match else None
    if token is None or not token.is_in_force(g.received_at):
        raise Unauthorized

    user, used, number = token.user, token.last_used_at, token.id
    roles = frozenset(grant.role for grant in user.grants)
    g.actor = Actor(user.id, user.name, roles, employers(user.id))
    g.asks_as = f"token {number}"
    if used is None or g.received_at - used >= services.USE_IS_NOTED_EVERY:
        services.note_use(number, g.received_at)


def asks_as() -> str:
    """By whom requests are counted: the token, else the address of the machine."""
    return str(g.asks_as)
