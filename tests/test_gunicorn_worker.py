"""The worker of gunicorn reads requests whole, and gives those that wait for a thread to it by their urgency."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any

import pytest
from gunicorn.config import Config

from scripts.serve.gunicorn_worker import LARGEST_BODY, LONGEST_HEAD, Coming, Connection, Pool
from tests.full_disk import full_disk

FORM = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n"


def come(*parts: bytes) -> Coming:
    """A request that came in parts, one a second."""
    coming = Coming()
    for second, part in enumerate(parts, start=100):
        coming.take(part, float(second))
    return coming


def body_of(coming: Coming) -> bytes:
    assert coming.body is not None
    return bytes(coming.body.getfile().read())


def test_a_request_is_here_once_its_last_byte_came_and_that_is_when_it_arrived():
    begun, whole = come(FORM[:30], FORM[30:] + b"email"), come(FORM[:30], FORM[30:] + b"email", b"=anna")

    assert (begun.is_here, whole.is_here) == (False, True)
    assert (whole.arrived, body_of(whole), whole.rest) == (102.0, b"email=anna", b"")


def test_a_request_without_a_body_is_here_with_its_head_and_what_follows_is_the_next_one():
    coming = come(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r", b"\nGET /next")

    assert (coming.is_here, body_of(coming), coming.rest) == (True, b"", b"GET /next")


@pytest.mark.parametrize(
    "field",
    [
        b"Transfer-Encoding: chunked",
        b"expect: 100-continue",
        b"Upgrade: h2c",
        b"Content-Length: 5\r\ncontent-length: 6",
        b"Content-Length: %d" % (LARGEST_BODY + 1),
    ],
)
def test_a_request_whose_body_is_read_otherwise_is_left_to_gunicorn(field: bytes):
    coming = come(b"POST / HTTP/1.1\r\nHost: localhost\r\n" + field + b"\r\n\r\nbegun")

    assert (coming.is_here, coming.body) == (True, None)
    assert coming.head.endswith(b"begun")


def test_a_head_without_end_is_left_to_gunicorn():
    assert come(b"GET / HTTP/1.1\r\n", b"X: " + b"x" * LONGEST_HEAD).is_here


def test_a_large_body_is_read_whole_where_the_disk_is_full():
    content = bytes(range(256)) * 8_000
    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(content)
    with full_disk(0):
        coming = come(head, *(content[start : start + 8_192] for start in range(0, len(content), 8_192)))

    assert (coming.has_no_room, body_of(coming)) == (False, content)


def test_of_those_that_wait_for_a_thread_a_submission_comes_first():
    pool, begun, free, order = Pool(1), threading.Event(), threading.Event(), list[str]()

    def hold(_connection: Any) -> None:
        begun.set()
        free.wait()

    busy = pool.submit(hold, None)
    # Before that the thread could take another one first.
    assert begun.wait(timeout=20)
    with contextlib.ExitStack() as opened:
        waiting = [
            pool.submit(lambda _, name=name: order.append(name), connection(opened, line))
            for name, line in (
                ("reader", b"GET / HTTP/1.1"),
                ("draft", b"POST /applications/A/sections/identity HTTP/1.1"),
                ("submission", b"POST /applications/A/transitions/submit HTTP/1.1"),
            )
        ]

        free.set()
        for each in (busy, *waiting):
            each.result(timeout=20)
    pool.shutdown(wait=False)

    assert order == ["submission", "draft", "reader"]


def test_what_a_thread_raises_is_the_outcome_of_its_request():
    pool = Pool(1)

    def fail(_connection: Any) -> None:
        raise ConnectionResetError("the visitor has gone")

    outcome = pool.submit(fail, None)

    with pytest.raises(ConnectionResetError):
        outcome.result(timeout=20)
    pool.shutdown(wait=False)


def connection(opened: contextlib.ExitStack, line: bytes) -> Connection:
    """A connection over which a request is here."""
    site, visitor = (opened.enter_context(each) for each in socket.socketpair())
    found = Connection(Config(), site, ("127.0.0.1", visitor.fileno()), ("127.0.0.1", 8000))
    found.coming.take(line + b"\r\nHost: localhost\r\n\r\n", 100.0)
    return found
