"""Bringing the tables up to date: once, alone, with a copy of the file, and with a sentence where it cannot be done."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import flask_migrate
import psycopg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import make_url, text

from config import ROOT
from tests.services_databases import settings_for
from tests.services_program import Program
from urbact_calls import schema
from urbact_calls.database import db
from urbact_calls.factory import create_app

LATER = """
from alembic import op
import sqlalchemy as sa

revision, down_revision = "later", {head!r}


def upgrade():
    op.create_table("later", sa.Column("name", sa.Text))
    op.execute("INSERT INTO later VALUES ('once')")


def downgrade():
    op.drop_table("later")
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """A database that is one migration behind those of a folder."""

    url: str
    folder: Path
    head: str

    def upgrade(self) -> None:
        flask_migrate.upgrade(directory=str(self.folder))

    @property
    def copies(self) -> list[Path]:
        file = Path(make_url(self.url).database or "")
        return sorted(file.parent.glob(f"{file.stem}-*{file.suffix}")) if self.url.startswith("sqlite") else []

    @property
    def revision(self) -> str:
        with db.engine.connect() as connection:
            return str(connection.scalar(text("SELECT version_num FROM alembic_version")))


@pytest.fixture
def behind(database_url: str, tmp_path: Path) -> Iterator[Behind]:
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder, ignore=shutil.ignore_patterns("__pycache__"))
    head = ScriptDirectory(str(folder)).get_current_head()
    (folder / "versions" / "later.py").write_text(LATER.format(head=head))
    site = create_app(settings_for(database_url, tmp_path))
    with site.app_context():
        yield Behind(database_url, folder, str(head))
        db.session.remove()
        db.engine.dispose()


@pytest.mark.slow
def test_migrations_asked_for_twice_at_once_run_once(behind: Behind, tmp_path: Path):
    environment = Program(tmp_path, {"DATABASE_URL": behind.url}, None).environment
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade", "--directory", str(behind.folder)]

    both = [
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=240)[0] for process in both]

    assert [process.returncode for process in both] == [0, 0], said
    assert behind.revision == "later"
    assert len(behind.copies) == int(behind.url.startswith("sqlite"))
    with db.engine.connect() as connection:
        assert connection.scalars(text("SELECT name FROM later")).all() == ["once"]


def test_a_file_is_copied_before_its_tables_change(behind: Behind, capfd):
    behind.upgrade()

    if not behind.url.startswith("sqlite"):
        assert behind.copies == []
        return
    (copy,) = behind.copies
    assert behind.head in copy.name
    assert copy.stat().st_mode & 0o777 == 0o600
    assert f"copied to {copy} before" in capfd.readouterr().err
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("SELECT version_num FROM alembic_version").fetchall() == [(behind.head,)]
        assert kept.execute("SELECT count(*) FROM sqlite_master WHERE name = 'later'").fetchone() == (0,)


def test_tables_that_are_up_to_date_are_not_copied(behind: Behind):
    behind.upgrade()
    there = behind.copies

    behind.upgrade()

    assert behind.copies == there


@pytest.fixture
def held(database_url: str) -> Iterator[None]:
    """Another process writes to the file, or brings PostgreSQL up to date."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(url.database), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(conninfo) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [schema.MIGRATION_LOCK])
        yield


def test_a_held_database_is_said_at_once_and_changed_by_nobody(monkeypatch, behind: Behind, held, capfd):
    monkeypatch.setattr(schema, "LOCK_PATIENCE_SECONDS", 1)

    with pytest.raises(SystemExit) as ended:
        behind.upgrade()

    assert "is held: another start brings it up to date, or another program writes to it" in capfd.readouterr().err
    assert "is held by another program, and nothing was changed. End that program, then start again." in str(
        ended.value
    )
    assert behind.revision == behind.head


def statement_on(file: Path, statement: str, *, mode: str) -> None:
    with closing(sqlite3.connect(f"file:{file}?mode={mode}", uri=True, timeout=0)) as connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    ("content", "mode", "sentence"),
    [
        (b"", "ro", "cannot be written. Make the file and its folder writable"),
        (None, "rw", "cannot be opened. Its folder must exist"),
        (b"no database at all" * 100, "rw", "is damaged or is no database, and was left as it is"),
    ],
    ids=["read-only", "no folder", "another file"],
)
def test_what_hinders_a_file_has_its_sentence(tmp_path: Path, content: bytes | None, mode: str, sentence: str):
    file = tmp_path / "some.sqlite"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(sqlite3.Error) as refused:
        statement_on(file, "CREATE TABLE t (i INTEGER)", mode=mode)

    assert sentence in (schema.inability(make_url(f"sqlite:///{file}"), refused.value) or "")


def test_a_server_that_is_away_has_its_sentence():
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect("host=/nonexistent dbname=x")

    sentence = schema.inability(make_url("postgresql+psycopg://who:hidden@db.example.org/calls"), refused.value)

    assert (
        sentence
        == "The database calls on db.example.org does not answer. Start it, or name another one in DATABASE_URL."
    )


def test_a_fault_of_the_program_has_none():
    assert schema.inability(make_url("sqlite:///x"), sqlite3.OperationalError("no such table: call")) is None
