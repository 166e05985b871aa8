"""What a proxy says is believed only where the settings name it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask

from urbact_calls.web import proxies
from urbact_calls.web.arrivals import ENVIRON

NOW = datetime(2026, 3, 10, 14, 0, 30, tzinfo=UTC)


def received(header: str | None, *, stamps: bool = True, noted: datetime | None = None) -> datetime:
    app = Flask(__name__)
    proxies.register(app, 1, stamps=stamps)
    environ = {ENVIRON: None if noted is None else noted.timestamp()}
    headers = {} if header is None else {"X-Request-Start": header}
    with app.test_request_context("/", headers=headers, environ_overrides=environ):
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
        stamp(NOW - timedelta(minutes=6)),
    ],
)
def test_a_stamp_that_cannot_be_is_not_believed(header):
    assert received(header) == NOW


def test_without_a_proxy_the_instant_counts_that_the_server_noted():
    assert received(None, noted=NOW - timedelta(seconds=20)) == NOW - timedelta(seconds=20)


def test_the_stamp_of_the_proxy_counts_before_that_of_the_server():
    assert received(stamp(NOW - timedelta(seconds=40)), noted=NOW - timedelta(seconds=20)) == NOW - timedelta(
        seconds=40
    )


def test_a_stamp_of_the_proxy_that_lies_after_that_of_the_server_is_not_believed():
    assert received(stamp(NOW), noted=NOW - timedelta(seconds=20)) == NOW - timedelta(seconds=20)


@pytest.mark.parametrize("off", [timedelta(seconds=2), -timedelta(minutes=6)])
def test_an_instant_that_lies_ahead_or_too_far_back_is_not_believed_and_the_log_says_so(off, caplog):
    assert received(None, noted=NOW + off) == NOW

    assert f"{off.total_seconds():+.1f} s off the clock of the site" in caplog.text


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
