"""A database of another version or of another program is refused with a sentence at every start, and left as it is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from config import ROOT
from tests.services_databases import settings_for
from tests.services_program import Program
from urbact_calls.database import db
from urbact_calls.factory import create_app
from urbact_calls.schema import refusal

MIGRATIONS = str(ROOT / "migrations")
# The last of the revisions that one start migration replaced.
OLDER = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)", "INSERT INTO alembic_version VALUES ('e5a2')"
A_ROW = "CREATE TABLE parcel (id INTEGER PRIMARY KEY, name TEXT)", "INSERT INTO parcel VALUES (1, 'kept')"

STARTS = {
    "program": ("-m", "scripts.serve"),
    "site": ("-m", "gunicorn", "--no-control-socket", "--workers", "1", "wsgi:app"),
    "worker": ("-m", "scripts.serve.worker"),
    "upgrade": ("-m", "flask", "--app", "wsgi", "db", "upgrade"),
}


def fill(url: str, *statements: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def contents(url: str) -> object:
    """The files of a SQLite database byte for byte; of PostgreSQL the tables and the rows of the two that are there."""
    if url.startswith("sqlite"):
        file = Path(make_url(url).database or "")
        return {path.name: path.read_bytes() for path in file.parent.glob(f"{file.name}*")}
    with create_engine(url, poolclass=NullPool).connect() as connection:
        tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        return {table: connection.execute(text(f"SELECT * FROM {table}")).all() for table in tables}  # noqa: S608


def without_tables(url: str, folder: Path) -> None:
    with create_app(settings_for(url, folder)).app_context():
        flask_migrate.downgrade(directory=MIGRATIONS, revision="base")
        db.session.remove()
        db.engine.dispose()
    fill(url, "DROP TABLE alembic_version")


@pytest.fixture
def foreign(database_url: str, tmp_path: Path) -> Callable[..., str]:
    def make(*statements: str) -> str:
        without_tables(database_url, tmp_path)
        fill(database_url, *statements)
        return database_url

    return make


def start(folder: Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = Program(folder, {"DATABASE_URL": url}, None).environment
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", STARTS)
def test_no_start_touches_a_database_of_another_version(foreign, tmp_path: Path, name: str):
    url = foreign(*OLDER, *A_ROW)
    before = contents(url)

    ended = start(tmp_path, url, *STARTS[name])

    assert ended.returncode != 0
    assert "was made by another version of this program (revision e5a2) and was left as it is. Run" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert contents(url) == before


def test_the_tables_of_another_program_are_refused(foreign):
    url = foreign(*A_ROW)
    before = contents(url)

    sentence = refusal(make_url(url), MIGRATIONS)

    assert sentence is not None
    assert "holds tables of another program (parcel) and was left as it is. Start with an empty one" in sentence
    assert contents(url) == before


def test_the_sentence_says_what_to_do_and_no_password(foreign):
    url = make_url(foreign(*OLDER))

    sentence = refusal(url.set(password="hidden") if url.host else url, MIGRATIONS)

    assert sentence is not None
    assert sentence.endswith(("in DATABASE_URL.", "another folder in INSTANCE_DIR."))
    assert str(url.database) in sentence
    assert "hidden" not in sentence


def test_what_a_killed_program_left_in_its_log_is_seen(tmp_path: Path):
    """Nothing of it may have reached the file itself yet."""
    file = tmp_path / "killed.sqlite"
    script = f"""
import os, sqlite3
connection = sqlite3.connect({str(file)!r}, isolation_level=None)
for statement in ("PRAGMA journal_mode=WAL", *{(*OLDER, *A_ROW)!r}):
    connection.execute(statement)
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    log = file.with_name(f"{file.name}-wal")
    before = file.read_bytes(), log.read_bytes()

    sentence = refusal(make_url(f"sqlite:///{file}"), MIGRATIONS)

    assert sentence is not None
    assert "revision e5a2" in sentence
    assert (file.read_bytes(), log.read_bytes()) == before


def test_a_database_of_this_version_is_not_refused(database_url: str):
    assert refusal(make_url(database_url), MIGRATIONS) is None


def test_an_empty_database_is_not_refused(foreign):
    assert refusal(make_url(foreign()), MIGRATIONS) is None


def test_a_file_that_is_not_there_is_not_refused_and_not_made(tmp_path: Path):
    assert refusal(make_url(f"sqlite:///{tmp_path / 'none.sqlite'}"), MIGRATIONS) is None
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_away_hinders_no_start(tmp_path: Path):
    ended = start(tmp_path, "postgresql://who@/x?host=/nonexistent", "-c", "import wsgi")

    assert (ended.returncode, "the database did not answer" in ended.stderr) == (0, True)
