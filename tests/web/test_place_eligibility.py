"""Is my town eligible? Without an account and without a script: the search, and what each call says."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from tests.factories.accounts import at
from tests.factories.calls import closed_call, open_call, upcoming_call
from tests.query_count import statements
from tests.web_client import CleanClient
from urbact_calls.database import db

pytestmark = [pytest.mark.usefixtures("session"), pytest.mark.database("reference")]

SEARCH = "/get-involved/town"


@pytest.fixture
def visitor(client: CleanClient, now: datetime) -> CleanClient:
    at(client, now)
    return client


def found(visitor: CleanClient, words: str, country: str = "") -> list[tuple[str, str]]:
    """Address and words of the places found."""
    page = visitor.get(SEARCH, query_string={"q": words, "country": country}).text
    return re.findall(r'<a href="(/get-involved/town/\d+)">([^<]+)</a>', page)


def answers(visitor: CleanClient, words: str, country: str, **query: str) -> str:
    page = visitor.get(found(visitor, words, country)[0][0], query_string=query).text
    return " ".join(re.sub(r"<[^>]+>", " ", page).split()).replace("&#39;", "'")


def test_lodz_finds_łódź_without_an_account(visitor: CleanClient):
    assert found(visitor, "Lodz")[0][1] == "Łódź, Poland"
    assert "GeoNames (geonames.org), Creative Commons Attribution 4.0" in visitor.get(SEARCH).text


def test_the_same_name_in_several_countries_is_told_apart(visitor: CleanClient):
    countries = {words.rpartition(", ")[2] for _, words in found(visitor, "Brakel") if words.startswith("Brakel,")}

    assert countries == {"Belgium", "Germany", "Netherlands"}


def test_a_town_reads_country_region_category_rate_and_what_it_could_be(visitor: CleanClient, now: datetime):
    open_call(db.session, now)

    said = answers(visitor, "Lodz", "PL")

    assert "in Łódzkie (PL71)" in said
    assert "Poland is a Member State of the European Union; this call admits its towns." in said
    assert "Project partner Possible" in said
    assert "Lead partner Possible" in said
    assert "Category Less developed Confidence High" in said
    assert re.search(r"Co-financing Up to 80\s?% ERDF", said)


def test_a_town_whose_region_is_not_known_can_choose_it(visitor: CleanClient, now: datetime):
    open_call(db.session, now)

    assert "Co-financing Not known It depends on the region" in answers(visitor, "Warsaw", "PL")
    assert re.search(r"Up to 65\s?% ERDF", answers(visitor, "Warsaw", "PL", region="PL91"))
    assert "Co-financing Not known" in answers(visitor, "Warsaw", "PL", region="ES11")


def test_a_town_of_an_ipa_country_cannot_lead(visitor: CleanClient, now: datetime):
    open_call(db.session, now, ipa_can_lead=False)

    said = answers(visitor, "Sarajevo", "BA")

    assert "Lead partner Not possible Towns of an IPA country cannot lead in this call." in said
    assert "no region counts" in said


def test_where_a_label_is_asked_for_a_missing_entry_proves_nothing(visitor: CleanClient):
    said = answers(visitor, "Agen", "FR")

    assert "Only a town that holds a Good Practice label of 2024 can lead. We know 31 of 116" in said
    assert "Climate Neutral Communities" in answers(visitor, "Vilnius", "LT")


def test_open_and_upcoming_calls_come_first_and_closed_ones_only_for_other_types(visitor: CleanClient, now: datetime):
    open_call(db.session, now, "APN-NOW")
    upcoming_call(db.session, now, "APN-NEXT")
    closed_call(db.session, now, "APN-OLD")

    page = visitor.get(found(visitor, "Agen", "FR")[0][0]).text

    assert re.findall(r'<h2 class="section-title".*?/calls/([A-Z0-9-]+)"', page)[:2] == ["APN-NOW", "APN-NEXT"]
    assert "/calls/APN-OLD" not in page
    assert "This is how it was." in page


def test_a_list_of_places_asks_as_much_however_long_it_is(visitor: CleanClient):
    with statements() as one:
        assert len(found(visitor, "Lodz", "PL")) >= 1
    with statements() as many:
        assert len(found(visitor, "Saint", "FR")) == 20

    assert len(one) == len(many)


def test_pages_follow_by_key(visitor: CleanClient):
    page = visitor.get(SEARCH, query_string={"q": "saint", "country": "FR"}).text
    following = re.search(r'href="([^"]*after=[^"]*)"', page)
    assert following is not None

    second = visitor.get(following[1].replace("&amp;", "&")).text

    here, there = (set(re.findall(r"/get-involved/town/\d+", text)) for text in (page, second))
    assert (len(here), len(there), here & there) == (20, 20, set())


@pytest.mark.parametrize("query", ["q=%00", "q=a", "q=%25%25", "q=" + "x" * 3000, "q=lodz&after=%27", "country=%%"])
def test_anything_in_the_search(visitor: CleanClient, query: str):
    assert visitor.get(f"{SEARCH}?{query}").status_code in {200, 400}


@pytest.mark.parametrize("typed", ["***", "%", "_", "…"])
def test_signs_find_no_place_and_it_is_said(visitor: CleanClient, typed: str):
    page = visitor.get(SEARCH, query_string={"q": typed}).text

    assert "There is no letter and no digit in what you typed." in page
    assert "/get-involved/town/" not in page


def test_how_large_a_place_is_is_said_as_people_say_it(visitor: CleanClient):
    assert "about 1,700,000 people" in visitor.get(SEARCH, query_string={"q": "Warszawa"}).text


def test_a_place_that_does_not_exist_is_not_there(visitor: CleanClient):
    assert visitor.get("/get-involved/town/1").status_code == 404
    assert visitor.get("/get-involved/town/99999999999").status_code == 404


def test_the_page_is_linked_where_people_look_for_it(visitor: CleanClient):
    for page in ("/", "/get-involved/city"):
        assert f'href="{SEARCH}"' in visitor.get(page).text


def test_the_sources_name_the_licence(visitor: CleanClient):
    page = visitor.get("/sources").text

    assert "63,946" in page
    assert "https://creativecommons.org/licenses/by/4.0/" in page
    assert 'href="/sources"' in visitor.get("/").text
