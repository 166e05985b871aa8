"""Forgotten passwords and one's own account."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories.accounts import PASSWORD, at, person, sign_in
from tests.web.accounts_steps import account, enter, is_in, link, messages
from tests.web_client import CleanClient

NEW_PASSWORD = "four lanterns under a patient bridge"


@pytest.fixture(autouse=True)
def _here(session, client: CleanClient, now) -> None:
    at(client, now)


# Forgotten password


def test_a_forgotten_password_is_replaced_with_a_link(client, now):
    someone = person(email="known@example.org")
    sign_in(client, someone)
    assert is_in(client)

    assert (
        client.post("/forgotten-password", data={"email": "Known@example.org"}).location == "/forgotten-password/sent"
    )
    reset = link(now)
    assert client.post(reset, data={"password": NEW_PASSWORD}).location == "/sign-in"

    sign_in(client, someone)
    assert account("known@example.org").epoch == 1
    client.post("/sign-out")
    assert enter(client, "known@example.org").status_code == 422
    assert enter(client, "known@example.org", NEW_PASSWORD).status_code == 302


def test_a_reset_ends_every_open_session(app, client, now):
    someone = person(email="known@example.org")
    elsewhere = app.test_client()
    sign_in(elsewhere, someone)
    assert is_in(elsewhere)

    client.post("/forgotten-password", data={"email": "known@example.org"})
    client.post(link(now), data={"password": NEW_PASSWORD})

    assert not is_in(elsewhere)


def test_a_reset_link_works_once_and_for_one_hour(client, now):
    person(email="known@example.org")
    client.post("/forgotten-password", data={"email": "known@example.org"})
    reset = link(now)

    at(client, now + timedelta(hours=1, seconds=1))
    assert client.post(reset, data={"password": NEW_PASSWORD}).status_code == 410
    at(client, now + timedelta(minutes=59))
    assert client.post(reset, data={"password": NEW_PASSWORD}).status_code == 302
    assert client.post(reset, data={"password": "another one that is long"}).status_code == 410


def test_asking_for_a_reset_says_nothing_about_accounts(client, now):
    person(email="known@example.org")

    known = client.post("/forgotten-password", data={"email": "known@example.org"})
    unknown = client.post("/forgotten-password", data={"email": "nobody@example.org"})

    assert (known.status_code, known.location, known.data) == (unknown.status_code, unknown.location, unknown.data)
    assert messages(now) == [("account.reset", "known@example.org")]


def test_a_foreign_host_cannot_get_its_name_into_a_message(client, now):
    person(email="known@example.org")

    answer = client.post("/forgotten-password", data={"email": "known@example.org"}, headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert messages(now) == []


# One's own account


def test_a_person_changes_their_name(client):
    someone = person(name="Anna")
    sign_in(client, someone)

    assert client.post("/account", data={"name": "  Anna   Nowak "}).status_code == 302
    assert account(someone.email).name == "Anna Nowak"


def test_a_new_password_needs_the_current_one(client):
    someone = person()
    sign_in(client, someone)

    wrong = client.post("/account/password", data={"current": "not this", "password": NEW_PASSWORD})
    assert wrong.status_code == 422
    assert "current-error" in wrong.text
    assert client.post("/account/password", data={"current": PASSWORD, "password": "short"}).status_code == 422
    assert account(someone.email).epoch == 0


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(app, client):
    someone = person()
    elsewhere = app.test_client()
    sign_in(client, someone)
    sign_in(elsewhere, someone)

    assert client.post("/account/password", data={"current": PASSWORD, "password": NEW_PASSWORD}).status_code == 302

    assert is_in(client)
    assert not is_in(elsewhere)


def test_signing_out_everywhere_ends_all_sessions(app, client):
    someone = person()
    elsewhere = app.test_client()
    sign_in(client, someone)
    sign_in(elsewhere, someone)

    client.post("/account/sign-out-everywhere")

    assert not is_in(client)
    assert not is_in(elsewhere)


@pytest.mark.parametrize(
    ("chosen", "stored"), [("light", "light"), ("dark", "dark"), ("device", None), ("<b>", None), ("", None)]
)
def test_the_colours_are_kept_with_the_account(client, chosen, stored):
    someone = person()
    sign_in(client, someone)

    answer = client.post("/account/theme", data={"theme": chosen}, headers={"Referer": "http://localhost/account"})

    assert answer.location == "/account"
    assert account(someone.email).theme == stored
    assert ('data-theme="dark"' in client.get("/account").text) is (stored == "dark")


def test_choosing_colours_never_leads_to_another_site(client):
    sign_in(client, person())

    answer = client.post("/account/theme", data={"theme": "dark"}, headers={"Referer": "https://evil.example/account"})

    assert answer.location == "/dashboard"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/account", 302),
        ("POST", "/account", 401),
        ("POST", "/account/password", 401),
        ("POST", "/account/theme", 401),
        ("POST", "/account/sign-out-everywhere", 401),
    ],
)
def test_a_visitor_has_no_account_page(client, method, path, status):
    assert client.open(path, method=method).status_code == status
