"""A scanner that speaks as ClamAV's daemon does, and finds the test file of the makers of such scanners."""

from __future__ import annotations

import contextlib
import socketserver
import threading
from collections.abc import Iterator

# https://www.eicar.org/download-anti-malware-testfile/: harmless, and found by every scanner.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while length := int.from_bytes(self.rfile.read(4), "big"):
            content += self.rfile.read(length)
        found = b"Eicar-Test-Signature FOUND" if EICAR in content else b"OK"
        self.wfile.write(b"stream: " + found + b"\0")


class _Scanner(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextlib.contextmanager
def running_scanner(port: int = 0) -> Iterator[str]:
    """The address of a scanner that runs until the end."""
    with _Scanner(("127.0.0.1", port), _Conversation) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"tcp://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def unused_address() -> str:
    """An address at which no scanner answers."""
    with _Scanner(("127.0.0.1", 0), _Conversation) as server:
        return f"tcp://127.0.0.1:{server.server_address[1]}"
