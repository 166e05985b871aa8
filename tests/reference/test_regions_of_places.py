"""The region that follows from country and first-level division: the table is right and says no more than it knows."""

from __future__ import annotations

from collections import Counter

import pytest

from urbact_calls.reference.gazetteer import EVERYWHERE, divisions, places, region_of, regions_of
from urbact_calls.reference.known_networks import known_partners, regions
from urbact_calls.reference.tables import rows

TABLE = "admin1_regions.csv"
ALL_PLACES = {place.id: place for place in places()}
ALL_DIVISIONS = {(place.country, place.admin1) for place in ALL_PLACES.values()}


def test_every_division_it_names_exists():
    countries = {country for country, _ in ALL_DIVISIONS}

    for country, admin1 in divisions():
        assert country in countries if admin1 == EVERYWHERE else (country, admin1) in ALL_DIVISIONS


def test_every_region_it_names_exists_in_that_country():
    for (country, _), nuts2 in divisions().items():
        assert regions()[nuts2].country == country


def test_no_division_stands_there_twice():
    named = Counter((row["country_iso2"], row["admin1"]) for row in rows(TABLE))

    assert [key for key, times in named.items() if times > 1] == []


def test_a_country_has_either_one_region_or_divisions():
    whole = {country for country, admin1 in divisions() if admin1 == EVERYWHERE}

    assert whole == {"CY", "EE", "LU", "LV", "MT"}
    assert all(len(regions_of(country)) == 1 for country in whole)
    assert not whole & {country for country, admin1 in divisions() if admin1 != EVERYWHERE}


def test_every_row_says_where_it_is_known_from():
    assert all(row["source"].startswith("Delegated Regulation (EU) 2019/1755") for row in rows(TABLE))
    assert all(row["admin1_name"] for row in rows(TABLE))


def test_it_agrees_with_every_partner_of_a_network_whose_region_is_known():
    compared = 0
    for partner in known_partners():
        place = ALL_PLACES.get(partner.geonameid or 0)
        region = region_of(place.country, place.admin1) if place else None
        if region and partner.nuts2:
            assert region.nuts2 == partner.nuts2, partner.name
            compared += 1

    assert compared == 248


@pytest.mark.parametrize(
    ("country", "admin1", "nuts2"),
    [("PL", "74", "PL71"), ("GR", "ESYE31", "EL30"), ("EE", "18", "EE00"), ("ES", "CE", "ES63"), ("IE", "M", "IE05")],
)
def test_a_division_determines_its_region(country, admin1, nuts2):
    region = region_of(country, admin1)

    assert region is not None
    assert region.nuts2 == nuts2


@pytest.mark.parametrize(
    ("country", "admin1"),
    [("PL", "78"), ("IT", "17"), ("DE", "02"), ("FR", "75"), ("PT", "14"), ("IE", "L"), ("SI", "61"), ("BA", "01")],
)
def test_where_there_are_two_regions_or_none_nothing_is_guessed(country, admin1):
    assert region_of(country, admin1) is None


def test_countries_outside_the_union_have_no_regions():
    assert {
        country for country in ("NO", "CH", "AL", "BA", "ME", "MK", "RS", "UA", "MD") if regions_of(country)
    } == set()
    assert [region.nuts2 for region in regions_of("LT")] == ["LT01", "LT02"]
