"""Registration, sign-in and sign-out, as a visitor meets them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask

from tests.factories.accounts import PASSWORD, at, person, sign_in
from tests.web.accounts_steps import account, confirm, enter, is_in, link, messages, register
from tests.web_client import CleanClient
from urbact_calls.database import db

NEW_PASSWORD = "four lanterns under a patient bridge"


@pytest.fixture(autouse=True)
def _here(session, client: CleanClient, now: datetime) -> None:
    at(client, now)


# Registration


def test_a_registered_person_confirms_the_address_and_is_signed_in(client, now):
    assert register(client).location == "/register/sent"
    received = link(now)

    assert "Confirm my address" in client.get(received).text
    assert account("anna@city.example.org").confirmed_at is None, "looking at the link must change nothing"
    assert confirm(client, received).location == "/dashboard"
    assert account("anna@city.example.org").confirmed_at == now
    assert is_in(client)


def test_the_address_is_kept_in_one_spelling(client, now):
    register(client, "  Anna.K@BÜCHER.Example.org ")

    assert account("anna.k@xn--bcher-kva.example.org") is not None


def test_an_address_with_an_account_is_answered_like_a_new_one_and_told_by_mail(client, now):
    person(email="known@example.org")

    new, known = register(client, "new@example.org"), register(client, "known@example.org")

    assert (known.status_code, known.location, known.data) == (new.status_code, new.location, new.data)
    assert messages(now) == [("account.confirm", "new@example.org"), ("account.exists", "known@example.org")]


@pytest.mark.parametrize("order", [("Mallory", "Anna"), ("Anna", "Mallory"), ("Mallory",)])
def test_who_registers_the_address_of_somebody_else_gets_nothing(app, client, now, order):
    """Whoever came first or last, the click of its owner makes no password valid but the one typed with the link."""
    intruders = "an intruder chooses these words"
    for who in order:
        register(client, name=who, password=intruders)

    confirm(client, link(now))

    assert enter(app.test_client(), "anna@city.example.org", intruders).status_code == 422
    assert enter(client, "anna@city.example.org").status_code == 302
    assert account("anna@city.example.org").name == "Anna Kowalska"


def test_registering_again_leaves_the_links_that_were_sent(client, now):
    """Or anybody could make them worthless as fast as they are sent."""
    register(client)
    first = link(now)
    register(client, name="Mallory")

    assert 'value="Mallory"' in client.get(first).text
    assert confirm(client, first).status_code == 302
    assert account("anna@city.example.org").name == "Anna Kowalska"


def test_before_it_is_confirmed_an_account_opens_with_no_password(client, now):
    person(email="waiting@example.org", confirmed=False)
    register(client)

    tried = [
        enter(client, email, typed)
        for email in ("waiting@example.org", "anna@city.example.org")
        for typed in (PASSWORD, "this is the wrong one")
    ]

    assert {answer.status_code for answer in tried} == {422}
    assert all("do not belong together" in answer.text for answer in tried)
    assert messages(now) == [("account.confirm", "anna@city.example.org")]


def test_whoever_lost_the_link_gets_another_by_asking_for_a_new_password(client, now):
    register(client)
    at(client, now + timedelta(days=5))
    client.post("/forgotten-password", data={"email": "anna@city.example.org"})

    assert confirm(client, link(now + timedelta(days=5))).status_code == 302
    assert enter(client, "anna@city.example.org").location == "/dashboard"


def test_a_link_works_once(client, now):
    register(client)
    received = link(now)
    confirm(client, received)

    assert client.get(received).status_code == 410
    assert confirm(client, received, password="an intruder chooses these words").status_code == 410
    assert enter(client, "anna@city.example.org").status_code == 302


def test_a_link_works_for_three_days(client, now):
    register(client)
    received = link(now)

    at(client, now + timedelta(days=3, seconds=1))
    assert client.get(received).status_code == 410
    assert confirm(client, received).status_code == 410
    at(client, now + timedelta(days=3))
    assert confirm(client, received).status_code == 302


@pytest.mark.parametrize("token", ["x", "WzEsMCwieCJd.x", "%00", "é", "a" * 5000, "..%2f"])
def test_a_made_up_link_says_that_it_does_not_work(client, token):
    assert client.get(f"/register/confirm/{token}").status_code in (400, 404, 410)
    assert client.post(f"/reset-password/{token}", data={"password": NEW_PASSWORD}).status_code in (400, 404, 410)


def test_a_link_for_one_purpose_does_not_serve_another(client, now):
    register(client)
    token = link(now).rpartition("/")[2]

    assert client.get(f"/reset-password/{token}").status_code == 410


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "5 characters; it needs at least 12, 7 more"),
        ("x" * 257, "257 characters; it can have at most 256"),
        ("password1234", "password that many people use"),
        ("qwertyuiop[]", "row of keys"),
        ("abcdefghijklmn", "alphabet"),
        ("kowalska2024", "your name"),
    ],
)
def test_a_weak_password_is_refused_in_plain_words(client, now, password, words):
    register(client, name="Anna")

    answer = confirm(client, link(now), password=password)

    assert answer.status_code == 422
    assert words in answer.text
    assert password not in answer.text, "a password must not come back"
    assert 'value="Anna Kowalska"' in answer.text
    assert account("anna@city.example.org").confirmed_at is None


def test_the_notice_must_have_been_read(client):
    answer = client.post("/register", data={"name": "Anna", "email": "a@example.org"})

    assert answer.status_code == 422
    assert "notice-error" in answer.text


# Signing in and out


def test_unknown_address_and_wrong_password_get_the_same_answer(client):
    person(email="known@example.org")
    person(email="waiting@example.org", confirmed=False)

    answers = [
        enter(client, address, "this is the wrong one") for address in ("known@example.org", "nobody@example.org")
    ]
    answers.append(enter(client, "waiting@example.org", "this is the wrong one"))

    same = {re.sub(r"\w+@example\.org|name=\"csrf_token\" value=\"[^\"]+\"", "", answer.text) for answer in answers}
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert len(same) == 1
    assert "do not belong together" in same.pop()


def test_the_address_may_be_typed_in_capitals(client):
    person(email="known@example.org")

    assert enter(client, "KNOWN@Example.org ").status_code == 302


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client):
    person(email="known@example.org")

    turned_away = client.get("/account?tab=1")
    assert turned_away.location == "/sign-in?next=/account?tab%3D1"
    assert 'name="next" value="/account?tab=1"' in client.get(turned_away.location).text
    assert enter(client, "known@example.org", next="/account?tab=1").location == "/account?tab=1"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/account\r\nSet-Cookie: a=b",
        "/\t/evil.example",
        "evil.example",
        "",
        "/" + "a" * 600,
    ],
)
def test_signing_in_never_leads_to_another_site(client, wanted):
    person(email="known@example.org")

    assert enter(client, "known@example.org", next=wanted).location == "/dashboard"


def test_signing_in_begins_a_new_session(client):
    """What somebody planted in the browser before must not survive."""
    someone = person(email="known@example.org")
    with client.session_transaction() as planted:
        planted["planted"] = "yes"
        planted["csrf_token"] = "known to the attacker"

    enter(client, someone.email)

    with client.session_transaction() as opened:
        assert "planted" not in opened
        assert opened.get("csrf_token") != "known to the attacker"


def test_signing_out_needs_a_post(client):
    sign_in(client, person())

    assert client.get("/sign-out").status_code == 405
    assert is_in(client)
    assert client.post("/sign-out").location == "/sign-in"
    assert not is_in(client)


def test_a_closed_account_hears_so_only_with_its_password(client, now):
    someone = person(email="known@example.org")
    someone.disabled_at = now
    db.session.commit()

    assert "is closed" in enter(client, "known@example.org").text
    assert "is closed" not in enter(client, "known@example.org", "this is the wrong one").text


# Forged requests


FORMS = ["/register", "/sign-in", "/sign-out", "/forgotten-password", "/account", "/account/password", "/account/theme"]


@pytest.mark.parametrize("path", FORMS)
def test_a_form_from_another_page_is_refused(app: Flask, client, path):
    someone = person()
    sign_in(client, someone)

    typed = {"email": someone.email, "password": PASSWORD, "name": "x", "theme": "dark"}
    answer = client.post_from_elsewhere(path, data=typed)

    assert answer.status_code == 400
    assert "came from another page" in answer.text


def test_a_form_with_its_own_token_is_accepted(app: Flask, client):
    person(email="known@example.org")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)[1]

    assert enter(client, "known@example.org", csrf_token=token).status_code == 302
