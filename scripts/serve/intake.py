"""Requests as waitress takes them in: when each was whole, and where its body is kept until it is.

A large body is kept on disk, and in memory where the disk is full: a form must be read to be answered. Without this a
full disk would end the connection of everybody who sends a file, and nobody would be told why.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import sys
import time
from collections.abc import Callable
from typing import Any

from waitress.buffers import BytesIOBasedBuffer, OverflowableBuffer, TempfileBasedBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask
from waitress.utilities import Error

from urbact_calls.web import arrivals

logger = logging.getLogger(__name__)


class NoRoom(Error):
    """What is answered when the disk became full while a request was written to it."""

    code = 503
    reason = "Service Unavailable"


NO_ROOM = "The disk of this site is full. Nothing was changed. Go back, wait some minutes, and send the form again."


class OnDisk(TempfileBasedBuffer):  # type: ignore[misc]  # waitress has no types
    """A body on disk; of one that finds no room nothing stays open."""

    def __init__(self, begun: BytesIOBasedBuffer) -> None:
        try:
            super().__init__(begun)
        except OSError:
            with contextlib.suppress(OSError, AttributeError):
                self.file.close()
            raise


class Body(OverflowableBuffer):  # type: ignore[misc]  # waitress has no types
    """The body of one request."""

    buf: Any = None

    def _set_large_buffer(self) -> None:
        begun = self.buf
        try:
            self.buf, self.overflowed = OnDisk(begun), True
            begun.close()
        except OSError as problem:
            logger.error("no room on disk for a request, it stays in memory: %s", problem.strerror)
            self.overflow = sys.maxsize
            # What was copied is read from its start again.
            begun.getfile().seek(0)


class Nowhere(OverflowableBuffer):  # type: ignore[misc]  # waitress has no types
    """Takes the rest of a request whose beginning is lost."""

    def append(self, s: bytes) -> None:
        pass


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Reads requests into a `Body`. `arrived` is when the last byte that belongs to it reached this machine, which
    `read_at` says of what was read just now."""

    first_line = b""

    def __init__(self, adj: Any, read_at: Callable[[], float] = time.time) -> None:
        super().__init__(adj)
        self.arrived = 0.0
        self._read_at = read_at

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.body_rcv is not None:
            self.body_rcv.buf = Body(self.adj.inbuf_overflow)

    def received(self, data: bytes) -> int:
        self.arrived = self._read_at()
        try:
            return int(super().received(data))
        except OSError as problem:
            logger.error("no room on disk for the rest of a request: %s", problem.strerror)
            with contextlib.suppress(OSError):
                self.body_rcv.buf.close()
            self.body_rcv.buf, self.error = Nowhere(self.adj.inbuf_overflow), NoRoom(NO_ROOM)
            return int(super().received(data))


class Task(WSGITask):  # type: ignore[misc]  # waitress has no types
    """Hands the instant of receipt to the site."""

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[arrivals.ENVIRON] = self.request.arrived
        return environ


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection that knows when what is read from it arrived."""

    task_class = Task
    _arrived = 0.0

    def parser_class(self, adj: Any) -> Parser:
        """What waitress takes for the class of its parsers."""
        return Parser(adj, lambda: self._arrived)

    def recv(self, buffer_size: int) -> bytes:
        try:
            received, self._arrived = arrivals.read(self.socket, buffer_size)
        except ConnectionError:
            received = b""
        if not received:
            self.handle_close()
        return received


class ByUrgency:
    """The requests that wait for a thread, the most urgent first: in the place of the queue of waitress.

    What it holds are connections; the first request of each is the one that waits.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Channel]] = []
        self._numbers = itertools.count()

    def append(self, channel: Channel) -> None:
        request: Parser = channel.requests[0]
        due = request.arrived + arrivals.urgency(request.first_line)
        heapq.heappush(self._waiting, (due, next(self._numbers), channel))

    def popleft(self) -> Channel:
        return heapq.heappop(self._waiting)[-1]

    def __len__(self) -> int:
        return len(self._waiting)
