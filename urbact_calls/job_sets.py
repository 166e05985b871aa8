"""Jobs announced by the set: one for each row that a query finds, in one statement however many these are.

What only a date starts is found by the clock (`Periodic`), every few seconds. A row that has its job is not found
again, so at rest the clock reads and takes no lock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import JSON, ColumnElement, CursorResult, Select, String, cast, delete, exists, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from urbact_calls.database import Base, db, transaction
from urbact_calls.domain import serialization
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.jobs import JOB_KINDS, Args, Effect, Job, notify_after_commit

Periodic = Callable[[Session, datetime], Effect | None]
"""What the clock asks: reads, and gives back what to write, or None when nothing is due."""

Column = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobForEach:
    """A job for each row of `rows`, whose own columns do not matter.

    `key` is its meaning, as `announce` takes it. `args` are the arguments that all of them share; those in `varying`
    differ and are taken from these columns. `subject` is what it is about: its kind, or the column of its kind, and the
    column of its number.
    """

    kind: str
    rows: Select[Any]
    key: ColumnElement[str]
    args: Args
    varying: Mapping[str, Column]
    subject: tuple[SubjectKind | Column, Column]
    due_at: datetime | None = None
    actor_id: int | None = None

    def __post_init__(self) -> None:
        registered = JOB_KINDS[self.kind]
        if not isinstance(self.args, registered.args):
            raise TypeError(f"{self.kind} takes {registered.args.__name__}, not {type(self.args).__name__}")
        if unknown := sorted(self.varying.keys() - {field.name for field in fields(self.args)}):
            raise TypeError(f"{self.kind} has no arguments {', '.join(unknown)}")

    def missing(self) -> Select[Any]:
        """The rows that have no such job yet."""
        return self.rows.where(~exists().where(Job.key == self.key))


def announce_each(session: Session, wanted: JobForEach, now: datetime) -> int:
    """Writes the jobs that are missing, in one statement, and notifies the workers once after the commit.

    Gives how many it wrote. Another transaction that writes the same at this moment does no harm.
    """
    kind = JOB_KINDS[wanted.kind]
    about, number = wanted.subject
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    values: dict[str, Any] = {
        "key": wanted.key,
        "kind": _value(kind.name, Job.kind),
        "args": _arguments(wanted, on_postgresql=on_postgresql),
        "state": _value(JobState.READY, Job.state),
        "policy": _value(kind.policy, Job.policy),
        "attempts": _value(0, Job.attempts),
        "next_at": _value(wanted.due_at or now, Job.next_at),
        "created_at": _value(now, Job.created_at),
        "subject_kind": _value(about.value, Job.subject_kind) if isinstance(about, SubjectKind) else about,
        "subject_id": number,
    }
    if wanted.actor_id is not None:
        values["actor_id"] = _value(wanted.actor_id, Job.actor_id)
    insert = postgresql.insert(Job) if on_postgresql else sqlite.insert(Job)
    found = wanted.missing().with_only_columns(*values.values(), maintain_column_froms=True)
    statement = insert.from_select(list(values), found, include_defaults=False)
    statement = statement.on_conflict_do_nothing(index_elements=[Job.key])
    written = session.execute(statement, execution_options={"preserve_rowcount": True})
    count = written.rowcount if isinstance(written, CursorResult) else 0
    if count and (wanted.due_at is None or wanted.due_at <= now):
        notify_after_commit(session, kind)
    return count


def due_for_each(session: Session, wanted: Sequence[JobForEach], now: datetime) -> Effect | None:
    """What announces those of them that have no job yet; None if each has."""
    lacking = [each for each in wanted if session.scalar(select(each.missing().exists()))]
    return partial(_announce_all, wanted=lacking, now=now) if lacking else None


def _announce_all(session: Session, *, wanted: Sequence[JobForEach], now: datetime) -> None:
    for each in wanted:
        announce_each(session, each, now)


def start_due(periodic: Periodic, now: datetime) -> None:
    """Asks what is due, and writes it in a transaction of its own; without anything it takes no lock of a writer.

    What was read stays open for whatever is asked next: to ask for a connection again takes as long as to read.
    """
    effect = periodic(db.session(), now)
    if effect is not None:
        with transaction() as session:
            effect(session)


def forget(session: Session, old: ColumnElement[bool], table: type[Base]) -> Effect | None:
    """What deletes the old rows of a table; None if there are none."""
    if session.scalar(select(exists().where(old))) is not True:
        return None

    def delete_them(session: Session) -> None:
        session.execute(delete(table).where(old).execution_options(synchronize_session=False))

    return delete_them


def _value(value: Any, column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    return literal(value, column.type)


def _arguments(wanted: JobForEach, *, on_postgresql: bool) -> ColumnElement[Any]:
    """The arguments as `announce` stores them, with those that vary put in by the database."""
    shared = literal(json.dumps(serialization.to_json(wanted.args)), String)
    if on_postgresql:
        pairs = [part for name, column in wanted.varying.items() for part in (literal(name, String), column)]
        whole = cast(shared, postgresql.JSONB).op("||")(func.jsonb_build_object(*pairs))
        return cast(whole, JSON)
    pairs = [part for name, column in wanted.varying.items() for part in (literal(f"$.{name}", String), column)]
    return func.json_set(shared, *pairs, type_=String)
