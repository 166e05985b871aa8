"""Addresses within this site: safe `next` links, and pages of long lists by key."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

Row = TypeVar("Row")


def safe_next(fallback: str) -> str:
    """Where to go after signing in: the `next` of this request if it is a path of this site, else `fallback`."""
    return safe_path(request.values.get("next", ""), fallback)


def safe_path(wanted: str, fallback: str) -> str:
    """An address as it is if it is a path of this site, else `fallback`."""
    # Only a plain path: no host, no scheme, no backslash (which browsers read as a slash), no line end.
    if re.fullmatch(r"/(?![/\\])[A-Za-z0-9._~/%?=&+-]*", wanted) and len(wanted) <= 500:
        return wanted
    return fallback


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a long list and the key after which the next ones follow (None at the end)."""

    rows: Sequence[Row]
    after: str | None


def page_of(rows: Sequence[Row], *, size: int, key: Callable[[Row], str]) -> Page[Row]:
    """A page from `size + 1` rows that were asked for: the one too many says that there is more."""
    shown = rows[:size]
    return Page(shown, key(shown[-1]) if len(rows) > size and shown else None)
