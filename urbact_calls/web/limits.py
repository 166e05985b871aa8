"""Rate limits: how often one may ask, counted in Redis; while it is away each process counts for itself.

A view says `@limit("10 per 5 minutes", methods=["POST"])` under `@requires` or `@public`; with `key_func` something
else than the asker is counted. What a link of a message opens says `@limit_by_link`.
"""

from __future__ import annotations

import hashlib
from math import ceil
from urllib.parse import urlsplit

from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address

from urbact_calls.web.access import current_actor
from urbact_calls.web.problems import problem_page


def asker() -> str:
    """Who is counted: the account that is signed in, else the network address, which a whole town hall may share."""
    user_id = current_actor().user_id
    return get_remote_address() if user_id is None else f"account {user_id}"


limiter = Limiter(asker, in_memory_fallback_enabled=True, default_limits=[], headers_enabled=False)
limit = limiter.limit


def _link() -> str:
    return hashlib.sha256(request.path.encode()).hexdigest()[:20]


# By link and not by asker: nobody else can use up the tries of whoever has it, and mail programs of one provider, which
# press the buttons of many people, are not taken for one person.
limit_by_link = limit("100 per 10 minutes", key_func=_link, methods=["POST"])


def register(app: Flask, redis_url: str) -> Limiter:
    """Switches the limits of the views on for this app; in tests they are counted in memory."""
    in_memory = app.config["TESTING"]
    parts = urlsplit(redis_url)
    storage = f"redis+unix://{parts.path}" if parts.scheme == "redis+socket" else redis_url
    app.config["RATELIMIT_STORAGE_URI"] = "memory://" if in_memory else storage
    # A person who signs in must not wait for a counter that is away.
    app.config["RATELIMIT_STORAGE_OPTIONS"] = (
        {} if in_memory else {"socket_connect_timeout": 0.2, "socket_timeout": 0.5}
    )
    limiter.init_app(app)
    app.register_error_handler(RateLimitExceeded, _too_many)
    return limiter


def _too_many(_problem: RateLimitExceeded) -> ResponseReturnValue:
    over = limiter.current_limit
    wait = max(1, over.reset_at - ceil(g.received_at.timestamp())) if over else 60
    body, status = problem_page(429, retry_after=wait)
    return body, status, [("Retry-After", str(wait))]
