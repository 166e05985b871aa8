"""Safe `next` addresses: where a form or a sign-in may send a person on, within this site only."""

from __future__ import annotations

import re

from flask import request


def safe_next(fallback: str) -> str:
    """Where to go after signing in: the `next` of this request if it is a path of this site, else `fallback`."""
    return safe_path(request.values.get("next", ""), fallback)


def safe_path(wanted: str, fallback: str) -> str:
    """An address as it is if it is a path of this site, else `fallback`."""
    # Only a plain path: no host, no scheme, no backslash (which browsers read as a slash), no line end.
    if re.fullmatch(r"/(?![/\\])[A-Za-z0-9._~/%?=&+-]*", wanted) and len(wanted) <= 500:
        return wanted
    return fallback
