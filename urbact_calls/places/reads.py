"""Search of places by the beginning of their name, however it is spelled."""

from __future__ import annotations

import re

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.refusal import or_not_found
from urbact_calls.paging import Page, page_of
from urbact_calls.places.models import EuropeanPlace

SHORTEST_SEARCH = 2
PAGE_SIZE = 20
# Stands after everything that begins with a word, in the order of bytes.
_LAST = "\U0010ffff"


def by_id(session: Session, geonameid: int) -> EuropeanPlace:
    """One place. Raises NotFound."""
    return or_not_found(session.get(EuropeanPlace, geonameid), f"place {geonameid}")


def search(
    session: Session, text: str, *, country: str = "", after: str | None = None, size: int = PAGE_SIZE
) -> Page[EuropeanPlace]:
    """The places whose folded name begins with the text, by name; those after the key `after` of the page before.

    The exact name comes first, because nothing shorter begins with it. Nothing for fewer than two characters.
    """
    folded = fold(text)
    if len(folded) < SHORTEST_SEARCH:
        return Page((), None)
    query = select(EuropeanPlace).where(EuropeanPlace.folded >= folded, EuropeanPlace.folded < folded + _LAST)
    if country:
        query = query.where(EuropeanPlace.country == country)
    last = _last_of(after)
    if last is not None:
        query = query.where(tuple_(EuropeanPlace.folded, EuropeanPlace.id) > last)
    rows = session.scalars(query.order_by(EuropeanPlace.folded, EuropeanPlace.id).limit(size + 1)).all()
    return page_of(rows, size=size, key=lambda place: f"{place.id}.{place.folded}")


def _last_of(after: str | None) -> tuple[str, int] | None:
    known = re.fullmatch(r"([0-9]{1,9})\.([^\x00]{1,200})", after or "")
    return (known[2], int(known[1])) if known else None


def count(session: Session) -> int:
    """How many places there are."""
    return session.scalar(select(func.count()).select_from(EuropeanPlace)) or 0
