"""Databases for the tests: a migrated template for each of the two, and a fresh copy for each test."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import flask_migrate
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import make_url

from config import ROOT, Settings
from tests.services_lent import LentDatabase
from tests.services_postgresql import PostgreSQL
from urbact_calls.database import db
from urbact_calls.factory import create_app

Dialect = Literal["sqlite", "postgresql"]
# What a template holds, each with all of the one before: tables; countries, cities and calls; the demonstration.
Content = Literal["empty", "reference", "demonstration"]

NO_BROKER = "redis+socket:///nonexistent/a-test-must-ask-for-its-broker?virtual_host=0"


def settings_for(database_url: str, folder: Path, **changes: object) -> Settings:
    """Settings of a test that keeps its files in `folder`. No broker, no limits on how often one may ask."""
    values: dict[str, object] = {
        "app_env": "test",
        "secret_key": "a secret that only the tests know, and long enough",
        "database_url": database_url,
        "redis_url": NO_BROKER,
        "upload_dir": folder / "uploads",
        "instance_dir": folder,
        "rate_limits": False,
        **changes,
    }
    return Settings(**values)  # type: ignore[arg-type]


class Databases:
    """Makes each template when the first test needs it; a copy then costs some hundredths of a second.

    The processes of one run that name the same folder `shared` make each only once among them, and so do trials that
    are given it: the demonstration takes nine seconds of the processor.
    """

    def __init__(self, folder: Path, postgresql: Callable[[], PostgreSQL], shared: Path | None = None) -> None:
        self.folder = folder
        self.shared = shared
        self._postgresql = postgresql
        self._made: set[tuple[Dialect, Content]] = set()
        self._lent: LentDatabase | None = None
        self._numbers = itertools.count(1)

    @contextlib.contextmanager
    def fresh(self, dialect: Dialect, content: Content = "empty") -> Iterator[str]:
        """The address of a database that nobody else uses, and nobody has used."""
        self._make_once(dialect, content)
        if dialect == "postgresql":
            with self._postgresql().copy_of(content) as url:
                yield url
            return

        copy = self.folder / f"test-{next(self._numbers)}.sqlite"
        shutil.copy(self.folder / f"{content}.sqlite", copy)
        try:
            yield f"sqlite:///{copy}"
        finally:
            remove_sqlite(copy)

    @contextlib.contextmanager
    def lent(self, dialect: Dialect, content: Content = "empty") -> Iterator[str]:
        """As `fresh`, one after the other; an empty one of PostgreSQL is that of the test before, emptied again."""
        if dialect == "sqlite" or content != "empty":
            with self.fresh(dialect, content) as url:
                yield url
            return

        self._make_once(dialect, content)
        lent = self._lent or LentDatabase(self._postgresql(), content)
        self._lent = None
        try:
            yield lent.url
        finally:
            if lent.is_as_made():
                self._lent = lent
            else:
                lent.drop()

    def close(self) -> None:
        """Ends what is kept open for the next test."""
        if self._lent is not None:
            self._lent.close()

    def keep(self, url: str, name: str) -> None:
        """Keeps what a database holds now as `name`. Nobody may be connected to it."""
        database = make_url(url).database or ""
        if url.startswith("postgresql"):
            self._postgresql().create(name, database)
        else:
            _checkpoint(url)
            shutil.copy(database, self.folder / f"{name}.sqlite")

    def put_back(self, url: str, name: str) -> None:
        """Gives a database what was kept as `name`. Nobody may be connected to it."""
        database = make_url(url).database or ""
        if url.startswith("postgresql"):
            self._postgresql().drop(database)
            self._postgresql().create(database, name)
        else:
            remove_sqlite(Path(database))
            shutil.copy(self.folder / f"{name}.sqlite", database)

    def forget(self, dialect: Dialect, name: str) -> None:
        """Removes what was kept as `name`."""
        if dialect == "postgresql":
            self._postgresql().drop(name)
        else:
            remove_sqlite(self.folder / f"{name}.sqlite")

    def _make_once(self, dialect: Dialect, content: Content) -> None:
        if (dialect, content) in self._made:
            return
        if self.shared is None:
            self._make(dialect, content)
        else:
            kept = self.shared / f"{content}.{dialect}"
            with kept.with_suffix(f".{dialect}.lock").open("w") as lock:
                # Until it is closed: the others wait for the first one.
                fcntl.flock(lock, fcntl.LOCK_EX)
                if kept.exists():
                    self._take_over(dialect, content, kept)
                else:
                    self._make(dialect, content)
                    self._hand_on(dialect, content, kept)
        self._made.add((dialect, content))

    def _take_over(self, dialect: Dialect, content: Content, kept: Path) -> None:
        if dialect == "sqlite":
            shutil.copy(kept, self.folder / f"{content}.sqlite")
        else:
            self._postgresql().create(content)
            self._postgresql().restore(content, kept.read_bytes())

    def _hand_on(self, dialect: Dialect, content: Content, kept: Path) -> None:
        made = kept.with_suffix(".new")
        if dialect == "sqlite":
            shutil.copy(self.folder / f"{content}.sqlite", made)
        else:
            made.write_bytes(self._postgresql().dump(content))
        made.rename(kept)

    def _make(self, dialect: Dialect, content: Content) -> None:
        url = (
            self._postgresql().create(content)
            if dialect == "postgresql"
            else f"sqlite:///{self.folder / f'{content}.sqlite'}"
        )
        app = create_app(settings_for(url, self.folder))
        with app.app_context():
            flask_migrate.upgrade(directory=str(ROOT / "migrations"))
            if content != "empty":
                command(app, "reference", "load")
            if content == "demonstration":
                command(app, "demo", "load")
            # PostgreSQL copies only a template that nobody is connected to; SQLite then has all in one file.
            db.session.remove()
            db.engine.dispose()
        if dialect == "sqlite":
            _checkpoint(url)


def remove_sqlite(file: Path) -> None:
    """Removes a SQLite database with its log."""
    for part in ("", "-wal", "-shm"):
        file.with_name(file.name + part).unlink(missing_ok=True)


def _checkpoint(url: str) -> None:
    """Writes the log of a SQLite database into its file."""
    with closing(sqlite3.connect(make_url(url).database or "")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def command(app: Flask, *words: str) -> None:
    """Runs `flask --app wsgi WORDS` on this app."""
    app.cli.main(args=list(words), obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)
