"""Each server, with a front or without, answers beside slow visitors, keeps connections, limits sizes and notes the
instant of receipt."""

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
from tests.services_servers import RunningServer, running_server
from urbact_calls.factory import LARGEST_REQUEST

pytestmark = pytest.mark.together
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Site:
    """A running site as a browser reaches it."""

    def __init__(self, server: RunningServer, database_url: str) -> None:
        self.server, self.port, self.database_url = server, server.port, database_url

    @contextlib.contextmanager
    def connected(self) -> Iterator[HTTPConnection]:
        with contextlib.closing(HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            yield connection

    @contextlib.contextmanager
    def sockets(self, number: int) -> Iterator[list[socket.socket]]:
        with contextlib.ExitStack() as opened:
            address = ("127.0.0.1", self.port)
            yield [opened.enter_context(socket.create_connection(address, timeout=20)) for _ in range(number)]


@pytest.fixture(scope="module", params=["waitress", "gunicorn", "front"])
def site(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp(request.param)
    with databases.fresh("sqlite", "reference") as url:
        environment = {"DATABASE_URL": url}
        with running_server(request.param, environment, folder) as server:
            yield Site(server, url)


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
    head, body = form_of(site, email)

    with site.sockets(1) as (visitor,):
        visitor.sendall(head + body[:20])
        time.sleep(1)
        before = datetime.now(UTC) - timedelta(milliseconds=1)
        visitor.sendall(body[20:])
        answer = visitor.recv(65536)
        after = datetime.now(UTC)

    assert answer.startswith(b"HTTP/1.1 302"), answer
    assert before <= received_at(site, email) <= after


@pytest.mark.parametrize("is_kept", [False, True], ids=["a new connection", "a connection that was kept"])
def test_the_instant_of_receipt_is_not_when_a_busy_site_had_time_for_it(site: Site, is_kept: bool):
    email = f"bruno-{site.port}-{int(is_kept)}@city.example.org"
    head, body = form_of(site, email)

    with contextlib.ExitStack() as opened:
        kept = opened.enter_context(site.sockets(1)) if is_kept else []
        for each in kept:
            each.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = b""
            while b'"alive"' not in answer:
                answer += each.recv(4096)
        with site.server.stopped():
            [visitor] = kept or opened.enter_context(site.sockets(1))
            visitor.sendall(head + body)
            sent = datetime.now(UTC)
            time.sleep(1)
        answer = visitor.recv(65536)

    assert answer.startswith(b"HTTP/1.1 302"), answer
    assert received_at(site, email) <= sent + timedelta(milliseconds=500)


def test_requests_that_come_at_once_over_one_connection_are_answered_one_after_the_other(site: Site):
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with site.sockets(1) as (visitor,):
        visitor.sendall(request * 3)
        answers = b""
        while answers.count(b"HTTP/1.1 200") < 3:
            answers += visitor.recv(65536) or b"the connection was closed" + 3 * b"HTTP/1.1 200"

    assert b"closed" not in answers


@pytest.mark.parametrize("head", [b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"])
def test_what_is_no_request_ends_with_its_connection(site: Site, head: bytes):
    with site.sockets(1) as (visitor,):
        visitor.sendall(head)
        visitor.shutdown(socket.SHUT_WR)
        while visitor.recv(65536):
            pass
    with site.connected() as connection:
        assert answered(connection, "/healthz").status == 200


def form_of(site: Site, email: str) -> tuple[bytes, bytes]:
    """A whole request that opens an account, with a stamp that a visitor made up."""
    with site.connected() as connection:
        headers, body = registration(connection, email)
    earlier = datetime.now(UTC) - timedelta(minutes=1)
    stamp = f"X-Request-Start: t={earlier.timestamp():.3f}"
    lines = [*(f"{name}: {value}" for name, value in headers.items()), stamp, f"Content-Length: {len(body)}"]
    return "\r\n".join(["POST /register HTTP/1.1", "Host: localhost", *lines, "", ""]).encode(), body


def received_at(site: Site, email: str) -> datetime:
    engine = create_engine(make_url(site.database_url))
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT created_at FROM user_account WHERE email = :email"), {"email": email}
        ).scalar_one()
    engine.dispose()
    return datetime.fromisoformat(found).replace(tzinfo=UTC)
