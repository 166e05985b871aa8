"""Search of places by the beginning of a name that people use, however it is spelled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA
from sqlalchemy import CompoundSelect, case, func, select, union
from sqlalchemy.orm import Session

from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.refusal import or_not_found
from urbact_calls.paging import Page, continued, page_of
from urbact_calls.places.models import EuropeanPlace, PlaceName

SHORTEST_SEARCH = 2
PAGE_SIZE = 20
SHORTEST_NEAR = 4
LONG_NAME = 8
"""From this length on two letters may differ."""
_LARGER_THAN_ANY = 1_000_000_000
_NUMBER = re.compile("[0-9]{1,9}")
# Stands after everything that begins with a word, in the order of bytes.
_LAST = "\U0010ffff"


def by_id(session: Session, geonameid: int) -> EuropeanPlace:
    """One place. Raises NotFound."""
    return or_not_found(session.get(EuropeanPlace, geonameid), f"place {geonameid}")


@dataclass(frozen=True, slots=True)
class PlacesFound(Page[EuropeanPlace]):
    """A page of places. `is_near` says that none has the name that was typed, and these have one that looks like it."""

    is_near: bool = False


def search(
    session: Session, text: str, *, country: str = "", after: str | None = None, size: int = PAGE_SIZE
) -> PlacesFound:
    """The places of which a name, one of those that people use, begins with the text: those called exactly so first,
    then the larger ones; `after` the place that was the last of the page before.

    Where there is none, the places whose name differs in a letter or two. Nothing for fewer than two characters.
    """
    folded = fold(text)
    if len(folded) < SHORTEST_SEARCH:
        return PlacesFound((), None)
    begins = select(EuropeanPlace).where(EuropeanPlace.id.in_(_called(folded, folded + _LAST)))
    if country:
        begins = begins.where(EuropeanPlace.country == country)
    exact = EuropeanPlace.id.in_(_called(folded, folded + " "))
    last = None if after is None or not _NUMBER.fullmatch(after) else begins.where(EuropeanPlace.id == int(after))
    order = (case((exact, _LARGER_THAN_ANY), else_=0) + EuropeanPlace.people).desc(), EuropeanPlace.id
    rows = session.scalars(continued(session, begins, order, last).limit(size + 1)).all()
    if not rows and after is None:
        return PlacesFound(_near(session, folded, country, size), None, is_near=True)
    page = page_of(rows, size=size, key=lambda place: str(place.id))
    return PlacesFound(page.rows, page.after)


def called(session: Session, text: str, *, country: str = "") -> PlacesFound:
    """The places that people call exactly so, the larger ones first. Where there is none, those whose name begins so,
    and else those whose name looks like it; both are only near."""
    folded = fold(text)
    if not folded:
        return PlacesFound((), None)
    exact = select(EuropeanPlace).where(EuropeanPlace.id.in_(_called(folded, folded + " ")))
    if country:
        exact = exact.where(EuropeanPlace.country == country)
    rows = session.scalars(exact.order_by(EuropeanPlace.people.desc(), EuropeanPlace.id).limit(PAGE_SIZE)).all()
    return PlacesFound(rows or search(session, text, country=country).rows, None, is_near=not rows)


def beginning_so(text: str) -> CompoundSelect[int]:
    """The numbers of the places with a name that begins so."""
    folded = fold(text)
    return _called(folded, folded + _LAST)


def _called(first: str, last: str) -> CompoundSelect[int]:
    """The numbers of the places with a name between two, the second one not included."""
    return union(
        select(EuropeanPlace.id).where(EuropeanPlace.folded >= first, EuropeanPlace.folded < last),
        select(PlaceName.place_id).where(PlaceName.folded >= first, PlaceName.folded < last),
    )


def is_near(folded: str, names: Iterable[str]) -> bool:
    """Whether one of these folded names begins with the same letter and differs in no more than a letter or two."""
    most = 1 if len(folded) < LONG_NAME else 2
    return len(folded) >= SHORTEST_NEAR and any(
        name[:1] == folded[0] and OSA.distance(folded, name, score_cutoff=most) <= most for name in names
    )


def _near(session: Session, folded: str, country: str, size: int) -> Sequence[EuropeanPlace]:
    """The places with a name that begins with the same letter and differs least, the larger ones first."""
    most = 1 if len(folded) < LONG_NAME else 2
    if len(folded) < SHORTEST_NEAR:
        return ()
    found: dict[int, int] = {}
    for number, name in ((EuropeanPlace.id, EuropeanPlace.folded), (PlaceName.place_id, PlaceName.folded)):
        alike = select(number, name).where(name >= folded[0], name < folded[0] + _LAST)
        lengths = func.length(name).between(len(folded) - most, len(folded) + most)
        for place_id, other in session.execute(alike.where(lengths)):
            distance = OSA.distance(folded, other, score_cutoff=most)
            if distance <= min(most, found.get(place_id, most)):
                found[place_id] = distance
    if not found:
        return ()
    wanted = select(EuropeanPlace).where(EuropeanPlace.id.in_(found))
    places = session.scalars(wanted.where(EuropeanPlace.country == country) if country else wanted).all()
    return sorted(places, key=lambda place: (found[place.id], -place.people, place.id))[:size]


def count(session: Session) -> int:
    """How many places there are."""
    return session.scalar(select(func.count()).select_from(EuropeanPlace)) or 0
