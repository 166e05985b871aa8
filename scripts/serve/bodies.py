"""Bodies of requests: waitress keeps large ones on disk until they are whole, and in memory where the disk is full.

A form must be read to be answered. Without this a full disk would end the connection of everybody who sends a file, and
nobody would be told why.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import Any

from waitress.buffers import BytesIOBasedBuffer, OverflowableBuffer, TempfileBasedBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error

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
    """Reads requests into a `Body`."""

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.body_rcv is not None:
            self.body_rcv.buf = Body(self.adj.inbuf_overflow)

    def received(self, data: bytes) -> int:
        try:
            return int(super().received(data))
        except OSError as problem:
            logger.error("no room on disk for the rest of a request: %s", problem.strerror)
            with contextlib.suppress(OSError):
                self.body_rcv.buf.close()
            self.body_rcv.buf, self.error = Nowhere(self.adj.inbuf_overflow), NoRoom(NO_ROOM)
            return int(super().received(data))


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    parser_class = Parser
