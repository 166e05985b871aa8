"""Sessions are rows: their owner sees and ends them, and a cookie that somebody copied ends with them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.accounts import PASSWORD, at, person, sign_in
from tests.web.accounts_steps import enter, is_in
from tests.web_client import CleanClient
from urbact_calls.accounts.commands.sessions import forget_sessions
from urbact_calls.accounts.models import BrowserSession
from urbact_calls.accounts.reads import hash_of
from urbact_calls.accounts.views.session import KNOWN, MOST_KNOWN, browser_name
from urbact_calls.database import db, transaction
from urbact_calls.job_sets import start_due

NEW_PASSWORD = "four lanterns under a patient bridge"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
EDGE = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0"


@pytest.fixture(autouse=True)
def _here(session, client: CleanClient, now: datetime) -> None:
    at(client, now)


@pytest.fixture
def copied(app: Flask, client: CleanClient) -> Callable[[], CleanClient]:
    """A thief: another browser with a copy of the cookie."""

    def copy() -> CleanClient:
        name = app.config["SESSION_COOKIE_NAME"]
        thief = app.test_client()
        thief.set_cookie(name, client.get_cookie(name).value)
        assert is_in(thief)
        return thief

    return copy


def known(client: CleanClient) -> list[str]:
    with client.session_transaction() as kept:
        return list(kept.get(KNOWN, ()))


def test_a_session_is_a_row_without_its_key(client, now):
    someone = person()

    client.post("/sign-in", data={"email": someone.email, "password": PASSWORD}, headers={"User-Agent": FIREFOX})

    row = db.session.scalars(select(BrowserSession)).one()
    with client.session_transaction() as kept:
        key = kept["_user_id"]
    assert (row.user_id, row.browser, row.opened_at, row.ended_at) == (someone.id, "Firefox on Linux", now, None)
    assert row.sha256 == hash_of(key) != key


def test_a_copied_cookie_ends_when_its_owner_signs_out(client, copied):
    enter(client, person(email="known@example.org").email)
    thief = copied()

    client.post("/sign-out")

    assert not is_in(thief)


def test_a_copied_cookie_ends_when_the_password_changes(client, copied):
    enter(client, person().email)
    thief = copied()

    client.post("/account/password", data={"current": PASSWORD, "password": NEW_PASSWORD})

    assert is_in(client)
    assert not is_in(thief)


def test_signing_out_ends_this_session_and_no_other(app, client):
    someone = person()
    elsewhere = app.test_client()
    enter(client, someone.email)
    enter(elsewhere, someone.email)

    client.post("/sign-out")

    assert not is_in(client)
    assert is_in(elsewhere)


def test_the_account_page_lists_sessions_and_ends_one(app, client):
    someone = person()
    elsewhere = app.test_client()
    elsewhere.post("/sign-in", data={"email": someone.email, "password": PASSWORD}, headers={"User-Agent": EDGE})
    client.post("/sign-in", data={"email": someone.email, "password": PASSWORD}, headers={"User-Agent": FIREFOX})

    page = client.get("/account").text
    ends = re.findall(r'action="(/account/sessions/\d+/end)"', page)
    answer = client.post(ends[0], follow_redirects=True)

    assert "Firefox on Linux</b>, here" in page
    assert "Edge on Windows</b><br>" in page
    assert len(ends) == 1, "this one is ended by signing out"
    assert "Signed out: Edge on Windows." in answer.text
    assert "/end" not in answer.text
    assert (is_in(client), is_in(elsewhere)) == (True, False)


def test_nobody_ends_a_session_of_somebody_else(app, client):
    owner = app.test_client()
    enter(owner, person().email)
    number = db.session.scalars(select(BrowserSession.id)).one()
    sign_in(client, person())

    foreign, missing = client.post(f"/account/sessions/{number}/end"), client.post("/account/sessions/999999/end")

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert is_in(owner)


def test_a_session_ends_twelve_hours_after_its_last_use(client, now):
    enter(client, person().email)

    at(client, now + timedelta(hours=11, minutes=59))
    assert is_in(client)
    at(client, now + timedelta(hours=23, minutes=58))
    assert is_in(client)
    at(client, now + timedelta(hours=35, minutes=58))
    assert not is_in(client)


def test_its_last_use_is_noted_every_ten_minutes(client, now):
    enter(client, person().email)

    def used(moment: datetime) -> datetime:
        at(client, moment)
        is_in(client)
        return db.session.scalars(select(BrowserSession.used_at)).one()

    assert used(now + timedelta(minutes=9)) == now
    assert used(now + timedelta(minutes=10)) == now + timedelta(minutes=10)
    assert used(now + timedelta(minutes=9)) == now + timedelta(minutes=10), "a late request turns no clock back"


def test_a_browser_stays_known_to_those_who_signed_in_there(client):
    anna, ben = person(), person()
    enter(client, anna.email)
    client.post("/sign-out")
    enter(client, ben.email)
    client.post("/sign-out")

    owners = [
        db.session.scalars(select(BrowserSession.user_id).where(BrowserSession.sha256 == hash_of(key))).one()
        for key in known(client)
    ]

    assert owners == [ben.id, anna.id]


def test_a_cookie_does_not_grow_for_ever(client):
    someone = person()
    for _ in range(MOST_KNOWN + 1):
        enter(client, someone.email)
        client.post("/sign-out")

    assert len(known(client)) == MOST_KNOWN


def test_old_sessions_are_forgotten(session, now):
    someone = person()
    with transaction() as writing:
        for days in (400, 401):
            used_at = now - timedelta(days=days)
            writing.add(
                BrowserSession(user_id=someone.id, sha256=str(days), browser="x", opened_at=used_at, used_at=used_at)
            )

    start_due(forget_sessions, now)

    assert db.session.scalars(select(BrowserSession.sha256)).all() == ["400"]


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (EDGE, "Edge on Windows"),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18 Safari/605.1",
            "Safari on macOS",
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {WEBKIT} CriOS/140.0 Safari/604.1",
            "Chrome on iPhone",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 15) {WEBKIT} Chrome/140.0 Safari/537.36",
            "Chrome on Android",
        ),
        ("curl/8.5", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_called_as_its_owner_calls_it(user_agent, name):
    assert browser_name(user_agent) == name
