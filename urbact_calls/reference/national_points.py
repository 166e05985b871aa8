"""The National URBACT Points: which body it is, where a page that we have read names it; addresses are on urbact.eu."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, Field

from urbact_calls.reference.known_calls import source_addresses
from urbact_calls.reference.tables import TableRow, records

PUBLISHED_AT = "https://urbact.eu/get-involved"
"""Where the programme publishes the points and how to reach them (`domain.md` 12)."""


class NationalPoint(TableRow):
    """The point of a country with the page that names it."""

    country: str = Field(alias="country_iso2")
    body: str
    source: Annotated[str, AfterValidator(lambda key: source_addresses()[key])]


@cache
def national_points() -> Mapping[str, NationalPoint]:
    """The points that are known to us, by country; of the others nothing is known."""
    return {point.country: point for point in records("national_points.csv", NationalPoint)}
