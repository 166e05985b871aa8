"""The servers of the site as processes: waitress as under `./run.sh`, gunicorn as in the guide for operators, with a
front before it or without."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from queue import SimpleQueue
from typing import Literal

from config import ROOT
from tests.services_program import descendants

Server = Literal["waitress", "gunicorn", "front"]
PATIENCE_SECONDS = 60.0
GUIDE = ROOT / "docs" / "operators.md"


@dataclass(frozen=True, slots=True)
class RunningServer:
    """The port at which visitors reach a site, and the processes that answer there."""

    port: int
    process: subprocess.Popen[bytes]

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Meanwhile no process of the site has any time."""
        pids = [self.process.pid, *descendants(self.process.pid)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def running_server(kind: Server, environment: Mapping[str, str], folder: Path) -> Iterator[RunningServer]:
    """A site; `environment` names its database, and what else differs from a test. A front reads whole requests."""
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ},
        "APP_ENV": "test",
        "INSTANCE_DIR": str(folder),
        **environment,
    }
    with contextlib.ExitStack() as running:
        listening = running.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1024))
        port: int = listening.getsockname()[1]
        log = running.enter_context((folder / f"{kind}.log").open("wb"))
        if kind == "waitress":
            command = [sys.executable, "-m", "scripts.serve.site", "--listening", str(listening.fileno())]
        else:
            # As in production, where every worker must have the same one.
            environment.setdefault("SECRET_KEY", secrets.token_urlsafe(48))
            command = [*gunicorn(), "--bind", f"fd://{listening.fileno()}", "wsgi:app"]
        if kind == "front":
            environment |= {"PROXIES": "1", "PROXY_STAMPS": "1"}
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, pass_fds=[listening.fileno()], stdout=log, stderr=log
        )
        running.callback(process.wait, 20)
        running.callback(process.terminate)
        if kind == "front":
            port = running.enter_context(buffering_proxy(port))
        wait_for(port, process, folder / f"{kind}.log")
        yield RunningServer(port, process)


def gunicorn() -> list[str]:
    """The command of the guide for operators, without what it serves."""
    found = re.search(r"^\.venv/bin/gunicorn (.+) wsgi:app$", GUIDE.read_text(), re.MULTILINE)
    assert found is not None, f"{GUIDE} does not say how to start gunicorn"
    return [str(Path(sys.executable).with_name("gunicorn")), *shlex.split(found[1])]


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        with contextlib.suppress(OSError), contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=5)) as asking:
            asking.request("GET", "/healthz")
            if asking.getresponse().status == 200:
                return
        time.sleep(0.05)


@contextlib.contextmanager
def buffering_proxy(site: int) -> Iterator[int]:
    """What nginx does before the site in the guide for operators, and no more: it reads a request whole, stamps it,
    and only then asks the site."""
    begun: SimpleQueue[tuple[int, Callable[[], object]]] = SimpleQueue()

    async def serve() -> None:
        # In a thread and a loop of its own: the browser of other tests runs one in the thread of the tests.
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(lambda r, w: _pass_on(r, w, site), "127.0.0.1", 0)
        begun.put((server.sockets[0].getsockname()[1], lambda: loop.call_soon_threadsafe(ended.set)))
        await ended.wait()
        server.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    port, end = begun.get(timeout=PATIENCE_SECONDS)
    try:
        yield port
    finally:
        end()
        thread.join()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, site: int) -> None:
    try:
        while True:
            head, body = await _message(reader)
            kept = [line for line in head[1:] if not line.lower().startswith((b"x-request-start", b"connection"))]
            stamped = [head[0], *kept, f"X-Request-Start: t={time.time():.3f}".encode(), b"Connection: close"]
            asking, asked = await asyncio.open_connection("127.0.0.1", site)
            asked.write(b"\r\n".join([*stamped, b"", body]))
            answer, content = await _message(asking)
            asked.close()
            shown = [line for line in answer if not line.lower().startswith(b"connection")]
            writer.write(b"\r\n".join([*shown, b"", content]))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        return
    finally:
        writer.close()


async def _message(reader: asyncio.StreamReader) -> tuple[list[bytes], bytes]:
    """The lines of the head, and the body."""
    head = (await reader.readuntil(b"\r\n\r\n")).removesuffix(b"\r\n\r\n").split(b"\r\n")
    length = next((int(line.partition(b":")[2]) for line in head if line.lower().startswith(b"content-length")), 0)
    return head, await reader.readexactly(length)
