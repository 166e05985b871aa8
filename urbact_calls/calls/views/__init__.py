"""The calls for the public, and their terms and dates for the Joint Secretariat."""

from __future__ import annotations

import re

from flask import Blueprint

from urbact_calls.calls.models import Call
from urbact_calls.reference.known_calls import DEMO_BASES

blueprint = Blueprint("calls", __name__)


def spelled(code: str) -> str:
    """The code as it is written: upper case, parts joined by a hyphen."""
    return "-".join(re.split(r"[\s_-]+", code.strip())).upper()


def copied_from(call: Call) -> str | None:
    """The past call whose terms a demonstration call copies."""
    return DEMO_BASES.get(call.code) if call.is_demonstration else None
