"""When the decisions of a call were announced: a feature above knows it and tells it here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date

from sqlalchemy.orm import Session

from urbact_calls.calls.models import Call

Announced = Callable[[Session, Collection[int]], Mapping[int, date]]
KNOWN_BY: list[Announced] = []
"""The function that gives the first day, in Paris, on which decisions of some calls were announced, by their ids."""


def tells_announcements(read: Announced) -> Announced:
    """Makes a function the one that knows when decisions were announced. Raises ValueError where two do."""
    if KNOWN_BY:
        raise ValueError("two features know when the decisions of a call were announced")
    KNOWN_BY.append(read)
    return read


def announced_on(session: Session, calls: Iterable[Call]) -> Mapping[int, date]:
    """The day on which decisions of these calls were announced first, by id; not of records of the past. One query."""
    ids = [call.id for call in calls if not call.is_historical]
    return next((read(session, ids) for read in KNOWN_BY if ids), {})
