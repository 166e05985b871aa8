"""What servers note of a request before it waits: when its last byte came, and how urgent it is."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from scripts.serve.intake import ByUrgency
from urbact_calls.web.arrivals import (
    READING,
    SUBMISSION,
    SUBMISSIONS_AT_ONCE,
    WRITING,
    SubmissionsByTurns,
    note_arrivals,
    read,
    urgency,
)


def test_the_kernel_says_when_the_last_byte_of_what_is_read_came():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        note_arrivals(listening)
        with socket.create_connection(listening.getsockname()) as visitor:
            visitor.sendall(b"begun ")
            time.sleep(0.2)
            visitor.sendall(b"and ended")
            sent = time.time()
            time.sleep(0.2)
            connection, _ = listening.accept()
            with connection:
                received, arrived = read(connection, 1000)

    assert received == b"begun and ended"
    assert sent - 0.1 < arrived <= sent + 0.1


def test_where_the_kernel_stamps_nothing_the_time_of_reading_counts():
    one, other = socket.socketpair()
    with one, other:
        note_arrivals(one)
        other.sendall(b"x")
        before = time.time()

        _, arrived = read(one, 10)

    assert before <= arrived <= time.time()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"POST /applications/APN-00001/transitions/submit HTTP/1.1", SUBMISSION),
        (b"POST /applications/APN-00001/transitions/submit?next=1 HTTP/1.1", SUBMISSION),
        (b"POST /api/v1/applications/APN-00001/transitions/answer_clarification HTTP/1.1", SUBMISSION),
        (b"GET /healthz HTTP/1.1", SUBMISSION),
        (b"POST /applications/APN-00001/transitions/reopen HTTP/1.1", WRITING),
        (b"POST /applications/APN-00001/sections/identity HTTP/1.1", WRITING),
        (b"GET /applications/APN-00001/transitions/submit HTTP/1.1", READING),
        (b"GET /calls/?then=/healthz HTTP/1.1", READING),
        (b"", WRITING),
    ],
)
def test_who_submits_is_let_in_first_and_who_reads_last(line, expected):
    assert urgency(line) == expected


def test_of_those_that_wait_a_submission_comes_first_and_nobody_waits_for_ever():
    waiting = ByUrgency()
    came = [
        ("an early reader", 100.0, b"GET / HTTP/1.1"),
        ("a reader", 112.0, b"GET / HTTP/1.1"),
        ("a draft", 112.0, b"POST /applications/A/sections/identity HTTP/1.1"),
        ("a submission", 113.0, b"POST /applications/A/transitions/submit HTTP/1.1"),
    ]
    for name, arrived, line in came:
        request = SimpleNamespace(arrived=arrived, first_line=line)
        waiting.append(SimpleNamespace(name=name, requests=[request]))

    order = [waiting.popleft().name for _ in came]

    assert order == ["an early reader", "a submission", "a draft", "a reader"]


def test_few_submissions_at_once_are_worked_on_and_others_pass_them():
    inside, most, may_end = [], [], threading.Event()

    def site(environ, start_response):
        if environ["REQUEST_METHOD"] == "GET":
            return [b"read"]
        inside.append(environ)
        most.append(len(inside))
        may_end.wait(5)
        inside.pop()
        return [b"stored"]

    by_turns = SubmissionsByTurns(site)
    address = "/applications/APN-00001/transitions/submit"

    with ThreadPoolExecutor(SUBMISSIONS_AT_ONCE + 2) as threads:
        ask = {"REQUEST_METHOD": "POST", "PATH_INFO": address}
        asked = [threads.submit(by_turns, ask, None) for _ in range(SUBMISSIONS_AT_ONCE + 2)]
        read_meanwhile = by_turns({"REQUEST_METHOD": "GET", "PATH_INFO": address}, None)
        may_end.set()
        answers = [each.result(5) for each in asked]

    assert read_meanwhile == [b"read"]
    assert answers == [[b"stored"]] * (SUBMISSIONS_AT_ONCE + 2)
    assert max(most) <= SUBMISSIONS_AT_ONCE
