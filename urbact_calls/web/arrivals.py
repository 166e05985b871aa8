"""When a request reached this machine, and how urgent it is: what its servers note before they let it wait.

The kernel stamps each packet that it takes in and says of what is read from a socket when its last byte came
(`SO_TIMESTAMPNS`, socket(7)). So the instant does not depend on when somebody had time to read: not where a connection
waited to be accepted, nor where the process was busy or was just being started again. It needs no Flask: the parent
process of gunicorn reads this too.
"""

from __future__ import annotations

import logging
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

logger = logging.getLogger(__name__)

ENVIRON = "urbact.received_at"
"""Where a server leaves the instant in the WSGI environment, in seconds since 1970."""

# SO_TIMESTAMPNS of asm-generic/socket.h, which Python does not name.
_STAMPS = 35
_STAMP = struct.Struct("qq")
_ROOM = socket.CMSG_SPACE(_STAMP.size)

# How many seconds later than a submission another request may have come and yet be answered before it: at the hour of
# closing those who hand in go first, then those who save, then those who read; and nobody waits for ever.
SUBMISSION, WRITING, READING = 0.0, 5.0, 10.0
_URGENT = re.compile(
    rb"(?:POST [^ ?]{0,200}/transitions/(?:submit|answer_clarification)|GET /(?:healthz|readyz))(?:\?[^ ]*)? HTTP/"
)


_SUBMITS = re.compile("/transitions/(?:submit|answer_clarification)$")
# Threads of one process compute by turns. More of them at the same work make it longer for each: with eight, what a
# submission needs of the processor is half as much again.
SUBMISSIONS_AT_ONCE = 2


class SubmissionsByTurns:
    """WSGI middleware: of the threads of this process so many work on submissions at once, the others wait."""

    def __init__(self, site: Callable[[dict[str, Any], Any], Iterable[bytes]]) -> None:
        self._site = site
        self._turns = threading.BoundedSemaphore(SUBMISSIONS_AT_ONCE)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or not _SUBMITS.search(environ["PATH_INFO"]):
            return self._site(environ, start_response)
        with self._turns:
            return self._site(environ, start_response)


def note_arrivals(listening: socket.socket) -> None:
    """Has the kernel stamp what comes over the connections to this socket, from now on, where it can: Linux, TCP."""
    if sys.platform != "linux" or listening.family not in (socket.AF_INET, socket.AF_INET6):
        return
    try:
        listening.setsockopt(socket.SOL_SOCKET, _STAMPS, 1)
    except OSError as problem:
        logger.warning("the system stamps nothing that comes (%s): when it is read counts as receipt", problem.strerror)


def read(connection: socket.socket, size: int) -> tuple[bytes, float]:
    """What has come, at most `size` bytes, and when the last of it reached this machine.

    Where the kernel has not stamped it (a UNIX socket, the very first packets) that is now.
    """
    received, notes, _, _ = connection.recvmsg(size, _ROOM)
    for level, kind, stamp in notes:
        if level == socket.SOL_SOCKET and kind == _STAMPS and len(stamp) == _STAMP.size:
            seconds, nanoseconds = _STAMP.unpack(stamp)
            return received, seconds + nanoseconds / 1e9
    return received, time.time()


def urgency(request_line: bytes) -> float:
    """How many seconds this request lets others go before it, by its first line. Who asks whether the site lives is
    answered as fast as who submits: a site that is only busy must not be taken for dead."""
    if _URGENT.match(request_line):
        return SUBMISSION
    return READING if request_line.startswith((b"GET ", b"HEAD ")) else WRITING
