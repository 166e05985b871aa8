"""Whose tables a database holds: the start on one that this program cannot migrate is refused before a byte changes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import psycopg
from alembic.script import ScriptDirectory
from sqlalchemy import URL

PATIENCE_SECONDS = 5

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
    tables, revisions = _contents(url)
    dialect = url.get_backend_name()
    where = f"{url.database} on {url.host}" if dialect == "postgresql" and url.host else url.database
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
        conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        reader = psycopg.connect(conninfo, connect_timeout=PATIENCE_SECONDS)
        reader.read_only = True
        return reader
    file = Path(url.database or "")
    if not file.is_file():
        return None
    # Without a log beside it nobody has the file open, and nothing needs to be put beside it to read it.
    has_log = file.with_name(f"{file.name}-wal").exists()
    return sqlite3.connect(f"file:{quote(str(file))}?{'mode=ro' if has_log else 'immutable=1'}", uri=True)
