"""What decisions and jobs of before get from the migration about announcements, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Row, Table, insert, select

from tests.architecture.test_migrations import FOLDER
from tests.factories.accounts import person
from tests.factories.applications import city, draft, row
from tests.factories.calls import open_call
from tests.services_databases import Databases, settings_for
from urbact_calls.database import Base, db
from urbact_calls.domain.vocabulary import Role
from urbact_calls.factory import create_app

REVISION = "5d8e21b7c09a"
NOW = datetime.now(UTC).replace(microsecond=0)
CARRIED_OUT, LEFT, RECORDED = range(3)


@dataclass(frozen=True, slots=True)
class Migrated:
    """A database after the migration, with the call, the officer and the decisions that are in it."""

    connection: Connection
    call: int
    officer: int
    decisions: list[int]

    def decision(self, number: int) -> Row[Any]:
        table = Base.metadata.tables["decision"]
        return self.connection.execute(select(table).where(table.c.id == self.decisions[number])).one()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def migrated(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory) -> Iterator[Migrated]:
    """A database of the revision before with rows in it, brought to this revision."""
    with databases.fresh(request.param) as url:
        app = create_app(settings_for(url, tmp_path_factory.mktemp("migration")))
        with app.app_context():
            officer = person(Role.PROGRAMME_OFFICER).id
            call = open_call(db.session(), NOW)
            ids = [row(draft(call, NOW, city(f"City {number}", NOW)).reference).id for number in range(3)]
            call_id = call.id
            db.session.remove()
            before = ScriptDirectory(FOLDER).get_revision(REVISION).down_revision
            flask_migrate.downgrade(directory=FOLDER, revision=before)
            with db.engine.begin() as writing:
                decisions = fill(writing, call_id, officer, ids)
            flask_migrate.upgrade(directory=FOLDER, revision=REVISION)
            with db.engine.connect() as reading:
                yield Migrated(reading, call_id, officer, decisions)
            db.session.remove()
            db.engine.dispose()


def fill(connection: Connection, call: int, officer: int, applications: list[int]) -> list[int]:
    """One decision whose step is taken, one whose job a worker has left, and one that is recorded only."""
    known = MetaData()
    meeting, decision, job = (Table(name, known, autoload_with=connection) for name in ("meeting", "decision", "job"))
    held = {"call_id": call, "reference": "MC-1", "held_on": NOW.date(), "is_written_procedure": False}
    [meeting_id] = connection.execute(insert(meeting).values(**held, created_at=NOW)).inserted_primary_key
    same = {"meeting_id": meeting_id, "outcome": "reserve", "reasons": "So.", "conditions": "", "recorded_at": NOW}
    made = []
    for number, application in enumerate(applications):
        announced = {} if number == RECORDED else {"announced_at": NOW, "announced_by": officer}
        new = insert(decision).values(application_id=application, **same, **announced)
        made.append(connection.execute(new).inserted_primary_key[0])
    work = {"kind": "decisions.carry_out", "args": {"reference": "APN-DEMO-001"}, "policy": "retry"}
    for number, state in ((CARRIED_OUT, "done"), (LEFT, "running")):
        key = f"decisions.carry_out:APN-DEMO-001:{made[number]}"
        connection.execute(insert(job).values(**work, key=key, state=state, attempts=3, next_at=NOW, created_at=NOW))
    return made


def test_what_is_carried_out_or_recorded_only_stays_as_it_was(migrated: Migrated):
    done, recorded = migrated.decision(CARRIED_OUT), migrated.decision(RECORDED)

    assert (done.announced_by, done.announcement_id) == (migrated.officer, None)
    assert done.announced_at is not None
    assert (recorded.announced_at, recorded.announcement_id) == (None, None)


def test_a_step_that_a_worker_left_is_a_piece_of_an_announcement(migrated: Migrated):
    announcement, job = (Base.metadata.tables[name] for name in ("announcement", "job"))
    [made] = migrated.connection.execute(select(announcement)).all()
    left = migrated.decision(LEFT)

    assert (made.call_id, made.announced_at, made.announced_by) == (migrated.call, NOW, migrated.officer)
    assert (made.decisions, made.fingerprint) == (1, "")
    assert (left.announcement_id, left.announced_at) == (made.id, None)
    [piece] = migrated.connection.execute(select(job).where(job.c.kind == "decisions.take_steps")).all()
    assert piece.args == {"announcement": made.id, "first": left.id, "last": left.id}
    assert piece.attempts == 0
    kinds = migrated.connection.scalars(select(job.c.kind).where(job.c.state == "done")).all()
    assert kinds == ["decisions.carry_out"]
