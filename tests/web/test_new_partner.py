"""A partner that is not in the list: country and region follow from the place of its seat, nothing is guessed."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from sqlalchemy import select

from tests.factories import applications as make
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from tests.factories.places import place
from tests.web.given_back import form_to
from tests.web_client import CleanClient
from urbact_calls.database import db
from urbact_calls.organisations.models import Organisation


@pytest.fixture
def draft(session, now: datetime) -> Draft:
    place(1, "Łódź", "PL", "74")
    place(2, "Radom", "PL", "78")
    place(3, "Sarajevo", "BA", "01")
    place(4, "Riga", "LV", "25")
    place(5, "Lille", "FR", "32", "Rijsel", people=238_695)
    place(6, "Lille", "BE", "VLG", people=15_466)
    return make.draft(open_call(db.session, now), now)


@pytest.fixture
def path(draft: Draft) -> str:
    return f"/applications/{draft.reference}/partners/new"


def add(lead: CleanClient, path: str, *, follow_redirects: bool = False, **answers: str):
    form = {"name": "Town hall", "category": "CITY_MUNICIPALITY", "version": "1", "country": "", **answers}
    return lead.post(path, data=form, follow_redirects=follow_redirects)


def found(name: str) -> Organisation:
    db.session.rollback()
    return db.session.scalars(select(Organisation).where(Organisation.name == name)).one()


def test_a_new_partner_takes_two_pages(lead: CleanClient, path: str):
    """The form, and the partnership with the partner in it."""
    form = lead.get(path)

    after = add(lead, path, follow_redirects=True, seat_city="lodz", country="PL")

    assert [form.status_code, after.status_code] == [200, 200]
    assert "Town hall added." in after.text
    assert [each.request.path for each in after.history] == [path]


def test_a_search_that_finds_nothing_gives_the_form_with_what_was_looked_for(lead: CleanClient, path: str):
    """So that these are two pages as well, also where the place lies in one of several regions."""
    page = lead.get(path.removesuffix("/new"), query_string={"name": "Rijsel", "country": "FR"})

    fields = form_to(page, path)
    regions = re.findall(r'<option value="(FRE?[0-9A-Z]+)">', page.text)
    assert (fields["name"], fields["seat_city"], fields["country"]) == ("Rijsel", "Rijsel", "FR")
    assert regions == ["FRE1", "FRE2"]
    assert lead.post(path, data=fields | {"nuts2": "FRE1", "category": "CITY_MUNICIPALITY"}).status_code == 302
    assert found("Rijsel").seat_city == "Lille"


@pytest.mark.parametrize("typed", ["LODZ", "łódź", "Łódź"])
def test_country_and_region_follow_from_the_place_in_any_spelling(lead: CleanClient, path: str, typed: str):
    assert add(lead, path, seat_city=typed).status_code == 302

    town = found("Town hall")
    assert (town.seat_city, town.country, town.nuts2, town.region_category) == ("Łódź", "PL", "PL71", "less developed")
    assert (town.region_basis, town.geonameid, town.latitude) == ("place", 1, 50.5)
    assert not town.is_verified


@pytest.mark.parametrize(("typed", "shown"), [("Lozd", "Łódź"), ("Rado", "Radom"), ("Rigga", "Riga")])
def test_a_place_that_is_called_nearly_so_is_proposed_and_not_chosen(
    lead: CleanClient, path: str, typed: str, shown: str
):
    page = add(lead, path, seat_city=typed)

    assert page.status_code == 422
    assert f"No place in our list is called “{typed}”." in page.text
    assert re.findall(r'name="place" value="[0-9]+"( checked)?><label[^>]*>([^,]+),', page.text) == [("", shown)]
    assert f'value="{typed}"' in page.text


def test_of_places_of_one_name_the_person_chooses_the_larger_first(lead: CleanClient, path: str):
    page = add(lead, path, seat_city="Lille").text

    shown = re.findall(r'name="place" value="([0-9a-z]+)"><label[^>]*>([^<]+)<', page)
    assert shown == [
        ("5", "Lille, France, in one of 2 regions, about 239,000 people"),
        ("6", "Lille, Belgium, in one of 5 regions, about 15,000 people"),
        ("none", "None of these"),
    ]
    assert add(lead, path, seat_city="Lille", place="5", nuts2="BE21").status_code == 422
    assert add(lead, path, seat_city="Lille", place="6", nuts2="BE21").status_code == 302
    assert (found("Town hall").country, found("Town hall").nuts2) == ("BE", "BE21")


def test_where_two_regions_are_possible_the_person_chooses_and_nothing_is_preselected(lead: CleanClient, path: str):
    page = add(lead, path, seat_city="Radom", country="PL")

    assert page.status_code == 422
    assert re.findall(r'<option value="(PL[0-9]+)">', page.text) == ["PL92", "PL91"]
    assert '<option selected value="">Choose the region' in page.text
    assert add(lead, path, seat_city="Radom", nuts2="ES11").status_code == 422
    assert add(lead, path, seat_city="Radom", nuts2="PL92").status_code == 302
    assert (found("Town hall").nuts2, found("Town hall").region_basis) == ("PL92", "chosen")


def test_a_region_that_is_not_known_stays_unknown(lead: CleanClient, path: str):
    assert add(lead, path, seat_city="Radom", nuts2="not-known").status_code == 302

    town = found("Town hall")
    assert (town.nuts2, town.region_category, town.region_basis) == (None, None, None)
    assert "Category not known: rate not known" in lead.get(path.removesuffix("/new")).text


def test_outside_the_union_no_region_is_asked(lead: CleanClient, path: str):
    assert add(lead, path, seat_city="Sarajevo", nuts2="PL71").status_code == 302

    assert (found("Town hall").country, found("Town hall").nuts2) == ("BA", None)


def test_a_place_that_is_not_in_the_list_can_be_typed(lead: CleanClient, path: str):
    page = add(lead, path, seat_city="Nowhere", country="PL").text

    assert 'value="Nowhere"' in page
    assert 'value="PL71"' in page
    assert add(lead, path, seat_city="Nowhere", country="PL", nuts2="PL71").status_code == 302
    town = found("Town hall")
    assert (town.seat_city, town.region_basis, town.geonameid) == ("Nowhere", "chosen", None)


def test_what_is_none_of_the_places_that_are_called_so_is_kept_as_typed(lead: CleanClient, path: str):
    typed = {"seat_city": "Lozd", "country": "LV", "place": "none"}

    assert add(lead, path, **typed).status_code == 302
    assert (found("Town hall").seat_city, found("Town hall").nuts2) == ("Lozd", "LV00")


def test_a_typed_place_in_a_country_of_one_region_lies_in_it(lead: CleanClient, path: str):
    assert add(lead, path, seat_city="Somewhere", country="LV").status_code == 302

    assert (found("Town hall").nuts2, found("Town hall").region_basis) == ("LV00", "place")


@pytest.mark.parametrize("number", ["x", "-1", "99999999999", "1", "٣", ""])
def test_a_number_that_is_no_place_of_this_name_asks_again(lead: CleanClient, path: str, number: str):
    page = add(lead, path, seat_city="Lille", place=number)

    assert page.status_code == 422
    assert "Choose the place, or say that it is none of these." in page.text


@pytest.mark.parametrize("typed", ["%", "_", "***", "%%%"])
def test_signs_find_no_organisation_and_no_place(lead: CleanClient, path: str, typed: str):
    page = lead.get(path.removesuffix("/new"), query_string={"name": typed}).text

    assert "There is no letter and no digit in what you typed." in page
    assert 'name="place"' not in page


def test_the_pages_show_region_category_rate_and_how_sure_they_are(lead: CleanClient, path: str, draft: Draft):
    add(lead, path, seat_city="Łódź")

    for page in ("partners", "budget"):
        shown = lead.get(f"/applications/{draft.reference}/{page}").text
        assert "Łódzkie (PL71)" in shown
        assert "Less developed: up to 80 % ERDF" in shown.replace("\xa0", " ").replace("80%", "80 %")
        assert "Confidence high, from the place and its division" in shown
