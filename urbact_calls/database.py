"""The database: typed base class, aware instants, and the one way to write.

A command writes inside `transaction()`: one business act, one commit. It refuses to nest, so a command cannot
call another one. Reads outside it see a consistent snapshot and are rolled back at the end of the request.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    ExceptionContext,
    MetaData,
    Select,
    String,
    cast,
    event,
    false,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy import Text as LongText
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, Session, mapped_column, registry
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import JSON, TypeDecorator

from urbact_calls.domain import serialization
from urbact_calls.domain.eligibility.city_names import has_only_signs
from urbact_calls.domain.refusal import NotFound, Refusal, Refused
from urbact_calls.domain.text import Text

Row = TypeVar("Row")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored as UTC. Refuses a naive value at the column."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite gives back what it stored, without the zone.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Coded(TypeDecorator[StrEnum]):
    """A word of the vocabulary, stored as its code. Refuses, in both directions, a code that the word has not."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum], length: int) -> None:
        super().__init__(length)
        self.words = words
        self._by_code = _ByCode(words)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self._by_code[value].value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], StrEnum | None]:
        # Asked for each row of a list, so without a function of Python between: it is a look-up in a dictionary.
        return self._by_code.__getitem__


class _ByCode(dict[str | None, Any]):
    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__({None: None} | {word.value: word for word in words})
        self._name = words.__name__

    def __missing__(self, code: object) -> Any:
        raise LookupError(f"{code!r} is no {self._name}")


class Recorded(TypeDecorator[Any]):
    """A frozen record (`domain.record`), stored as JSON: `kind` is a dataclass, or a tuple of words or of records.

    The same text gives the same object, so that a list whose rows share the terms of their call reads them once.
    `are_alike` is False where no two rows have the same text: a process would keep the longest of them for nothing.
    """

    impl = JSON
    cache_ok = True

    def __init__(self, kind: Any, *, are_alike: bool = True) -> None:
        super().__init__()
        self.kind = kind
        self.are_alike = are_alike

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if isinstance(value, serialization.Written):
            return value.json
        return None if value is None else serialization.to_json(value)

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        # As text, which is the key of what was read before; PostgreSQL's driver would parse each row.
        return type_coerce(cast(column, LongText), self)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], Any]:
        kind, read = self.kind, _known_record if self.are_alike else _record
        return lambda text: None if text is None else read(kind, text)


def _record(kind: Any, text: str) -> Any:
    return serialization.from_json(kind, json.loads(text))


_known_record = lru_cache(maxsize=256)(_record)


class TextColumn(TypeDecorator[Text]):
    """What the program said: code, parameters and the English as issued, in one JSON column."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Text | None, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else value.to_json()

    def process_result_value(self, value: dict[str, Any] | None, dialect: Dialect) -> Text | None:
        return None if value is None else Text.from_json(value)


class Sha256(FunctionElement[str]):
    """The SHA-256 of a text in UTF-8, in 64 hexadecimal digits, computed where the rows are."""

    type = String(64)
    inherit_cache = True


@compiles(Sha256, "postgresql")
def _sha256_of_postgresql(function: Sha256, compiler: SQLCompiler, **options: Any) -> str:
    return f"encode(sha256(convert_to({compiler.process(function.clauses, **options)}, 'UTF8')), 'hex')"


@compiles(Sha256, "sqlite")
def _sha256_of_sqlite(function: Sha256, compiler: SQLCompiler, **options: Any) -> str:
    # SQLite has none of its own: `_prepare_sqlite` brings it.
    return f"sha256({compiler.process(function.clauses, **options)})"


class Base(DeclarativeBase):
    """Base of all tables. Integers that count money are 64 bit; JSON columns hold lists and mappings."""

    # On an explicit registry: Flask-SQLAlchemy 3.1 rejects `type_annotation_map` on the class with SQLAlchemy 2.1.
    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: UtcDateTime(), Text: TextColumn(), dict[str, Any]: JSON(), list[Any]: JSON()},
    )


db = SQLAlchemy(model_class=Base)
logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    Unnumbered = Base
else:
    Unnumbered = db.Model


class Model(Unnumbered):
    """A table whose rows have a number; `Unnumbered` is one that has another key."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


Cents = BigInteger

_in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)


def stored_at() -> datetime:
    """The instant at which a row is written, a moment before its commit.

    Only for columns that say when something was stored. What counts for a deadline is the instant of receipt, which
    was noted before any lock was waited for and is an argument.
    """
    return datetime.now(UTC)


def let_go() -> None:
    """Gives up what the session of this request has begun; what was read is read again when it is asked.

    A connection that ended meanwhile cannot roll back, and need not: its server did.
    """
    if db.session.registry.has():
        with _perhaps_without_connection():
            db.session.rollback()


def leave(_error: BaseException | None = None) -> None:
    """Ends the session of a request that is answered.

    Nothing that was read is marked as old, which for a page of many rows takes longer than a query. A connection that
    ended meanwhile would, left to the extension, turn an answer that is ready, of an act that is committed, into a
    fault.
    """
    if db.session.registry.has():
        with _perhaps_without_connection():
            db.session.close()


@contextmanager
def _perhaps_without_connection() -> Iterator[None]:
    try:
        yield
    except DBAPIError as problem:
        logger.info("no connection to roll back: %s", type(problem.orig).__name__)
        # The session gave the connection up before it raised. Whatever was read stays with it: an act that is
        # committed must be able to say what it was about.
        if db.session().in_transaction():
            db.session().invalidate()


@contextmanager
def transaction() -> Iterator[Session]:
    """One business act: commits at the end, rolls back on any exception, refuses to nest."""
    if _in_transaction.get():
        raise RuntimeError("a service called another service inside its transaction")
    token = _in_transaction.set(True)
    traces: tuple[Callable[[], None], ...] = ()
    # From here on nothing may leave the mark behind: the thread would refuse to write for ever.
    try:
        # Whatever was read to decide may be old by now: the act begins on a fresh snapshot, and on SQLite with the
        # write lock (a transaction that began as a reader cannot become a writer under WAL).
        let_go()
        session = db.session()
        with _in_turn(session):
            yield session
            _write_gathered(session)
            session.commit()
        session.info.pop("traces", None)
    except BaseException:
        traces = tuple(db.session().info.pop("traces", ()))
        let_go()
        # Also when nothing was written yet: without a statement there is no rollback to hear of.
        _forget_what_was_to_follow(db.session())
        raise
    finally:
        _in_transaction.reset(token)
        for write in traces:
            write()
    for notify in session.info.pop("notifications", ()):
        notify()


@contextmanager
def only_one(number: int) -> Iterator[bool]:
    """Whether nobody else is doing what goes by this number; until its end nobody else can begin it.

    On PostgreSQL by an advisory lock, which ends with its connection. A SQLite file has one writer at a time: what two
    do there at once they must write so that the second finds it written.
    """
    if db.engine.dialect.name != "postgresql":
        yield True
        return
    with db.engine.connect() as connection:
        yield bool(connection.scalar(select(func.pg_try_advisory_xact_lock(number))))


# SQLite lets one write at a time, and who waits for that sleeps and looks again, longer each time, in no order: where
# many write at once most of the time nobody did. Threads of one process wait here for each other, each woken in turn.
_turn = threading.Lock()
LOCK_PATIENCE_SECONDS = 5


@contextmanager
def _in_turn(session: Session) -> Iterator[None]:
    """On SQLite, one transaction of this process at a time. Who waits too long takes the chance of the database."""
    has_turn = session.get_bind().dialect.name == "sqlite" and _turn.acquire(timeout=LOCK_PATIENCE_SECONDS)
    try:
        yield
    finally:
        if has_turn:
            _turn.release()


def existing(session: Session, query: Select[Row], what: str) -> Row:
    """The one row that a query finds. Raises NotFound, which names `what` was looked for."""
    found = session.scalar(query)
    if found is None:
        raise NotFound(what)
    return found


def locked(session: Session, query: Select[Row], what: str) -> Row:
    """As `existing`: the row as it is stored now, locked until the end of the transaction."""
    return existing(session, query.with_for_update().execution_options(populate_existing=True), what)


def add_or_refuse(session: Session, row: Base, refusal: Refusal) -> None:
    """Adds a row at once. Raises Refused where somebody has stored the same since it was looked for."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as problem:
        raise Refused(refusal) from problem


def found_in(typed: str, *columns: Any) -> ColumnElement[bool]:
    """Whether one of the columns contains what was typed, in any case. Signs without a letter or a digit are found in
    none: a point stands in every address, and whoever types it looks for none of them."""
    if has_only_signs(typed):
        return false()
    # SQLite folds the case of ASCII letters only: Łucja is also looked for as she is written.
    spellings = sorted({typed, typed.lower(), typed.upper(), typed.title()})
    folded = (func.lower(column).contains(typed.lower(), autoescape=True) for column in columns)
    as_written = (column.contains(spelling, autoescape=True) for column in columns for spelling in spellings)
    return or_(*folded, *as_written)


@dataclass(frozen=True, slots=True)
class StoredValues(Container[str]):
    """The values of a column, each looked for when it is asked whether it is there."""

    session: Session
    column: InstrumentedAttribute[str]

    def __contains__(self, value: object) -> bool:
        return self.session.scalar(select(self.column).where(self.column == value)) is not None


def gather(session: Session, write: Callable[[Session, Sequence[Any]], None], item: Any) -> None:
    """Has `write` called once before the current transaction commits, with every item that was gathered for it in it,
    in their order: rows that many steps ask for are written by one statement. Forgotten when it rolls back."""
    session.info.setdefault("gathered", {}).setdefault(write, []).append(item)


def _write_gathered(session: Session) -> None:
    for write, items in session.info.pop("gathered", {}).items():
        write(session, items)


def after_commit(session: Session, notify: Callable[[], None]) -> None:
    """Has `notify` called once the current transaction has committed, however often it was asked for; forgotten when
    it rolls back."""
    session.info.setdefault("notifications", {})[notify] = None


def after_rollback(session: Session, write: Callable[[], None]) -> None:
    """Has `write` called once the current transaction was given up: it keeps the trace of what was not done."""
    session.info.setdefault("traces", []).append(write)


def forget_traces(session: Session) -> None:
    """Forgets what `after_rollback` was asked for so far: the current transaction keeps the trace itself."""
    session.info.pop("traces", None)


def cannot_write(problem: DBAPIError) -> bool:
    """Whether the database can be read and not written: its disk is full, or may not be written."""
    if isinstance(problem.orig, sqlite3.Error):
        return (getattr(problem.orig, "sqlite_errorcode", 0) & 0xFF) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY)
    return getattr(problem.orig, "sqlstate", None) in (_PG_DISK_FULL, _PG_READ_ONLY)


# https://www.postgresql.org/docs/current/errcodes-appendix.html
_PG_DISK_FULL, _PG_READ_ONLY = "53100", "25006"


@event.listens_for(Session, "after_rollback")
def _forget_what_was_to_follow(session: Session) -> None:
    session.info.pop("notifications", None)
    session.info.pop("gathered", None)


@event.listens_for(Engine, "begin")
def _begin_on_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writes = _in_transaction.get() or connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # The driver must not begin transactions by itself: `_begin_on_sqlite` does, with the right lock.
    connection.isolation_level = None
    connection.create_function("sha256", 1, lambda text: hashlib.sha256(text.encode()).hexdigest(), deterministic=True)
    # As long for a lock as on PostgreSQL: who waits longer gets the typed text back.
    patience = f"busy_timeout={1000 * LOCK_PATIENCE_SECONDS}"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", patience, "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "handle_error")
def _keep_rows_out_of_errors(context: ExceptionContext) -> None:
    """Leaves the first line of what the database says: below it PostgreSQL quotes the row, which faults would log."""
    for problem in (context.original_exception, context.sqlalchemy_exception):
        if problem is not None and problem.args and isinstance(problem.args[0], str):
            problem.args = (problem.args[0].partition("\n")[0], *problem.args[1:])
