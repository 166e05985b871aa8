"""Places are found by the beginning of their name, in any spelling, page by page."""

from __future__ import annotations

import pytest

from tests.query_count import statements
from urbact_calls.database import db
from urbact_calls.domain.refusal import NotFound
from urbact_calls.places import reads as places

pytestmark = [pytest.mark.usefixtures("session"), pytest.mark.database("reference")]


def names(text, **options):
    return [(place.name, place.country) for place in places.search(db.session(), text, **options).rows]


def test_lodz_finds_łódź():
    assert names("Lodz")[0] == ("Łódź", "PL")
    assert names("ŁÓDŹ") == names("lodz")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Wien", ("Vienna", "AT")),
        ("Roma", ("Rome", "IT")),
        ("Praha", ("Prague", "CZ")),
        ("Lisboa", ("Lisbon", "PT")),
        ("Αθήνα", ("Athens", "GR")),
        ("Breslau", ("Wrocław", "PL")),
        ("Thessaloniki", ("Thessaloníki", "GR")),
    ],
)
def test_a_place_is_found_by_the_names_that_people_use(typed: str, found: tuple[str, str]):
    assert names(typed)[0] == found


def test_larger_places_come_first_after_those_that_are_called_exactly_so():
    people = [place.people for place in places.search(db.session(), "hambu", size=40).rows]

    assert people == sorted(people, reverse=True)
    assert people[0] > 1_000_000
    assert names("Bled")[0] == ("Bled", "SI")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Bragga", "Braga"),
        ("Zaragozza", "Zaragoza"),
        ("Gdnask", "Gdańsk"),
        ("Barcelna", "Barcelona"),
        ("Brattislva", "Bratislava"),
    ],
)
def test_a_small_typing_mistake_is_forgiven(typed: str, found: str):
    page = places.search(db.session(), typed)

    assert page.is_near
    assert found in [place.name for place in page.rows]


@pytest.mark.parametrize("typed", ["Xqzwv", "Zzzzzzzzzz", "qq"])
def test_what_is_like_no_name_finds_nothing(typed: str):
    assert names(typed) == []


def test_a_country_narrows_it():
    assert {country for _, country in names("San", country="IT")} == {"IT"}
    assert {country for _, country in names("Bragga", country="PT")} == {"PT"}


def test_the_same_name_in_several_countries_is_told_apart():
    assert {("Castro", "ES"), ("Castro", "IT")} <= set(names("Castro"))


@pytest.mark.parametrize("text", ["", " ", "L", "%", "_", "\x00a", "'; --"])
def test_too_little_or_no_letters_find_nothing(text):
    assert names(text) == []


def test_pages_follow_each_other_without_gap_or_repetition():
    first = places.search(db.session(), "saint", country="FR")
    second = places.search(db.session(), "saint", country="FR", after=first.after)
    both = places.search(db.session(), "saint", country="FR", size=2 * places.PAGE_SIZE)

    assert [*first.rows, *second.rows] == list(both.rows)


@pytest.mark.parametrize("after", ["x", "1", "1.", "9999999999", "1\x00", "-1"])
def test_a_key_that_nobody_gave_begins_at_the_beginning(after):
    assert names("Lodz", after=after) == names("Lodz")


def test_a_search_is_one_query_and_uses_the_index():
    with statements() as asked:
        names("san")

    assert len(asked) == 1


def test_a_place_that_does_not_exist_is_not_found():
    with pytest.raises(NotFound):
        places.by_id(db.session(), 1)
    assert places.count(db.session()) == 63_946
