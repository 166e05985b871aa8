"""A PostgreSQL cluster for one run of the tests or the benchmark: its own folder, no network port, gone at the end."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from scripts.serve.processes import die_with_parent

INSTALLED = Path("/usr/lib/postgresql")
NO_NETWORK = ("max_connections=60", "listen_addresses=")


class ServiceMissing(Exception):
    """A server that is needed is not on this machine; the message says how to get it."""


class PostgreSQL:
    """A running cluster that gives each test a database of its own, copied from a template."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = itertools.count(1)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def create(self, database: str) -> str:
        """Makes an empty database; answers its address."""
        self._execute("CREATE DATABASE {}", database)
        return self.url(database)

    @contextlib.contextmanager
    def copy_of(self, template: str) -> Iterator[str]:
        """The address of a fresh copy of `template`, which is dropped afterwards, whoever is still connected."""
        database = f"test_{next(self._numbers)}"
        self._execute("CREATE DATABASE {} TEMPLATE {}", database, template)
        try:
            yield self.url(database)
        finally:
            self._execute("DROP DATABASE {} WITH (FORCE)", database)

    def _execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextlib.contextmanager
def running_postgresql(folder: Path, *settings: str) -> Iterator[PostgreSQL]:
    """Starts a cluster in `folder` with the newest PostgreSQL of this machine. Takes less than a second.

    `folder` has a short path: the name of a unix socket has at most 107 bytes.
    """
    programs = _programs()
    # PostgreSQL refuses to run as root; Debian's package brings an account for it.
    user = "postgres" if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    initdb: list[str | Path] = [
        programs / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    subprocess.run([*initdb, "--locale=C.UTF-8"], check=True, user=user, stdout=subprocess.DEVNULL, cwd=folder)

    wanted = (*NO_NETWORK, *settings, f"unix_socket_directories={folder}")
    with (folder / "postgresql.log").open("wb") as log:
        server = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(data), *(word for setting in wanted for word in ("-c", setting))],
            user=user,
            cwd=folder,
            stdout=log,
            stderr=log,
            # After the change of user: the kernel forgets the wish when the account changes.
            preexec_fn=die_with_parent,
        )
    try:
        _wait_for(server, folder)
        yield PostgreSQL(folder)
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait(timeout=10)


def _programs() -> Path:
    found = sorted(INSTALLED.glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise ServiceMissing("There is no PostgreSQL on this machine: run ./test.sh, which installs it.")
    return found[-1]


def _wait_for(server: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + 20
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
            return
        if server.poll() is not None or time.monotonic() > until:
            raise ServiceMissing(f"PostgreSQL did not start:\n{(folder / 'postgresql.log').read_text()}")
        time.sleep(0.02)
