"""What a proxy says is believed only where the settings name it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask

from urbact_calls.web import proxies

NOW = datetime(2026, 3, 10, 14, 0, 30, tzinfo=UTC)


def received(header: str | None, *, stamps: bool = True) -> datetime:
    app = Flask(__name__)
    proxies.register(app, 1, stamps=stamps)
    with app.test_request_context("/", headers={} if header is None else {"X-Request-Start": header}):
        return proxies.received_at(app, NOW)


def stamp(moment: datetime) -> str:
    return f"t={moment.timestamp():.3f}"


def test_the_stamp_of_the_proxy_counts():
    assert received(stamp(NOW - timedelta(seconds=40))) == NOW - timedelta(seconds=40)


def test_a_proxy_that_is_not_said_to_stamp_is_not_believed():
    """It passes on what a visitor sent."""
    assert received(stamp(NOW - timedelta(seconds=40)), stamps=False) == NOW


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
        f"{stamp(NOW)},{stamp(NOW - timedelta(seconds=40))}",
        stamp(NOW + timedelta(seconds=1)),
        stamp(NOW - timedelta(minutes=3)),
    ],
)
def test_a_stamp_that_cannot_be_is_not_believed(header):
    assert received(header) == NOW


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
