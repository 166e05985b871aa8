"""Both servers answer beside slow visitors, keep connections, limit sizes and note the instant of receipt."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.services_databases import Databases
from tests.services_servers import running_server
from urbact_calls.factory import LARGEST_REQUEST

pytestmark = pytest.mark.together
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Site:
    """A running site as a browser reaches it."""

    def __init__(self, port: int, database_url: str) -> None:
        self.port, self.database_url = port, database_url

    @contextlib.contextmanager
    def connected(self) -> Iterator[HTTPConnection]:
        with contextlib.closing(HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            yield connection

    @contextlib.contextmanager
    def sockets(self, number: int) -> Iterator[list[socket.socket]]:
        with contextlib.ExitStack() as opened:
            address = ("127.0.0.1", self.port)
            yield [opened.enter_context(socket.create_connection(address, timeout=20)) for _ in range(number)]


@pytest.fixture(scope="module", params=["waitress", "gunicorn"])
def site(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp(request.param)
    with databases.fresh("sqlite", "reference") as url, running_server(request.param, url, folder) as port:
        yield Site(port, url)


def answered(connection: HTTPConnection, path: str) -> HTTPResponse:
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer


def registration(connection: HTTPConnection, email: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of a form of one's own that opens an account."""
    connection.request("GET", "/register")
    page = connection.getresponse()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.read().decode())
    assert token is not None
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    typed = {"csrf_token": token[1], "name": "Anna", "email": email, "notice": "y"}
    return {**FORM, "Cookie": cookie}, urlencode(typed).encode()


def test_a_visitor_who_sends_slowly_holds_nobody_up(site: Site):
    with site.sockets(40) as slow, site.connected() as quick:
        for each in slow:
            each.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nemail=")
        began = time.monotonic()

        assert answered(quick, "/healthz").status == 200

        assert time.monotonic() - began < 10
        slow[0].sendall(b"x" * 994)
        assert slow[0].recv(100).startswith(b"HTTP/1.1 4")


def test_browsers_that_stay_connected_keep_nobody_out(site: Site):
    with site.sockets(6 * 30) as browsers:
        for each in browsers:
            each.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert each.recv(100).startswith(b"HTTP/1.1 200")


def test_a_connection_that_is_kept_answers_a_second_request(site: Site):
    with site.connected() as connection:
        first = answered(connection, "/healthz")
        kept = connection.sock

        second = answered(connection, "/sign-in")

        assert (first.status, second.status) == (200, 200)
        # Where the server had closed it, another one would have been opened.
        assert connection.sock is kept is not None


def test_a_request_that_is_too_large_is_answered_with_the_page_that_says_so(site: Site):
    with site.connected() as connection:
        connection.request("POST", "/sign-in", body=b"a=" + b"x" * LARGEST_REQUEST, headers=FORM)
        answer = connection.getresponse()
        page = answer.read().decode()

    assert answer.status == 413
    assert "<h1" in page
    assert "too large" in page.lower()


def test_the_instant_of_receipt_is_when_a_request_was_whole(site: Site):
    """Whatever a visitor says about it, and however long it took to send."""
    email = f"anna-{site.port}@city.example.org"
    with site.connected() as connection:
        headers, body = registration(connection, email)
    earlier = datetime.now(UTC) - timedelta(minutes=1)
    stamp = f"X-Request-Start: t={earlier.timestamp():.3f}"
    lines = [*(f"{name}: {value}" for name, value in headers.items()), stamp, f"Content-Length: {len(body)}"]
    head = "\r\n".join(["POST /register HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()

    with site.sockets(1) as (visitor,):
        visitor.sendall(head + body[:20])
        time.sleep(1)
        before = datetime.now(UTC) - timedelta(milliseconds=1)
        visitor.sendall(body[20:])
        answer = visitor.recv(65536)
        after = datetime.now(UTC)

    assert answer.startswith(b"HTTP/1.1 302"), answer
    engine = create_engine(make_url(site.database_url))
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT created_at FROM user_account WHERE email = :email"), {"email": email}
        ).scalar_one()
    engine.dispose()
    assert before <= datetime.fromisoformat(found).replace(tzinfo=UTC) <= after
