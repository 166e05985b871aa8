"""What a proxy says is believed only where the settings name it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask

from urbact_calls.web import proxies

NOW = datetime(2026, 3, 10, 14, 0, 30, tzinfo=UTC)


def received(number: int, header: str | None) -> datetime:
    app = Flask(__name__)
    proxies.register(app, number)
    with app.test_request_context("/", headers={} if header is None else {"X-Request-Start": header}):
        return proxies.received_at(app, NOW)


def stamp(moment: datetime) -> str:
    return f"t={moment.timestamp():.3f}"


def test_the_stamp_of_the_proxy_counts():
    assert received(1, stamp(NOW - timedelta(seconds=40))) == NOW - timedelta(seconds=40)


def test_a_visitor_cannot_stamp_where_there_is_no_proxy():
    assert received(0, stamp(NOW - timedelta(seconds=40))) == NOW


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "t=",
        "t=abc",
        "t=1e9",
        "t=-5",
        "t=9999999999",
        stamp(NOW + timedelta(seconds=1)),
        stamp(NOW - timedelta(minutes=3)),
    ],
)
def test_a_stamp_that_cannot_be_is_not_believed(header):
    assert received(1, header) == NOW


@pytest.mark.parametrize(("number", "address"), [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.4")])
def test_the_address_of_the_visitor_is_the_one_that_the_last_named_proxy_saw(number, address):
    app = Flask(__name__)
    proxies.register(app, number)
    seen = SimpleNamespace(address="")

    @app.get("/")
    def show() -> str:
        from flask import request

        seen.address = request.remote_addr
        return ""

    app.test_client().get("/", headers={"X-Forwarded-For": "192.0.2.1, 198.51.100.4, 203.0.113.9"})

    assert seen.address == address
