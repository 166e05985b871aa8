"""The National URBACT Points: which body it is, where a page that we have read names it; addresses are on urbact.eu."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from urbact_calls.reference.countries import country_name
from urbact_calls.reference.known_calls import source_addresses
from urbact_calls.reference.tables import rows

PUBLISHED_AT = "https://urbact.eu/get-involved"
"""Where the programme publishes the points and how to reach them (`domain.md` 12)."""


@dataclass(frozen=True, slots=True)
class NationalPoint:
    """The point of a country with the page that names it."""

    country: str
    body: str
    source: str

    @property
    def country_name(self) -> str:
        return country_name(self.country)


@cache
def national_points() -> Mapping[str, NationalPoint]:
    """The points that are known to us, by country; of the others nothing is known."""
    addresses = source_addresses()
    return {
        row["country_iso2"]: NationalPoint(row["country_iso2"], row["body"], addresses[row["source"]])
        for row in rows("national_points.csv")
    }
