"""Countries: those of the programme with group and fund, and which codes ISO 3166 knows at all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated

import pycountry
from pydantic import BeforeValidator, Field

from urbact_calls.domain.vocabulary import CountryGroup
from urbact_calls.reference.tables import TableRow, records

_GROUPS = {
    "EU member state": CountryGroup.MS,
    "partner state": CountryGroup.PARTNER_STATES,
    "IPA country": CountryGroup.IPA,
    "NDICI country": CountryGroup.NDICI,
}


class Country(TableRow):
    """A country of the programme. `code` is ISO 3166 (GR)."""

    code: str = Field(alias="iso2")
    name: str
    group: Annotated[CountryGroup, BeforeValidator(_GROUPS.__getitem__)] = Field(alias="status")


@cache
def programme_countries() -> Mapping[str, Country]:
    """The 36 countries of the programme by code, in order of name."""
    found = sorted(records("countries.csv", Country), key=lambda country: country.name)
    return {country.code: country for country in found}


@cache
def iso_codes() -> frozenset[str]:
    """Every ISO 3166-1 code of two letters: GR and GB, never EL or UK."""
    return frozenset(country.alpha_2 for country in pycountry.countries)


def country_name(code: str) -> str:
    """The English name of an ISO 3166 country; the code itself for one that is not known."""
    if code in programme_countries():
        return programme_countries()[code].name
    known = pycountry.countries.get(alpha_2=code)
    return code if known is None else str(known.name)
