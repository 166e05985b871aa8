"""Size and states of the benchmark's call: how many of what, and which application is in which state."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from urbact_calls.database import Base, transaction
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.vocabulary import ApplicationState, NetworkType

CODE = "APN-BENCH"
PASSWORD = "nine lanterns above the quiet quay"  # noqa: S105 -- of accounts that live as long as one benchmark
CITIES, ASSESSORS, OFFICERS, PARTNERS, TEXTS = 600, 30, 8, 8, 10
TEXT = ("The cities share one challenge and learn from each other how to meet it. " * 14)[:1000]
COUNTRIES = ("FR", "IT", "GR", "HU", "PT", "ES", "SI", "RO", "PL", "LT")
CHUNK = 4_000

S = ApplicationState
# Ten applications in a row; the tenth is approved, or has its network, while there is money: a call founds some
# dozens of networks however many cities apply.
MIX = (S.DRAFT, S.DRAFT, S.SUBMITTED, S.SUBMITTED, S.ELIGIBLE, S.ELIGIBLE, S.ASSESSED, S.ASSESSED, S.NOT_APPROVED)
MOST_APPROVED = 30
LATER = (S.ASSESSED, S.NOT_APPROVED, S.APPROVED, S.IN_NETWORK)


def state_of(number: int) -> ApplicationState:
    """The state of the application with this number in the call, counted from 1."""
    place, row = (number - 1) % 10, number // 10
    if place < len(MIX):
        return MIX[place]
    if row > MOST_APPROVED:
        return S.NOT_APPROVED
    return S.IN_NETWORK if row % 2 else S.APPROVED


def reference(number: int) -> str:
    return f"{CODE}-{number:05}"


def write(model: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Writes many rows of one table, some thousands at a time."""
    waiting = iter(rows)
    while chunk := list(itertools.islice(waiting, CHUNK)):
        with transaction() as session:
            session.execute(insert(model), chunk)


def points_of(n: int) -> dict[str, int]:
    """Points of the application with this number, the same on each of its sheets."""
    codes = KINDS[NetworkType.APN].grid.codes
    return {code: 2 + (n * 7 // (place + 1)) % 4 for place, code in enumerate(codes)}


@dataclass(frozen=True, slots=True)
class People:
    """The accounts of the benchmark, by what they do."""

    leads: tuple[int, ...]
    assessors: tuple[int, ...]
    officers: tuple[int, ...]
