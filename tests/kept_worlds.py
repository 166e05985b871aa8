"""What a fixture writes into the database, made by one test of a process and copied for the others."""

from __future__ import annotations

import io
import itertools
import pickle
import shutil
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from tests.services_databases import Databases, Dialect
from tests.web_client import pending
from urbact_calls.database import db

P = ParamSpec("P")
T = TypeVar("T")
# The tests of one module need few worlds, and each is a database.
MOST_WORLDS = 8


class _Writer(pickle.Pickler):
    """Writes rows by their keys, and no session."""

    def persistent_id(self, each: Any) -> Any:
        if each is db.session:
            return ()
        return (type(each), inspect(each).identity) if isinstance(each, db.Model) else None


class _Reader(pickle.Unpickler):
    def persistent_load(self, key: Any) -> Any:
        return db.session.get_one(*key) if key else db.session


def _written(each: object) -> bytes:
    file = io.BytesIO()
    _Writer(file).dump(each)
    return file.getvalue()


def _read(content: bytes) -> Any:
    return _Reader(io.BytesIO(content)).load()


class KeptWorlds:
    """The worlds of this process, by database and by all that made them. The oldest are forgotten."""

    def __init__(self, databases: Databases, folder: Path) -> None:
        self.databases = databases
        self.folder = folder
        self._numbers = itertools.count(1)
        self._worlds: OrderedDict[tuple[Dialect, bytes], tuple[str, bytes]] = OrderedDict()

    def find(self, key: tuple[Dialect, bytes]) -> tuple[str, bytes] | None:
        """The name of a world and what its maker gave, None if it has not been made."""
        if key in self._worlds:
            self._worlds.move_to_end(key)
        return self._worlds.get(key)

    def add(self, key: tuple[Dialect, bytes], made: bytes) -> str:
        """The name under which a world is to be kept."""
        if len(self._worlds) == MOST_WORLDS:
            (dialect, _), (name, _) = self._worlds.popitem(last=False)
            self.databases.forget(dialect, name)
            shutil.rmtree(self.folder / name, ignore_errors=True)
        name = f"kept_{next(self._numbers)}"
        self._worlds[key] = (name, made)
        return name


class Kept:
    """`kept(make, *args)` gives what `make(*args)` gives, with the database and the files as it leaves them.

    The first test of a process has it made; the next ones get a copy, if what was made before it was the same. All that
    a test writes before must have been made so, too.
    """

    writes = 0
    """How often rows were written in this process."""

    def __init__(self, worlds: KeptWorlds, url: str, uploads: Path) -> None:
        self._worlds = worlds
        self._url = url
        self._uploads = uploads
        self._history = b""
        self._seen = Kept.writes

    def __call__(self, make: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        assert Kept.writes == self._seen, "what is written before must be kept, too"
        self._history += _written((make.__module__, make.__qualname__, args, options))
        dialect: Dialect = "postgresql" if self._url.startswith("postgresql") else "sqlite"
        found = self._worlds.find((dialect, self._history))
        if found is None:
            made = _written(make(*args, **options))
            _let_go()
            name = self._worlds.add((dialect, self._history), made)
            self._worlds.databases.keep(self._url, name)
            if self._uploads.is_dir():
                shutil.copytree(self._uploads, self._worlds.folder / name)
        else:
            name, made = found
            _let_go()
            self._worlds.databases.put_back(self._url, name)
            if (self._worlds.folder / name).is_dir():
                shutil.copytree(self._worlds.folder / name, self._uploads, dirs_exist_ok=True)
        self._seen = Kept.writes
        return _read(made)


def _let_go() -> None:
    """Nobody is connected any more; rows that a test has in hand are read again when they are looked at."""
    assert not pending(db.session()), "commit what is to be kept"
    db.session.rollback()
    db.session.expire_all()
    db.engine.dispose()


@event.listens_for(Session, "after_flush")
def _note_write(*_: object) -> None:
    Kept.writes += 1
