"""How often one may try: per address and machine, with an answer that says when to come back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Settings
from tests.factories.accounts import PASSWORD, person
from tests.web_client import CleanClient
from urbact_calls.database import db
from urbact_calls.jobs import Job
from urbact_calls.web.limits import limiter

WRONG = "this is the wrong one"


# What was counted in one test must not count in the next.
pytestmark = pytest.mark.own_app


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    from tests.services_databases import settings_for

    return settings_for(database_url, tmp_path, rate_limits=True)


@pytest.fixture(autouse=True)
def _counted(app, session) -> Iterator[None]:
    limiter.reset()
    yield
    # Other tests ask as often as they like.
    limiter.enabled = False


def enter(client: CleanClient, email: str, *, machine: str = "10.0.0.1", password: str = WRONG):
    return client.post(
        "/sign-in", data={"email": email, "password": password}, environ_overrides={"REMOTE_ADDR": machine}
    )


def test_after_ten_attempts_an_address_waits(client):
    person(email="known@example.org")

    tried = [enter(client, "known@example.org").status_code for _ in range(10)]
    over = enter(client, "KNOWN@example.org ", password=PASSWORD)

    assert tried == [422] * 10
    assert over.status_code == 429
    assert 0 < int(over.headers["Retry-After"]) <= 300
    assert "Too many attempts" in over.text


def test_an_unknown_address_waits_as_long(client):
    tried = [enter(client, "nobody@example.org").status_code for _ in range(11)]

    assert tried == [422] * 10 + [429]


def test_others_do_not_wait(client):
    person(email="known@example.org")
    person(email="other@example.org")
    for _ in range(11):
        enter(client, "known@example.org")

    assert enter(client, "other@example.org", password=PASSWORD).status_code == 302
    assert enter(client, "known@example.org", machine="10.0.0.2", password=PASSWORD).status_code == 302


def test_five_messages_a_day_to_one_address(client):
    person(email="known@example.org")

    answers = [client.post("/forgotten-password", data={"email": "known@example.org"}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert db.session.query(Job).count() <= 5


def test_a_password_that_is_mistyped_when_registering_costs_nothing(client):
    form = {"name": "Anna", "email": "a@example.org", "password": "short", "notice": "y"}

    assert {client.post("/register", data=form).status_code for _ in range(8)} == {422}
    assert client.post("/register", data={**form, "password": PASSWORD}).status_code == 302
