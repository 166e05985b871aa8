"""Tokens for tests, and dossiers that a program could send."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from urbact_calls.accounts.commands import tokens
from urbact_calls.accounts.models import User

_numbers = itertools.count(1)


def token_of(user: User, now: datetime | None = None) -> str:
    """A committed token with the rights of a person; made now unless the test says otherwise."""
    return tokens.create_token(user.email, f"Token {next(_numbers)} of a test", now or datetime.now(UTC)).text


def bearer(user: User, now: datetime | None = None) -> dict[str, str]:
    """The headers of a request with a new token."""
    return {"Authorization": f"Bearer {token_of(user, now)}"}


def city_partner(name: str, country: str, *, role: str = "partner", **changes: Any) -> dict[str, Any]:
    """A city as the exchange format writes it."""
    return {
        "name": name,
        "seat_city": name,
        "country": country,
        "role": role,
        "kind": "city",
        "nuts2": "",
        "region_category": None,
        "letter_of_commitment": False,
        **changes,
    }


def dossier(*partners: dict[str, Any], call: str = "APN-DEMO", **fields: Any) -> dict[str, Any]:
    """A dossier of these partners; with none of them, of Agen, which leads, and Serres."""
    chosen = partners or (city_partner("Agen", "FR", role="lead"), city_partner("Serres", "GR"))
    return {"format": "urbact-dossier/1", "call": call, "partners": list(chosen), **fields}
