"""Bodies of requests on a full disk: read from memory as long as nothing of them is lost, else answered in words."""

from __future__ import annotations

import pytest
from waitress.adjustments import Adjustments

from scripts.serve.intake import NO_ROOM, Parser
from tests.full_disk import full_disk

BODY = bytes(range(256)) * 8_000
HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(BODY)
PART = 8_192


def received(room: int) -> Parser:
    """A request that came in parts while so many bytes have room in a file."""
    parser = Parser(Adjustments())
    parser.received(HEAD)
    with full_disk(room):
        for start in range(0, len(BODY), PART):
            parser.received(BODY[start : start + PART])
    assert parser.completed
    return parser


@pytest.mark.parametrize("room", [0, 100_000, 10_000_000])
def test_a_request_is_read_whole_also_where_the_disk_is_full(room: int):
    parser = received(room)

    assert parser.error is None
    assert parser.get_body_stream().read() == BODY
    parser.close()


def test_a_request_whose_beginning_is_lost_is_answered_in_words():
    parser = received(1_000_000)

    assert (parser.error.code, parser.error.body) == (503, NO_ROOM)
    parser.close()
