"""Nobody can fill a mailbox by subscribing it to a call again and again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories.accounts import at
from tests.factories.calls import upcoming_call
from tests.web.accounts_steps import link, messages
from tests.web_client import CleanClient
from urbact_calls.calls.subscriptions import commands as calls
from urbact_calls.calls.subscriptions.models import CallSubscription
from urbact_calls.database import db

pytestmark = [pytest.mark.limited, pytest.mark.usefixtures("session")]


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def subscribe(client: CleanClient, machine: int = 1) -> str:
    typed, asker = {"email": "wanda@example.org"}, {"REMOTE_ADDR": f"10.0.0.{machine}"}
    return client.post("/calls/APN-NEXT/subscriptions", data=typed, environ_overrides=asker).location


def test_an_address_gets_one_message_an_hour_whoever_asks(client, now):
    upcoming_call(db.session, now, "APN-NEXT")
    for minute in range(0, 120, 10):
        at(client, now + timedelta(minutes=minute))
        assert subscribe(client, machine=minute) == "/calls/APN-NEXT/subscriptions/sent"

    assert messages(now + timedelta(hours=2)) == [("call.subscription", "wanda@example.org")] * 2


def test_nobody_can_keep_an_address_from_the_list(client, now):
    """However often others ask for it: the link in the message stays the same until it is used."""
    upcoming_call(db.session, now, "APN-NEXT")
    at(client, now)
    subscribe(client)
    received = link(now)
    for machine in range(2, 9):
        subscribe(client, machine)

    assert client.post(received).location == "/calls/APN-NEXT"


def test_who_left_the_list_can_ask_again_at_once(client, now):
    upcoming_call(db.session, now, "APN-NEXT")
    at(client, now)
    subscribe(client)
    assert len(messages(now)) == 1
    calls.leave(db.session.scalars(select(CallSubscription.key)).one())
    at(client, now + timedelta(minutes=1))

    subscribe(client)

    assert len(messages(now + timedelta(minutes=1))) == 2


def test_the_people_of_a_town_hall_use_their_links_apart_from_each_other(client, now):
    upcoming_call(db.session, now, "APN-NEXT")
    at(client, now)
    subscribe(client)
    received = link(now)

    tried = [client.post("/calls/subscriptions/made-up/confirm").status_code for _ in range(101)]

    assert tried[-1] == 429
    assert client.post(received).status_code == 302
