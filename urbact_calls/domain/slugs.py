"""Slugs: short names of networks and cities in addresses."""

from __future__ import annotations

import re
from collections.abc import Container

from urbact_calls.domain.eligibility.city_names import fold

LONGEST_SLUG = 60


def slug_of(name: str) -> str:
    """The name as part of an address: `cities-after-dark`; empty for a name without a Latin letter or a digit."""
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:LONGEST_SLUG].rstrip("-")


def free_slug(wanted: str, second: str, taken: Container[str]) -> str:
    """The first that nobody has: `vienna`, `vienna-at`, `vienna-at-2`, ... `second` tells homonyms apart."""
    if wanted not in taken:
        return wanted
    other = f"{wanted}-{second.lower()}"
    number, candidate = 1, other
    while candidate in taken:
        number += 1
        candidate = f"{other}-{number}"
    return candidate
