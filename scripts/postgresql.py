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
from functools import partial
from pathlib import Path

import psycopg
from psycopg import sql

from scripts.serve.processes import die_with

INSTALLED = Path("/usr/lib/postgresql")
NO_NETWORK = ("max_connections=60", "listen_addresses=")
END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


class ServiceMissing(Exception):
    """A server that is needed is not on this machine; the message says how to get it."""


class PostgreSQL:
    """A running cluster that gives each test a database of its own, copied from a template."""

    def __init__(self, folder: Path, *settings: str) -> None:
        self.folder = folder
        self._settings = settings
        self._numbers = itertools.count(1)
        self._server: subprocess.Popen[bytes] | None = None
        self._kept: psycopg.Connection | None = None

    def start(self) -> None:
        """Starts the server; comes back when it takes connections. It dies with the thread that started it."""
        wanted = (*NO_NETWORK, *self._settings, f"unix_socket_directories={self.folder}")
        with (self.folder / "postgresql.log").open("ab") as log:
            self._server = subprocess.Popen(
                [
                    *(str(_programs() / "postgres"), "-D", str(self.folder / "data")),
                    *(word for setting in wanted for word in ("-c", setting)),
                ],
                user=_account(),
                cwd=self.folder,
                stdout=log,
                stderr=log,
                # After the change of user: the kernel forgets the wish when the account changes.
                preexec_fn=partial(die_with, os.getpid()),
            )
        _wait_for(self._server, self.folder)

    def stop(self) -> None:
        """Stops the server at once, as `pg_ctl --mode=immediate` does: it has to recover when it starts again."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(timeout=10)
            self._server = None

    def end_connections(self, database: str, count: int) -> int:
        """Ends up to `count` connections to a database, whatever they are doing; answers how many there were."""
        with _connection(self.folder) as connection:
            found = connection.execute(
                "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity"
                " WHERE datname = %s ORDER BY state = 'idle', random() LIMIT %s) AS chosen",
                (database, count),
            ).fetchone()
        return int(found[0]) if found else 0

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template1") -> str:
        """Makes a database, empty or a copy of `template`; answers its address."""
        # Copied file by file, as all versions before 15 did; block by block through the log takes twice as long.
        by_file = "STRATEGY FILE_COPY" if self._connection().info.server_version >= 150_000 else ""
        self._execute(f"CREATE DATABASE {{}} TEMPLATE {{}} {by_file}", database, template)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Removes a database, whoever is still connected."""
        # `FORCE` alone looks once in 100 ms whether the last connection has gone.
        while self._connection().execute(END_ALL, (database,)).rowcount:
            time.sleep(0.002)
        self._execute("DROP DATABASE {} WITH (FORCE)", database)

    def dump(self, database: str) -> bytes:
        """All of a database, for `restore` of another cluster."""
        return self._run("pg_dump", "--format=custom", "--compress=0", database).stdout

    def restore(self, database: str, dumped: bytes) -> None:
        """Fills an empty database with what was dumped."""
        self._run("pg_restore", "--dbname", database, "--exit-on-error", content=dumped)

    def _run(self, program: str, *words: str, content: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [str(_programs() / program), "--host", str(self.folder), "--username", "postgres", *words]
        return subprocess.run(command, input=content, capture_output=True, check=True, cwd=self.folder)

    @contextlib.contextmanager
    def copy_of(self, template: str) -> Iterator[str]:
        """The address of a fresh copy of `template`, which is dropped afterwards."""
        database = f"test_{next(self._numbers)}"
        url = self.create(database, template)
        try:
            yield url
        finally:
            self.drop(database)

    def _execute(self, statement: str, *names: str) -> None:
        self._connection().execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _connection(self) -> psycopg.Connection:
        """One that is kept: to open it takes longer than to drop a database."""
        if self._kept is None or self._kept.closed:
            self._kept = _connection(self.folder)
        return self._kept


@contextlib.contextmanager
def running_postgresql(folder: Path, *settings: str) -> Iterator[PostgreSQL]:
    """Starts a cluster in `folder` with the newest PostgreSQL of this machine. Takes less than a second.

    `folder` has a short path: the name of a unix socket has at most 107 bytes.
    """
    user = _account()
    if user:
        shutil.chown(folder, user)
    initdb: list[str | Path] = [_programs() / "initdb", "-D", folder / "data", "-U", "postgres"]
    initdb += ["-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"]
    subprocess.run(initdb, check=True, user=user, stdout=subprocess.DEVNULL, cwd=folder)

    server = PostgreSQL(folder, *settings)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _account() -> str | None:
    """PostgreSQL refuses to run as root; Debian's package brings an account for it."""
    return "postgres" if os.getuid() == 0 else None


def _programs() -> Path:
    found = sorted(INSTALLED.glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise ServiceMissing("There is no PostgreSQL on this machine: run ./test.sh, which installs it.")
    return found[-1]


def _connection(folder: Path) -> psycopg.Connection:
    return psycopg.connect(host=str(folder), user="postgres", dbname="postgres", autocommit=True)


def _wait_for(server: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + 60
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            _connection(folder).close()
            return
        if server.poll() is not None or time.monotonic() > until:
            raise ServiceMissing(f"PostgreSQL did not start:\n{(folder / 'postgresql.log').read_text()}")
        time.sleep(0.02)
