"""The places of the gazetteer, and the NUTS 2 region in which a place of a country and first-level division lies."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.reference.known_networks import Region, regions
from urbact_calls.reference.tables import rows

PLACES = "places.csv.gz"
OTHER_NAMES = "place_names.csv.gz"
# The division of a row that holds for all divisions of its country.
EVERYWHERE = "*"
ATTRIBUTION = "GeoNames (geonames.org), Creative Commons Attribution 4.0"


class KnownPlace(NamedTuple):
    """A place of the gazetteer: its number at GeoNames, country and first-level division in the codes of GeoNames.

    `people` is the population of the settlement, not of the municipality: it orders a search and nothing else.
    """

    id: int
    name: str
    folded: str
    country: str
    admin1: str
    latitude: float
    longitude: float
    people: int


def places() -> Iterator[KnownPlace]:
    """All 64,000 places of the gazetteer, one by one: for loading a table, not for keeping in memory."""
    for row in rows(PLACES):
        yield KnownPlace(
            int(row["geonameid"]),
            row["name"],
            fold(row["name"]),
            row["country_iso2"],
            row["admin1"],
            float(row["latitude"]),
            float(row["longitude"]),
            int(row["settlement_population"] or 0),
        )


def other_names() -> Iterator[tuple[int, str]]:
    """The folded other names of places by their numbers at GeoNames, 160,000, one by one and some of them twice."""
    for row in rows(OTHER_NAMES):
        if folded := fold(row["name"]):
            yield int(row["geonameid"]), folded


def names_of(numbers: Collection[int]) -> dict[int, str]:
    """What the gazetteer calls some places, by their numbers at GeoNames."""
    wanted = {str(number) for number in numbers}
    return {int(row["geonameid"]): row["name"] for row in rows(PLACES, key="geonameid", among=wanted)}


@cache
def divisions() -> Mapping[tuple[str, str], str]:
    """The region of each division that determines exactly one, by country and code of the division."""
    return {(row["country_iso2"], row["admin1"]): row["nuts2021"] for row in rows("admin1_regions.csv")}


def region_of(country: str, admin1: str) -> Region | None:
    """The region that a place of this country and division must lie in; None where there is more than one, or none."""
    nuts2 = divisions().get((country, admin1)) or divisions().get((country, EVERYWHERE))
    return regions()[nuts2] if nuts2 else None


@cache
def _divided() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """The regions of each division that lies in several, by country and code of the division."""
    several = rows("admin1_several_regions.csv")
    return {(row["country_iso2"], row["admin1"]): tuple(row["nuts2021"].split()) for row in several}


def regions_in(country: str, admin1: str) -> tuple[Region, ...]:
    """The regions in which a place of this country and division can lie, by name; all of the country where we do not
    know which ones, none outside the European Union."""
    codes = _divided().get((country, admin1)) or _divided().get((country, EVERYWHERE))
    found = regions_of(country)
    return tuple(each for each in found if each.nuts2 in codes) if codes else found


def regions_of(country: str) -> tuple[Region, ...]:
    """The regions of a country, by name; none outside the European Union."""
    return tuple(sorted((each for each in regions().values() if each.country == country), key=lambda each: each.name))
