"""The site in this process, at an address that a browser can open."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

PATIENCE_SECONDS = 60


class _OneRequest(WSGIRequestHandler):
    """Ends the connection after each answer.

    On a connection that stays, this server looks for the rest of a request once more after the answer, and takes the
    browser's next request for it: that one is never answered.
    """

    protocol_version = "HTTP/1.0"


class _Counted:
    """A site that knows how many requests it is about to answer."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._busy = 0
        self._changed = threading.Condition()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self._count(1)
        try:
            # Read here as a whole: the server forgets to close an answer whose reader has gone.
            with contextlib.closing(ClosingIterator(self._app(environ, start_response))) as answer:
                return [b"".join(answer)]
        finally:
            self._count(-1)

    def rest(self) -> None:
        """Waits for the answers that are on their way."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._busy, PATIENCE_SECONDS), "a request was never answered"

    def _count(self, change: int) -> None:
        with self._changed:
            self._busy += change
            self._changed.notify_all()


@contextlib.contextmanager
def served(app: Flask) -> Iterator[str]:
    """Where the app answers. At the end nothing of it runs any more: a browser that closes a page does not wait for
    its style sheets, and the next test may have the same app."""
    counted = _Counted(app)
    server = make_server("127.0.0.1", 0, counted, threaded=True, request_handler=_OneRequest)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        counted.rest()
        server.server_close()
