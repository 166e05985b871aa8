"""Nobody can fill a mailbox by subscribing it to a call again and again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import Settings
from tests.factories.calls import upcoming_call
from urbact_calls.database import db
from urbact_calls.web.limits import limiter

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


def test_an_address_gets_few_letters_a_day(client):
    upcoming_call(db.session, datetime.now(UTC))

    answers = [client.post("/calls/APN-NEXT/subscriptions", data={"email": "wanda@example.org"}) for _ in range(6)]
    other = client.post("/calls/APN-NEXT/subscriptions", data={"email": "ben@example.org"})

    assert [answer.status_code for answer in (*answers, other)] == [302] * 5 + [429, 302]
