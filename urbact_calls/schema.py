"""Whose tables a database holds, and how they are brought up to date: by one process at a time, with a copy of a file.

The start on a database that this program cannot migrate is refused before a byte changes.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError

from urbact_calls.database import stored_at

if TYPE_CHECKING:
    import psycopg

PATIENCE_SECONDS = 5
# How long a migration waits for another one, or for whoever else holds the database, after it has said so.
LOCK_PATIENCE_SECONDS = 60
# Any number will do; it only has to be the same for all that migrate one PostgreSQL.
MIGRATION_LOCK = 2_026_115

_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    "postgresql": "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()",
}
_START_ANEW = {
    "sqlite": "move the file away, or name another one in DATABASE_URL or another folder in INSTANCE_DIR",
    "postgresql": "name an empty database in DATABASE_URL",
}


def refusal(url: URL, migrations: str) -> str | None:
    """Why the program must not work on this database, and what to do; None if it is empty or ours.

    `migrations` is the folder of the migrations of this version. The database is only read, through a connection of
    its own: opening a file as the program does would already change its header. Raises what the driver raises when
    the database does not answer.
    """
    try:
        tables, revisions = _contents(url)
    except sqlite3.DatabaseError as problem:
        if problem.sqlite_errorcode & 0xFF in _DAMAGED:
            return inability(url, problem)
        raise
    dialect = url.get_backend_name()
    where = _place(url)
    known = {script.revision for script in ScriptDirectory(migrations).walk_revisions()}
    if unknown := revisions - known:
        return (
            f"The database {where} was made by another version of this program (revision {', '.join(sorted(unknown))})"
            f" and was left as it is. Run that version, or start anew: {_START_ANEW[dialect]}."
        )
    if tables and not revisions:
        return (
            f"The database {where} holds tables of another program ({', '.join(sorted(tables)[:3])})"
            f" and was left as it is. Start with an empty one: {_START_ANEW[dialect]}."
        )
    return None


_DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
_HELD = "The database {where} is held by another program, and nothing was changed. End that program, then start again."
_UNABLE = {
    sqlite3.SQLITE_BUSY: _HELD,
    sqlite3.SQLITE_LOCKED: _HELD,
    sqlite3.SQLITE_READONLY: "The database {where} cannot be written. Make the file and its folder writable for the "
    "account that runs this program, or name another file in DATABASE_URL or another folder in INSTANCE_DIR.",
    sqlite3.SQLITE_CANTOPEN: "The database {where} cannot be opened. Its folder must exist and be writable for the "
    "account that runs this program; DATABASE_URL and INSTANCE_DIR say where it is.",
    sqlite3.SQLITE_FULL: "The disk has no room for the database {where}. Make room, then start again.",
    **dict.fromkeys(
        _DAMAGED,
        "The file {where} is damaged or is no database, and was left as it is. Bring back a copy, or move it away.",
    ),
}


# https://www.postgresql.org/docs/current/errcodes-appendix.html
_PG_LOCK_NOT_AVAILABLE = "55P03"


def not_answering(url: URL) -> type[Exception]:
    """What the driver of this database raises when it does not answer."""
    if url.get_backend_name() != "postgresql":
        return sqlite3.OperationalError
    # Only where it is used: it takes 6 MiB of each process.
    import psycopg

    return psycopg.OperationalError


def inability(url: URL, problem: BaseException | None) -> str | None:
    """Why the program cannot start with this database, and what to do, if that is what a driver's error says."""
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    sentence = None
    if isinstance(cause, sqlite3.Error):
        # The low byte is the kind of the error; the rest says more than anybody can use. Errors of the module itself
        # have none.
        sentence = _UNABLE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    elif getattr(cause, "sqlstate", None) == _PG_LOCK_NOT_AVAILABLE:
        sentence = _HELD
    elif isinstance(cause, not_answering(url)):
        sentence = "The database {where} does not answer. Start it, or name another one in DATABASE_URL."
    return sentence.format(where=_place(url)) if sentence else None


def _place(url: URL) -> str:
    return f"{url.database} on {url.host}" if url.host else str(url.database)


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """One transaction beside which no other migration runs; who must wait for one is told so at once.

    Raises what the driver raises when the database is still held after `LOCK_PATIENCE_SECONDS`.
    """
    on_this = _alone_on_sqlite if connection.dialect.name == "sqlite" else _alone_on_postgresql
    with on_this(connection):
        yield


@contextmanager
def _alone_on_sqlite(connection: Connection) -> Iterator[None]:
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    # SQLite changes a table by making it anew. With foreign keys on, dropping the old one would delete, or refuse to
    # delete, every row that points to it; the setting cannot be changed inside a transaction.
    settings = {name: driver.execute(f"PRAGMA {name}").fetchone()[0] for name in ("foreign_keys", "busy_timeout")}
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        _wait_for_file(driver, connection.engine.url)
        with connection.execution_options(writes=True).begin():
            yield
    finally:
        for name, value in settings.items():
            driver.execute(f"PRAGMA {name}={value}")


def _wait_for_file(driver: sqlite3.Connection, url: URL) -> None:
    driver.execute("PRAGMA busy_timeout=0")
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as problem:
        if problem.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        _say_that_it_waits(url)
        driver.execute(f"PRAGMA busy_timeout={LOCK_PATIENCE_SECONDS * 1000}")
        driver.execute("BEGIN IMMEDIATE")
    # SQLAlchemy begins for itself, and from here on with the longer patience.
    driver.execute("ROLLBACK")
    driver.execute(f"PRAGMA busy_timeout={LOCK_PATIENCE_SECONDS * 1000}")


@contextmanager
def _alone_on_postgresql(connection: Connection) -> Iterator[None]:
    lock = {"lock": MIGRATION_LOCK}
    with connection.begin():
        # Without the short patience of requests: to fill in a column of a large table takes a while.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        if not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), lock):
            _say_that_it_waits(connection.engine.url)
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE_SECONDS}s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), lock)
        yield


def _say_that_it_waits(url: URL) -> None:
    sys.stderr.write(
        f"The database {_place(url)} is held: another start brings it up to date, or another program writes to it. "
        f"This one waits for up to {LOCK_PATIENCE_SECONDS} seconds.\n"
    )


def keep_copy(connection: Connection, revisions: Sequence[str]) -> None:
    """Copies a SQLite file beside itself before its tables change, and says where the copy is.

    To be called by who holds the file (`alone`): the copy then is the last state before the change. `revisions` are
    those of that state. PostgreSQL has tools of its own for this.
    """
    if connection.dialect.name != "sqlite":
        return
    file = Path(connection.engine.url.database or "")
    copy = file.with_name(f"{file.stem}-{'-'.join(revisions)}-{stored_at():%Y%m%dT%H%M%S.%fZ}{file.suffix}")
    # Private from its first byte.
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(_file_reader(file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except BaseException:
        copy.unlink()
        raise
    sys.stderr.write(f"The database was copied to {copy} before its tables are changed.\n")


def _contents(url: URL) -> tuple[set[str], set[str]]:
    """The tables of a database, without the one of the migrations, and the revisions that stand in that one."""
    connection = _reader(url)
    if connection is None:
        return set(), set()
    with closing(connection):
        tables = {name for (name,) in connection.execute(_TABLES[url.get_backend_name()])}
        if "alembic_version" not in tables:
            return tables, set()
        revisions = {revision for (revision,) in connection.execute("SELECT version_num FROM alembic_version")}
        return tables - {"alembic_version"}, revisions


def _reader(url: URL) -> sqlite3.Connection | psycopg.Connection[tuple[str, ...]] | None:
    """A connection that cannot write; None for a file that is not there yet."""
    if url.get_backend_name() == "postgresql":
        import psycopg

        conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        reader = psycopg.connect(conninfo, connect_timeout=PATIENCE_SECONDS)
        reader.read_only = True
        return reader
    file = Path(url.database or "")
    return _file_reader(file) if file.is_file() else None


def _file_reader(file: Path) -> sqlite3.Connection:
    # Without a log beside it nobody has the file open, and nothing needs to be put beside it to read it.
    has_log = file.with_name(f"{file.name}-wal").exists()
    return sqlite3.connect(f"file:{quote(str(file))}?{'mode=ro' if has_log else 'immutable=1'}", uri=True)
