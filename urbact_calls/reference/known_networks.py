"""Approved networks, their partners, and the regions they lie in. Empty cells are None: not known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field

from urbact_calls.domain.dossier import RegionLookup
from urbact_calls.domain.vocabulary import NetworkType, PartnerKind, PartnerRole, RegionCategory
from urbact_calls.reference.tables import TableRow, Whole, records

_NUTS2 = re.compile(r"[A-Z]{2}[0-9A-Z]{2}")


class KnownNetwork(TableRow):
    """A network of a past call, as public pages show it."""

    slug: str
    name: str
    type: NetworkType
    call: Annotated[str, AfterValidator(lambda call: call.replace(" ", "-"))]
    themes: Annotated[tuple[str, ...], BeforeValidator(lambda text: filter(None, text.split(";")))] = Field(
        default=(), alias="theme"
    )
    start: date | None = Field(default=None, alias="start_date")
    end: date | None = Field(default=None, alias="end_date")
    summary: str | None = None
    confidence: str = ""
    provenance: str = ""


class KnownPartner(TableRow):
    """A partner of a known network; without a name where a source gives its country only.

    `nuts_basis` says how its region was found.
    """

    network: str = Field(alias="network_slug")
    name: str = Field(default="", alias="partner_name")
    seat_city: str = ""
    country: str = Field(alias="country_iso2")
    role: PartnerRole
    kind: PartnerKind | None = None
    nuts2: str = Field(default="", alias="nuts2_2021")
    category: Annotated[RegionCategory | None, BeforeValidator(RegionCategory.with_code)] = Field(
        default=None, alias="region_category"
    )
    nuts_basis: str = ""
    latitude: float | None = None
    longitude: float | None = None
    geonameid: Whole | None = None
    confidence: str = ""
    provenance: str = ""
    note: str = ""


class Region(TableRow):
    """A NUTS 2 region with its category for 2021 to 2027, how sure the category is and where it is known from."""

    nuts2: str = Field(default="", alias="nuts2021")
    nuts2_of_2016: str = Field(default="", alias="nuts2016")
    nuts2_of_2024: str = Field(default="", alias="nuts2024")
    country: str = Field(alias="country_iso2")
    name: str = Field(validation_alias=AliasChoices("name_latin", "name"))
    category: RegionCategory = Field(alias="category_2021_27")
    confidence: str = Field(default="", alias="category_confidence")
    provenance: str = Field(default="", alias="category_provenance")


@cache
def known_networks() -> tuple[KnownNetwork, ...]:
    return records("networks.csv", KnownNetwork)


@cache
def known_partners() -> tuple[KnownPartner, ...]:
    return records("network_partners.csv", KnownPartner)


@cache
def regions() -> Mapping[str, Region]:
    """Regions by their NUTS 2021 code."""
    return {region.nuts2: region for region in records("regions.csv", Region) if region.nuts2}


@cache
def _categories() -> Mapping[tuple[str, str], frozenset[RegionCategory]]:
    """The categories of a country's regions by each code that a region has or had in 2016, 2021 or 2024."""
    found: dict[tuple[str, str], frozenset[RegionCategory]] = {}
    for region in records("regions.csv", Region):
        # A region that was divided later names each of its parts.
        for code in _NUTS2.findall(f"{region.nuts2} {region.nuts2_of_2016} {region.nuts2_of_2024}"):
            key = region.country, code
            found[key] = found.get(key, frozenset()) | {region.category}
    return found


def look_up_region(country: str, nuts2: str) -> RegionLookup | None:
    """What the register knows of a region of a country; None where none is named.

    It holds the Member States. The category is None too where one code stood for regions of several categories.
    """
    if not nuts2:
        return None
    categories = _categories().get((country, nuts2), frozenset())
    return RegionLookup(is_known=bool(categories), category=next(iter(categories)) if len(categories) == 1 else None)
