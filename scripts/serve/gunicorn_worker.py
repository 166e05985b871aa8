"""The worker of gunicorn in production: `--worker-class scripts.serve.gunicorn_worker.Worker`.

As gunicorn's own with threads, but requests are read whole before a thread has anything to do with them, as waitress
does it under `./run.sh`. So a slow visitor holds no thread, with or without a proxy; the instant of receipt is noted
before a request waits for anything; and of those that wait for a thread the most urgent comes first.
"""

from __future__ import annotations

import io
import itertools
import logging
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import PriorityQueue
from selectors import EVENT_READ
from typing import Any

from gunicorn import http, util
from gunicorn.http.unreader import SocketUnreader
from gunicorn.http2 import negotiation
from gunicorn.workers.gthread import TConn, ThreadWorker

from scripts.serve.intake import NO_ROOM, Body
from scripts.serve.processes import share_heaps
from urbact_calls.web import arrivals

logger = logging.getLogger(__name__)

PIECE = 64 * 1024
# No head is longer (32 KB for all fields); gunicorn refuses it with its own words.
LONGEST_HEAD = 64 * 1024
# A form with a file is not larger (`urbact_calls.factory`), and from here on a body is kept on disk.
LARGEST_BODY = 33 * 1024 * 1024
LARGEST_IN_MEMORY = 512 * 1024
# A connection over which nothing comes is closed, as under `./run.sh`.
IDLE_SECONDS = 20.0

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,15})[ \t]*(?=\r\n)", re.IGNORECASE)
# What changes how a body is read: gunicorn reads these by itself.
_OTHERWISE = re.compile(rb"\r\n(?:transfer-encoding|expect|upgrade)[ \t]*:", re.IGNORECASE)


class Coming:
    """One request on its way: its head, its body, and when the last byte of what is here arrived.

    `is_here` once a thread may have it: whole, or one that gunicorn must read by itself, because it is refused, comes
    in chunks or waits to be asked for its body; `body` is None then.
    """

    def __init__(self) -> None:
        self.head = bytearray()
        self.body: Body | None = None
        self.rest = b""
        self.missing = 0
        self.arrived = 0.0
        self.is_here = False
        self.has_no_room = False

    @property
    def due(self) -> float:
        """When it must be begun at the latest, for the order of those that wait."""
        return self.arrived + arrivals.urgency(bytes(self.head[:512]))

    def take(self, received: bytes, arrived: float) -> None:
        """Adds what has come."""
        self.arrived = arrived
        if self.body is not None:
            self._keep(received)
            return
        looked_at = max(0, len(self.head) - len(_END) + 1)
        self.head += received
        end = self.head.find(_END, looked_at)
        if end >= 0:
            self._begin_body(end + len(_END))
        elif len(self.head) > LONGEST_HEAD:
            self.is_here = True

    def _begin_body(self, end: int) -> None:
        head, begun = self.head[:end], bytes(self.head[end:])
        lengths = _LENGTH.findall(head)
        length = int(lengths[0]) if lengths else 0
        if len(lengths) > 1 or length > LARGEST_BODY or _OTHERWISE.search(head):
            self.is_here = True
            return
        self.head, self.body, self.missing = head, Body(LARGEST_IN_MEMORY), length
        self._keep(begun)

    def _keep(self, received: bytes) -> None:
        mine, self.rest = received[: self.missing], received[self.missing :]
        self.missing -= len(mine)
        self.is_here = not self.missing
        if not self.has_no_room and mine and self.body is not None:
            try:
                self.body.append(mine)
            except OSError as problem:
                logger.error("no room on disk for the rest of a request: %s", problem.strerror)
                self.has_no_room = True


class Reader(SocketUnreader):  # type: ignore[misc]  # gunicorn has no types
    """What gunicorn reads a request from: what was read for it before, then the socket. Notes when that arrived."""

    arrived = 0.0

    def chunk(self, size_hint: int | None = None) -> bytes:
        size = min(max(self.mxchunk, size_hint or 0), self.max_body_chunk)
        received, self.arrived = arrivals.read(self.sock, size)
        return received


class Connection(TConn):  # type: ignore[misc]  # gunicorn has no types
    """A connection with the request that comes over it."""

    def __init__(self, cfg: Any, sock: Any, client: Any, server: Any) -> None:
        super().__init__(cfg, sock, client, server)
        self.parser = http.get_parser(cfg, sock, client)
        self.reader = self.parser.unreader = Reader(sock)
        self.coming = self.come = Coming()
        self.initialized = self.data_ready = True

    def hand_over(self) -> None:
        """Gives the request that is here to gunicorn's parser; what came behind it begins the next one."""
        self.come, self.coming = self.coming, Coming()
        self.reader.unread(bytes(self.come.head))
        self.reader.arrived = self.come.arrived
        if self.come.rest:
            self.coming.take(self.come.rest, self.come.arrived)


class Pool:
    """Threads for those that wait, the most urgent first. As much of an executor as gunicorn uses."""

    def __init__(self, threads: int) -> None:
        self._waiting: PriorityQueue[tuple[float, int, Callable[[], None] | None]] = PriorityQueue()
        self._numbers = itertools.count()
        self._threads = threads
        for number in range(threads):
            threading.Thread(target=self._work, name=f"site-{number}", daemon=True).start()

    def submit(self, work: Callable[[Any], Any], connection: Any) -> Future[Any]:
        due = connection.coming.due if isinstance(connection, Connection) else time.time()
        future: Future[Any] = Future()
        self._waiting.put((due, next(self._numbers), partial(self._do, future, work, connection)))
        return future

    def shutdown(self, *, wait: bool) -> None:
        """Ends the threads once what waits is done; gunicorn has waited for it already."""
        for _ in range(self._threads):
            self._waiting.put((float("inf"), next(self._numbers), None))

    def _work(self) -> None:
        while (task := self._waiting.get()[-1]) is not None:
            task()

    @staticmethod
    def _do(future: Future[Any], work: Callable[[Any], Any], connection: Any) -> None:
        try:
            future.set_result(work(connection))
        except BaseException as problem:
            future.set_exception(problem)


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Threads that get whole requests. Connections with TLS, HTTP/2 or the PROXY protocol are read as gunicorn does."""

    wsgi: Callable[[dict[str, Any], Any], Any]

    def init_process(self) -> None:
        share_heaps()
        self._answering = threading.local()
        for listener in self.sockets:
            arrivals.note_arrivals(listener.sock)
        super().init_process()

    def get_thread_pool(self) -> Pool:
        return Pool(self.cfg.threads)

    def load_wsgi(self) -> None:
        super().load_wsgi()
        site = self.wsgi

        def with_instant(environ: dict[str, Any], start_response: Any) -> Any:
            environ[arrivals.ENVIRON] = getattr(self._answering, "arrived", None)
            return site(environ, start_response)

        self.wsgi = with_instant

    def accept(self, listener: Any) -> None:
        if self.cfg.is_ssl or self.cfg.proxy_protocol != "off":
            super().accept(listener)
            return
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        if negotiation.prior_knowledge_allowed(self.cfg, address):
            client.setblocking(True)
            self.enqueue_req(TConn(self.cfg, client, address, listener.getsockname()))
            return
        connection = Connection(self.cfg, client, address, listener.getsockname())
        self.poller.register(client, EVENT_READ, partial(self.on_coming, connection))
        self._wait_for(connection)

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """The next request begins on a connection that was kept."""
        if not isinstance(conn, Connection):
            super().on_client_socket_readable(conn, client)
            return
        self.keepalived_conns.remove(conn)
        self.poller.modify(client, EVENT_READ, partial(self.on_coming, conn))
        self._wait_for(conn)
        self.on_coming(conn, client)

    def on_coming(self, connection: Connection, client: Any) -> None:
        """Reads what has come; once a request is here it waits for a thread."""
        try:
            received, arrived = arrivals.read(client, PIECE)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        self.pending_conns.remove(connection)
        if not received:
            self.poller.unregister(client)
            self.nr_conns -= 1
            connection.close()
            return
        connection.coming.take(received, arrived)
        self._go_on(connection)

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        super().finish_request(conn, fs)
        is_kept = bool(self.keepalived_conns) and self.keepalived_conns[-1] is conn
        if is_kept and isinstance(conn, Connection) and conn.coming.head:
            # What came behind the last request makes the socket readable no more.
            self.keepalived_conns.pop()
            self.poller.modify(conn.sock, EVENT_READ, partial(self.on_coming, conn))
            self._go_on(conn)

    def _go_on(self, connection: Connection) -> None:
        if connection.coming.is_here:
            self.poller.unregister(connection.sock)
            self.enqueue_req(connection)
        else:
            self._wait_for(connection)

    def _wait_for(self, connection: Connection) -> None:
        # The one that has waited longest stays the first, because all wait equally long.
        connection.timeout = time.monotonic() + IDLE_SECONDS
        self.pending_conns.append(connection)

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(deadline)
        # Of those over which nothing has come a worker that ends waits for none.
        for connection in self.pending_conns:
            connection.timeout = min(connection.timeout, deadline)

    def handle(self, conn: Any) -> Any:
        if not isinstance(conn, Connection):
            return super().handle(conn)
        conn.hand_over()
        if conn.come.has_no_room:
            conn.sock.setblocking(True)
            util.write_error(conn.sock, 503, "Service Unavailable", NO_ROOM)
            return False
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> bool:
        if not isinstance(conn, Connection):
            self._answering.arrived = None
            return bool(super().handle_request(req, conn))
        body = conn.come.body
        if body is not None:
            req.body = body.getfile()
        else:
            _read_body(req, conn.sock)
        self._answering.arrived = conn.reader.arrived
        try:
            return bool(super().handle_request(req, conn))
        finally:
            if body is not None:
                # Nothing of it is left for gunicorn to look for on the connection.
                req.body = io.BytesIO()
                body.close()


def _read_body(request: Any, connection: Any) -> None:
    """Reads a body that gunicorn has to read by itself, so that it is whole before the site begins. One that says to be
    larger than the site takes stays unread: it is refused by what it says."""
    said = next((value for name, value in request.headers if name == "CONTENT-LENGTH"), "0")
    if int(said) > LARGEST_BODY:
        return
    if request._expected_100_continue:
        request._expected_100_continue = False
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    read = request.body.read(LARGEST_BODY)
    if len(read) == LARGEST_BODY:
        # More may follow, and would be taken for the next request.
        request.force_close()
    request.body = io.BytesIO(read)
