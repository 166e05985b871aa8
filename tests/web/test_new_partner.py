"""A partner that is not in the list: the place is searched, country and region follow from it, nothing is guessed."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from tests.factories import applications as make
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from tests.query_count import statements
from tests.web_client import CleanClient
from urbact_calls.database import db, transaction
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.organisations.models import Organisation
from urbact_calls.places.models import EuropeanPlace

PLACES = (
    (1, "Łódź", "PL", "74"),
    (2, "Radom", "PL", "78"),
    (3, "Sarajevo", "BA", "01"),
    (4, "Riga", "LV", "25"),
    *((100 + number, f"Novo Selo {number:02}", "BG", "38") for number in range(30)),
)


@pytest.fixture
def draft(session, now: datetime) -> Draft:
    with transaction() as writing:
        for id_, name, country, admin1 in PLACES:
            writing.add(
                EuropeanPlace(
                    id=id_, name=name, folded=fold(name), country=country, admin1=admin1, latitude=50.5, longitude=20.25
                )
            )
    return make.draft(open_call(db.session, now), now)


@pytest.fixture
def path(draft: Draft) -> str:
    return f"/applications/{draft.reference}/partners/new"


def add(lead: CleanClient, path: str, **answers: object):
    form = {"name": "Town hall", "category": "CITY_MUNICIPALITY", "version": "1", **answers}
    return lead.post(path, data={name: value for name, value in form.items() if value is not None})


def entered() -> Organisation:
    db.session.rollback()
    return db.session.scalars(select(Organisation).where(Organisation.name == "Town hall")).one()


def test_the_search_finds_the_place_in_any_spelling_with_its_region(lead: CleanClient, path: str):
    page = lead.get(path, query_string={"q": "LODZ"}).text

    assert "Choose Łódź" in page
    assert "Łódzkie (PL71)" in page
    assert "GeoNames (geonames.org), Creative Commons Attribution 4.0" in page


@pytest.mark.parametrize("typed", ["%", "__", "***", "…"])
def test_signs_alone_find_no_partner_and_no_place_and_that_is_said(lead: CleanClient, path: str, typed: str):
    places = lead.get(path, query_string={"q": typed}).text
    partners = lead.get(path.removesuffix("/new"), query_string={"name": typed}).text

    assert ("new?place=" in places, "No place in the list begins with" in places) == (False, True)
    assert "No organisation in our list is called like that." in partners


def test_a_long_list_of_places_goes_on_by_key_with_as_many_queries(lead: CleanClient, path: str):
    with statements() as few:
        lead.get(path, query_string={"q": "lodz"})
    with statements() as many:
        page = lead.get(path, query_string={"q": "novo selo"}).text

    assert len(few) == len(many)
    assert "Choose Novo Selo 19" in page
    assert "Choose Novo Selo 20" not in page
    assert "Choose Novo Selo 20" in lead.get(path, query_string={"q": "novo selo", "after": "119"}).text


def test_country_and_region_follow_from_the_place(lead: CleanClient, path: str):
    page = lead.get(path, query_string={"place": 1}).text
    assert 'name="nuts2"' not in page

    assert add(lead, path, place=1, seat_city="x", country="GR").status_code == 302

    town = entered()
    assert (town.seat_city, town.country, town.nuts2, town.region_category) == ("Łódź", "PL", "PL71", "less developed")
    assert (town.region_basis, town.geonameid, town.latitude) == ("place", 1, 50.5)
    assert not town.is_verified


def test_where_two_regions_are_possible_the_person_chooses_and_nothing_is_preselected(lead: CleanClient, path: str):
    page = lead.get(path, query_string={"place": 2}).text

    assert 'value="PL91"' in page
    assert 'value="ES11"' not in page
    assert '<option selected value="">Choose the region' in page
    assert add(lead, path, place=2).status_code == 422
    assert add(lead, path, place=2, nuts2="ES11").status_code == 422
    assert add(lead, path, place=2, nuts2="PL92").status_code == 302
    assert (entered().nuts2, entered().region_basis) == ("PL92", "chosen")


def test_a_region_that_is_not_known_stays_unknown(lead: CleanClient, path: str):
    assert add(lead, path, place=2, nuts2="not-known").status_code == 302

    town = entered()
    assert (town.nuts2, town.region_category, town.region_basis) == (None, None, None)
    assert "Category not known: rate not known" in lead.get(path.removesuffix("/new")).text


def test_outside_the_union_no_region_is_asked(lead: CleanClient, path: str):
    assert "the rate follows from the country" in lead.get(path, query_string={"place": 3}).text

    assert add(lead, path, place=3).status_code == 302
    assert (entered().country, entered().nuts2) == ("BA", None)


def test_a_place_that_is_not_in_the_list_can_be_typed(lead: CleanClient, path: str):
    page = lead.get(path, query_string={"seat_city": "Nowhere", "country": "PL"}).text

    assert 'value="Nowhere"' in page
    assert 'value="PL71"' in page
    assert add(lead, path, seat_city="Nowhere", country="PL", nuts2="PL71").status_code == 302
    assert (entered().seat_city, entered().region_basis, entered().geonameid) == ("Nowhere", "chosen", None)


def test_a_typed_place_in_a_country_of_one_region_lies_in_it(lead: CleanClient, path: str):
    assert add(lead, path, seat_city="Somewhere", country="LV").status_code == 302

    assert (entered().nuts2, entered().region_basis) == ("LV00", "place")


@pytest.mark.parametrize("place", ["x", "-1", "99999999999", "7", "٣", ""])
def test_a_number_that_is_no_place_asks_again(lead: CleanClient, path: str, place: str):
    assert "where is its seat?" in lead.get(path, query_string={"place": place}).text
    assert add(lead, path, place=place).status_code == 422


def test_the_pages_show_region_category_rate_and_how_sure_they_are(lead: CleanClient, path: str, draft: Draft):
    add(lead, path, place=1)

    for page in ("partners", "budget"):
        shown = lead.get(f"/applications/{draft.reference}/{page}").text
        assert "Łódzkie (PL71)" in shown
        assert "Less developed: up to 80 % ERDF" in shown.replace("\xa0", " ").replace("80%", "80 %")
        assert "Confidence high, from the place and its division" in shown
