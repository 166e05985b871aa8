"""Registration, sign-in, forgotten passwords and one's own account, as a visitor meets them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask

from tests.factories.accounts import PASSWORD, at, person, sign_in
from tests.factories.jobs import work_off
from tests.web_client import CleanClient
from urbact_calls.accounts import queries
from urbact_calls.accounts.models import User
from urbact_calls.database import db
from urbact_calls.notifications.models import Delivery

NEW_PASSWORD = "four lanterns under a patient bridge"


@pytest.fixture(autouse=True)
def _here(session, client: CleanClient, now: datetime) -> None:
    at(client, now)


def account(email: str) -> User | None:
    db.session.rollback()
    return queries.by_email(db.session(), email)


def messages(now: datetime) -> list[tuple[str, str]]:
    """Key and address of every message, after the workers have done all there is."""
    work_off(now)
    return [(each.email_key, each.address) for each in db.session.query(Delivery).order_by(Delivery.id)]


def link(now: datetime) -> str:
    """The path of the link in the newest message."""
    work_off(now)
    newest = db.session.query(Delivery).order_by(Delivery.id.desc()).first()
    found = re.search(r"^http://localhost:8000(/\S+)$", newest.text, re.MULTILINE)
    assert found, newest.text
    return found[1]


def register(client: CleanClient, email: str = "anna@city.example.org", **changes: str):
    form = {"name": "Anna Kowalska", "email": email, "password": PASSWORD, "notice": "y", **changes}
    return client.post("/register", data=form)


def enter(client: CleanClient, email: str, password: str = PASSWORD, **more: str):
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def is_in(client: CleanClient) -> bool:
    return client.get("/account").status_code == 200


# Registration


def test_a_registered_person_confirms_the_address_and_signs_in(client, now):
    assert register(client).location == "/register/sent"
    confirm = link(now)

    assert "Confirm my address" in client.get(confirm).text
    assert account("anna@city.example.org").confirmed_at is None, "looking at the link must change nothing"
    assert client.post(confirm).location == "/sign-in"
    assert account("anna@city.example.org").confirmed_at == now
    assert enter(client, "anna@city.example.org").location == "/dashboard"
    assert is_in(client)


def test_the_address_is_kept_in_one_spelling(client, now):
    register(client, "  Anna.K@BÜCHER.Example.org ")

    assert account("anna.k@xn--bcher-kva.example.org") is not None


def test_an_address_with_an_account_is_answered_like_a_new_one_and_told_by_mail(client, now):
    person(email="known@example.org")

    new, known = register(client, "new@example.org"), register(client, "known@example.org")

    assert (known.status_code, known.location, known.data) == (new.status_code, new.location, new.data)
    assert messages(now) == [("account.confirm", "new@example.org"), ("account.exists", "known@example.org")]


def test_registering_again_before_confirming_makes_the_first_link_worthless(client, now):
    register(client, name="Mallory", password="an intruder chooses these words")
    first = link(now)
    register(client)
    second = link(now)

    assert client.post(first).status_code == 410
    assert client.post(second).status_code == 302
    assert enter(client, "anna@city.example.org").status_code == 302
    assert account("anna@city.example.org").name == "Anna Kowalska"


def test_a_link_works_once(client, now):
    register(client)
    confirm = link(now)
    client.post(confirm)

    assert client.post(confirm).status_code == 410


def test_a_link_works_for_three_days(client, now):
    register(client)
    confirm = link(now)

    at(client, now + timedelta(days=3, seconds=1))
    assert client.get(confirm).status_code == 410
    assert client.post(confirm).status_code == 410
    at(client, now + timedelta(days=3))
    assert client.post(confirm).status_code == 302


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
def test_a_weak_password_is_refused_in_plain_words(client, password, words):
    answer = register(client, password=password)

    assert answer.status_code == 422
    assert words in answer.text
    assert password not in answer.text, "a password must not come back"
    assert 'value="Anna Kowalska"' in answer.text
    assert account("anna@city.example.org") is None


def test_the_notice_must_have_been_read(client):
    answer = client.post("/register", data={"name": "Anna", "email": "a@example.org", "password": PASSWORD})

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


def test_an_unconfirmed_person_with_the_right_password_gets_the_link_again(client, now):
    person(email="waiting@example.org", confirmed=False)

    answer = enter(client, "waiting@example.org")

    assert answer.status_code == 422
    assert "not confirmed yet" in answer.text
    assert messages(now) == [("account.confirm", "waiting@example.org")]


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


# Forged requests


FORMS = ["/register", "/sign-in", "/sign-out", "/forgotten-password", "/account", "/account/password", "/account/theme"]


@pytest.mark.parametrize("path", FORMS)
def test_a_form_from_another_page_is_refused(app: Flask, client, path):
    app.config["WTF_CSRF_ENABLED"] = True
    someone = person()
    sign_in(client, someone)

    answer = client.post(path, data={"email": someone.email, "password": PASSWORD, "name": "x", "theme": "dark"})

    assert answer.status_code == 400
    assert "came from another page" in answer.text


def test_a_form_with_its_own_token_is_accepted(app: Flask, client):
    app.config["WTF_CSRF_ENABLED"] = True
    person(email="known@example.org")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)[1]

    assert enter(client, "known@example.org", csrf_token=token).status_code == 302
