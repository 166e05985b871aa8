"""The scanner for harmful content: ClamAV's daemon, asked over its socket (clamd, command INSTREAM)."""

from __future__ import annotations

import re
import socket
from urllib.parse import urlsplit

PATIENCE_SECONDS = 30.0
_CHUNK_BYTES = 64 * 1024
_LONGEST_ANSWER = 4096
_LONGEST_NAME = 80


class Away(Exception):
    """The scanner does not answer, or could not scan: nothing is known about the file."""


def found_in(content: bytes, address: str) -> str | None:
    """What the scanner calls the harm that it finds, None if it finds none.

    `address` is `tcp://host:port` or `unix:/path/of/the/socket`. Raises Away.
    """
    try:
        with _connected(address) as scanner:
            scanner.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK_BYTES):
                chunk = content[start : start + _CHUNK_BYTES]
                scanner.sendall(len(chunk).to_bytes(4, "big") + chunk)
            scanner.sendall(bytes(4))
            answer = _answer(scanner)
    except OSError as problem:
        raise Away(f"the scanner does not answer: {type(problem).__name__}") from problem
    if answer == "stream: OK":
        return None
    found = re.fullmatch(r"stream: (.+) FOUND", answer)
    if found is None:
        raise Away("the scanner could not scan")
    return re.sub(r"[^\w.:-]", " ", found[1])[:_LONGEST_NAME]


def _connected(address: str) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "tcp":
        return socket.create_connection((parts.hostname or "", parts.port or 3310), PATIENCE_SECONDS)
    scanner = socket.socket(socket.AF_UNIX)
    scanner.settimeout(PATIENCE_SECONDS)
    try:
        scanner.connect(parts.path)
    except OSError:
        scanner.close()
        raise
    return scanner


def _answer(scanner: socket.socket) -> str:
    received = b""
    while b"\0" not in received and len(received) < _LONGEST_ANSWER:
        more = scanner.recv(_LONGEST_ANSWER)
        if not more:
            break
        received += more
    return received.partition(b"\0")[0].decode(errors="replace").strip()
