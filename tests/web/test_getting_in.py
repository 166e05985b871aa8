"""From “Start an application” to the first field, as somebody entirely new walks it; the call is remembered."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import quote, urlencode

import pytest

from scripts.fuzz.forms import forms_and_links
from tests.factories.accounts import PASSWORD, at, person, sign_in
from tests.factories.calls import open_call
from tests.factories.organisations import organisation
from tests.factories.places import place
from tests.web.accounts_steps import account, confirm, is_in, link, messages, register
from tests.web_client import CleanClient
from urbact_calls.database import db

START = "/calls/APN-DEMO/applications"
NEWCOMER = {"name": "Anna Kowalska", "email": "anna@city.example.org", "notice": "y"}


class Walk:
    """A person at a browser: follows links and sends forms by what stands on the page, and counts the pages."""

    def __init__(self, client: CleanClient, path: str) -> None:
        self.client, self.page = client, client.get(path)
        self.opened: list[str] = []

    def _see(self, page) -> None:
        assert page.status_code == 200, page.text
        self.page = page
        self.opened.append(page.request.path)

    def open(self, path: str) -> None:
        self._see(self.client.get(path, follow_redirects=True))

    def follow(self, words: str) -> None:
        [href] = re.findall(rf'<a [^>]*href="([^"]+)"[^>]*>{re.escape(words)}</a>', self.page.text)
        self.open(unescape(href))

    def look_for(self, name: str) -> None:
        """Sends the search of the page, with the hidden fields that it has."""
        [form] = re.findall(r'<form[^>]*method="get"[^>]*role="search">.*?</form>', self.page.text, re.DOTALL)
        [action] = re.findall(r'action="([^"#]+)', form)
        hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
        self.open(f"{action}?{urlencode([*hidden, ('q', name)])}")

    def send(self, action: str, **typed: str) -> None:
        forms, _ = forms_and_links(self.page.text, "", self.page.request.path)
        [form] = [each for each in forms if each.action == action]
        fields = {each.name: each.value for each in form.fields if each.name and each.is_sent}
        self._see(self.client.post(action, data=fields | typed, follow_redirects=True))


@pytest.fixture
def walk(session, client: CleanClient, now: datetime) -> Walk:
    at(client, now)
    open_call(db.session, now)
    place(1, "Łódź", "PL", "74")
    place(5, "Lille", "FR", "32", people=238_695)
    place(6, "Lille", "BE", "VLG", people=15_466)
    return Walk(client, "/calls/APN-DEMO")


def come_in(walk: Walk, now: datetime) -> None:
    """From the form of a new account to the first page of who is signed in."""
    walk.send("/register", **NEWCOMER)
    received = link(now)
    walk.open(received)
    walk.send(received, password=PASSWORD)


def is_at_the_first_field(walk: Walk) -> bool:
    return walk.opened[-1] == "/applications/APN-DEMO-001/sections/identity" and 'name="title"' in walk.page.text


def test_somebody_new_is_at_the_first_field_after_six_pages(walk: Walk, now: datetime):
    walk.follow("Start an application")
    come_in(walk, now)
    walk.send("/organisations/new", name="Łódź", seat_city="Lodz", category="CITY_MUNICIPALITY")
    walk.send(START)

    assert is_at_the_first_field(walk), walk.opened
    assert [re.sub(r"/confirm/.*", "/confirm", path) for path in walk.opened] == [
        "/register",
        "/register/sent",
        "/register/confirm",
        "/organisations/new",
        START,
        "/applications/APN-DEMO-001/sections/identity",
    ]


@pytest.mark.parametrize(
    ("looked_for", "answers"),
    [("Lodz", {}), ("Lille", {"place": "5", "nuts2": "FRE1"}), ("Lille", {"place": "6", "nuts2": "BE21"})],
)
def test_who_looks_for_the_organisation_first_is_there_after_seven(
    walk: Walk, now: datetime, looked_for: str, answers: dict[str, str]
):
    """Also where there are several places of this name, which lie in several regions."""
    walk.follow("Start an application")
    come_in(walk, now)
    walk.look_for(looked_for)
    walk.send("/organisations/new", category="CITY_MUNICIPALITY", **answers)
    walk.send(START)

    assert is_at_the_first_field(walk), walk.opened
    assert len(walk.opened) == 7


def test_who_comes_by_the_page_to_sign_in_is_there_after_seven(walk: Walk, now: datetime):
    walk.follow("Sign in to start")
    walk.follow("Open an account")
    come_in(walk, now)
    walk.send("/organisations/new", name="Łódź", seat_city="Lodz", category="CITY_MUNICIPALITY")
    walk.send(START)

    assert is_at_the_first_field(walk), walk.opened
    assert len(walk.opened) == 7


def test_the_form_to_start_sent_twice_by_somebody_new_starts_one_draft(walk: Walk, now: datetime):
    walk.follow("Start an application")
    come_in(walk, now)
    walk.send("/organisations/new", name="Łódź", seat_city="Lodz", category="CITY_MUNICIPALITY")
    before = walk.page

    walk.send(START)
    walk.page = before
    walk.send(START)

    assert walk.opened[-2:] == ["/applications/APN-DEMO-001/sections/identity"] * 2


def test_the_call_is_remembered_in_the_message_and_not_in_the_browser(app, walk: Walk, now: datetime):
    """The message may be opened on another machine, and after a mistake in the form."""
    walk.follow("Start an application")
    mistaken = walk.client.post("/register", data={"name": "", "next": START})
    assert f'name="next" value="{START}"' in mistaken.text
    walk.send("/register", **NEWCOMER)
    received = link(now)
    client = app.test_client()
    at(client, now)
    elsewhere = Walk(client, received)

    weak = client.post(received, data={"name": "Anna Kowalska", "password": "short"})
    elsewhere.send(received, password=PASSWORD)

    assert weak.status_code == 422
    assert f'name="next" value="{START}"' in elsewhere.page.text


def test_one_s_own_organisation_is_found_by_other_names_and_with_a_mistake(walk: Walk):
    known = organisation("Lodz", seat_city="Łódź")
    sign_in(walk.client, person())

    for typed in ("Łódź", "LODZ", "Lozd"):
        walk.open(f"/organisations/new?q={quote(typed)}&next={START}")
        assert f'action="/organisations/{known.slug}/requests"' in walk.page.text, typed
        walk.open(f"/organisations/?q={quote(typed)}")
        assert f'action="/organisations/{known.slug}/requests"' in walk.page.text, typed


@pytest.mark.parametrize("page", ["/organisations/", "/organisations/new"])
@pytest.mark.parametrize("typed", ["%%%", "___", "***"])
def test_signs_find_no_organisation(walk: Walk, page: str, typed: str):
    organisation("Lodz", seat_city="Łódź")
    sign_in(walk.client, person())

    walk.open(f"{page}?q={quote(typed)}")

    assert "There is no letter and no digit in what you typed." in walk.page.text
    assert "Ask to join" not in walk.page.text


# What a stranger could make of it


ELSEWHERE = ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"]


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nothing_leads_to_another_site(client: CleanClient, session, now: datetime, wanted: str):
    at(client, now)
    place(1, "Łódź", "PL", "74")

    assert register(client, next=wanted).location == "/register/sent"
    assert confirm(client, link(now)).location == "/dashboard"
    entered = {"name": "Łódź", "seat_city": "Lodz", "category": "CITY_MUNICIPALITY", "country": "", "next": wanted}
    assert client.post("/organisations/new", data=entered).location == "/organisations/lodz/"
    assert "evil.example" not in client.get(f"/organisations/new?next={quote(wanted)}").text
    client.post("/sign-out")
    assert "evil.example" not in client.get(f"/register?next={quote(wanted)}").text


def test_the_message_shows_no_words_of_whoever_registered(client: CleanClient, session, now: datetime):
    """The address to go on to is in the signed token only: nobody can write to others with it."""
    at(client, now)
    register(client, next="/win-9000-eur/example.org")

    assert "9000" not in link(now)


def test_a_link_signs_in_once_and_only_whoever_chooses_the_password(app, client: CleanClient, session, now: datetime):
    at(client, now)
    register(client)
    received = link(now)

    client.get(received)
    assert not is_in(client)
    confirm(client, received)
    assert is_in(client)
    stranger = app.test_client()
    at(stranger, now)
    assert confirm(stranger, received, password="an intruder chooses these words").status_code == 410
    assert not is_in(stranger)


def test_a_link_that_is_too_old_signs_nobody_in(client: CleanClient, session, now: datetime):
    at(client, now)
    register(client)
    received = link(now)
    at(client, now + timedelta(days=3, seconds=1))

    assert confirm(client, received).status_code == 410
    assert not is_in(client)


def test_nobody_is_signed_in_to_an_account_that_is_there_already(client: CleanClient, session, now: datetime):
    """Not by registering again, and not by a link of before."""
    at(client, now)
    register(client)
    first = link(now)
    later = now + timedelta(minutes=2)
    at(client, later)
    register(client)
    second = link(later)
    confirm(client, first)
    client.post("/sign-out")

    assert confirm(client, second).status_code == 410
    assert register(client, next=START).status_code == 302
    assert messages(later)[-1] == ("account.exists", "anna@city.example.org")
    assert not is_in(client)


def test_who_was_signed_in_before_in_this_browser_is_signed_out(client: CleanClient, session, now: datetime):
    at(client, now)
    register(client)
    received = link(now)
    sign_in(client, person(name="Somebody Else"))

    confirm(client, received)

    assert account("anna@city.example.org").name in client.get("/account").text
