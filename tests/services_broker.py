"""Brokers for the tests: a real Redis of this machine, and the Valkey that the program brings along."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import redis

from scripts.serve import broker
from scripts.serve.processes import die_with
from tests.services_postgresql import ServiceMissing


class Broker:
    """A server on a unix socket that a test can stop, start again and empty."""

    def __init__(self, command: list[str], socket: Path) -> None:
        self.command = command
        self.socket = socket
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address as Celery writes it and as REDIS_URL takes it."""
        return f"redis+socket://{self.socket}?virtual_host=0"

    def connect(self) -> redis.Redis:
        return redis.Redis.from_url(f"unix://{self.socket}?db=0")

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, preexec_fn=partial(die_with, os.getpid())
        )
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(redis.ConnectionError), self.connect() as connection:
                connection.ping()
                return
            if self.process.poll() is not None or time.monotonic() > until:
                raise ServiceMissing(f"{self.command[0]} did not start.")
            time.sleep(0.01)

    def kill(self) -> None:
        """Ends the server as a power cut would: nothing is written on the way out."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            self.socket.unlink(missing_ok=True)

    def flush(self) -> None:
        with self.connect() as connection:
            connection.flushall()


@contextlib.contextmanager
def running_redis() -> Iterator[Broker]:
    program = shutil.which("redis-server")
    if program is None:
        raise ServiceMissing("There is no redis-server on this machine: run ./test.sh, which installs it.")
    with _folder() as folder:
        socket = folder / "redis.sock"
        command = [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)]
        yield from _running(Broker(command, socket))


@contextlib.contextmanager
def running_valkey() -> Iterator[Broker]:
    with _folder() as folder:
        socket = folder / "valkey.sock"
        yield from _running(Broker(broker.command(socket, folder), socket))


def _running(server: Broker) -> Iterator[Broker]:
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="urbact-broker-") as name:
        yield Path(name)
