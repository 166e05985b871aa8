"""Database of the closing trial: a call with complete drafts whose leads are signed in, and with applications that were
submitted before. Two are made as people make them; all others are copies of their rows."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, func, insert, select, text

from tests.factories.accounts import IN_MANY_YEARS
from tests.factories.applications import Draft, city, complete_draft, row, ten_cities
from tests.factories.calls import open_call
from urbact_calls.accounts.models import BrowserSession, User
from urbact_calls.accounts.reads import hash_of
from urbact_calls.applications.models import (
    Application,
    ApplicationAccess,
    Document,
    Partner,
    PartnerSection,
    PlannedCost,
    SavedSection,
    SubmittedFile,
)
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.applications.submission.models import Submission
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.organisations.models import Membership, Organisation
from urbact_calls.record.models import WorkflowEvent

CODE = "APN-LAST"
# How many rows go to the database at once.
PORTION = 2_000

OWNER: dict[type[Any], type[Any]] = {
    Membership: Organisation,
    ApplicationAccess: Application,
    SavedSection: Application,
    Partner: Application,
    PartnerSection: Partner,
    PlannedCost: Partner,
    Document: Partner,
    Submission: Application,
    SubmittedFile: Submission,
}
"""What belongs to one application and its lead alone, with what it belongs to; each after what it points at."""


@dataclass(frozen=True, slots=True)
class LastMinuteDraft:
    """A complete draft, the address of its lead, and the key of a session in which the lead is signed in."""

    reference: str
    email: str
    key: str


def build(drafts: int, submitted: int, now: datetime) -> list[LastMinuteDraft]:
    """Makes the world in the empty database of the current app; `drafts` and `submitted` are how many there are."""
    call = open_call(db.session(), now, CODE)
    others = ten_cities(now, " of the trial")[1:]
    first = complete_draft(call, now, [city("Lead of drafts", now), *others])
    handed_in = complete_draft(call, now, [city("Lead of submissions", now), *others])
    take_transition(handed_in.reference, "submit", handed_in.actor, now)

    _multiply(handed_in, submitted - 1, "before")
    references = [(first.reference, first.lead_address), *_multiply(first, drafts - 1, "last")]
    keys = [secrets.token_urlsafe(24) for _ in references]
    users = {email: number for number, email in db.session.execute(select(User.id, User.email))}
    sessions = [
        {
            "user_id": users[email],
            "sha256": hash_of(key),
            "browser": "Firefox on Linux",
            "opened_at": now,
            "used_at": IN_MANY_YEARS,
        }
        for (_, email), key in zip(references, keys, strict=True)
    ]
    with transaction() as session:
        session.execute(insert(BrowserSession), sessions)
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ANALYZE"))
    return [LastMinuteDraft(*found, key) for found, key in zip(references, keys, strict=True)]


def close_at(moment: datetime) -> None:
    """Lets the call of the trial close then; the moment is a whole second."""
    with transaction() as session:
        call = session.scalars(select(Call).where(Call.code == CODE)).one()
        call.closes_at = moment
        call.terms = replace(call.terms, closes_at=moment)


def _multiply(pattern: Draft, times: int, word: str) -> list[tuple[str, str]]:
    """Copies all rows of an application so often; gives references and addresses of the leads."""
    rows = dict(_rows_of(pattern))
    made = []
    with transaction() as session:
        is_postgresql = session.get_bind().dialect.name == "postgresql"
        highest = session.scalar(select(func.max(Application.number))) or 0
        free = {table: (session.scalar(select(func.max(table.c.id))) or 0) + 1 for table in rows}
        copies: dict[Table, list[dict[str, Any]]] = {table: [] for table in rows}
        for number in range(times):
            reference, email = f"{CODE}-{word}-{number:05}", f"{word}-{number}@example.org"
            own = {"reference": reference, "email": email, "number": highest + 1 + number}
            for table, copied in _copy(rows, free, own, f"{word}-{number}").items():
                copies[table] += copied
            made.append((reference, email))
        for table, copied in copies.items():
            for start in range(0, len(copied), PORTION):
                session.execute(insert(table), copied[start : start + PORTION])
            if is_postgresql:
                sequence = func.pg_get_serial_sequence(table.name, "id")
                session.execute(select(func.setval(sequence, select(func.max(table.c.id)).scalar_subquery())))
    return made


def _rows_of(pattern: Draft) -> Iterator[tuple[Table, Sequence[Mapping[str, Any]]]]:
    """The rows that belong to an application and its lead, table by table."""
    application = row(pattern.reference)
    known: dict[Any, list[int]] = {
        User: [pattern.lead.id],
        Organisation: [pattern.organisation.id],
        Application: [application.id],
    }
    models: list[Any] = [*known, *OWNER, WorkflowEvent]
    for model in models:
        table: Table = model.__table__
        is_own: ColumnElement[bool]
        if model is WorkflowEvent:
            is_own = (table.c.subject_kind == SubjectKind.APPLICATION) & (table.c.subject_id == application.id)
        elif model in known:
            is_own = table.c.id.in_(known[model])
        else:
            owner = OWNER[model]
            [column] = (key.parent for key in table.foreign_keys if key.column.table is owner.__table__)
            is_own = column.in_(known[owner])
        found = db.session.execute(select(table).where(is_own).order_by(table.c.id)).mappings().all()
        known[model] = [each["id"] for each in found]
        yield table, [dict(each) for each in found]


def _copy(
    rows: Mapping[Table, Iterable[Mapping[str, Any]]], free: dict[Table, int], own: Mapping[str, Any], word: str
) -> dict[Table, list[dict[str, Any]]]:
    """One more application: the same rows with ids of their own, which point at each other as the first ones do."""
    numbers: dict[tuple[str, int], int] = {}
    made: dict[Table, list[dict[str, Any]]] = {}
    for table, found in rows.items():
        made[table] = []
        for each in found:
            number = numbers[table.name, each["id"]] = free[table]
            free[table] += 1
            values = dict(each) | {"id": number}
            for key in table.foreign_keys:
                column = key.parent.name
                values[column] = numbers.get((key.column.table.name, values[column]), values[column])
            if table.name == "workflow_event":
                values["subject_id"] = numbers["application", each["subject_id"]]
            if table.name == "application":
                values |= {"reference": own["reference"], "number": own["number"]}
            elif table.name == "user_account":
                values["email"] = own["email"]
            elif table.name == "organisation":
                values |= {"slug": word, "name": f"City {word}", "folded": f"city {word}"}
            elif table.name == "document":
                values["storage_key"] = secrets.token_hex(16)
            made[table].append(values)
    return made


def soon(now: datetime, seconds: float) -> datetime:
    """The first whole second that is at least so far away."""
    return (now + timedelta(seconds=seconds + 1)).replace(microsecond=0)
