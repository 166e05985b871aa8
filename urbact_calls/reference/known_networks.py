"""Approved networks, their partners, and the regions they lie in. Empty cells are None: not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from urbact_calls.domain.vocabulary import NetworkType, PartnerKind, PartnerRole, RegionCategory
from urbact_calls.reference.tables import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNetwork:
    """A network of a past call, as public pages show it."""

    slug: str
    name: str
    type: NetworkType
    call: str
    themes: tuple[str, ...]
    lead_partner: str | None
    lead_country: str | None
    start: date | None
    end: date | None
    summary: str | None
    confidence: str
    provenance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPartner:
    """A partner of a known network. `kind` and `category` are None where they are not known;
    `nuts_basis` says how its region was found."""

    network: str
    name: str
    seat_city: str
    country: str
    role: PartnerRole
    kind: PartnerKind | None
    nuts2: str
    category: RegionCategory | None
    nuts_basis: str
    latitude: float | None
    longitude: float | None
    geonameid: int | None
    confidence: str
    provenance: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A NUTS 2 region with its category for 2021 to 2027, how sure the category is and where it is known from."""

    nuts2: str
    country: str
    name: str
    category: RegionCategory
    confidence: str
    provenance: str


@cache
def known_networks() -> tuple[KnownNetwork, ...]:
    return tuple(
        KnownNetwork(
            slug=row["slug"],
            name=row["name"],
            type=NetworkType(row["type"]),
            call=row["call"].replace(" ", "-"),
            themes=tuple(theme for theme in row["theme"].split(";") if theme),
            lead_partner=row["lead_partner"] or None,
            lead_country=row["lead_country_iso2"] or None,
            start=_day(row["start_date"]),
            end=_day(row["end_date"]),
            summary=row["summary"] or None,
            confidence=row["confidence"],
            provenance=row["provenance"],
        )
        for row in rows("networks.csv")
    )


@cache
def known_partners() -> tuple[KnownPartner, ...]:
    return tuple(
        KnownPartner(
            network=row["network_slug"],
            name=row["partner_name"],
            seat_city=row["seat_city"],
            country=row["country_iso2"],
            role=PartnerRole(row["role"]),
            kind=PartnerKind(row["kind"]) if row["kind"] else None,
            nuts2=row["nuts2_2021"],
            category=_category(row["region_category"]),
            nuts_basis=row["nuts_basis"],
            latitude=_number(row["latitude"]),
            longitude=_number(row["longitude"]),
            geonameid=int(row["geonameid"]) if row["geonameid"] else None,
            confidence=row["confidence"],
            provenance=row["provenance"],
            note=row["note"],
        )
        for row in rows("network_partners.csv")
    )


@cache
def regions() -> Mapping[str, Region]:
    """Regions by their NUTS 2021 code."""
    return {
        row["nuts2021"]: Region(
            nuts2=row["nuts2021"],
            country=row["country_iso2"],
            name=row["name_latin"] or row["name"],
            category=RegionCategory(row["category_2021_27"]),
            confidence=row["category_confidence"],
            provenance=row["category_provenance"],
        )
        for row in rows("regions.csv")
        if row["nuts2021"]
    }


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _number(text: str) -> float | None:
    return float(text) if text else None


def _category(text: str) -> RegionCategory | None:
    return RegionCategory(text) if text in list(RegionCategory) else None
