"""What rows of before get from the migration about people in two roles, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, insert, select

from tests.architecture.test_migrations import FOLDER
from tests.factories.accounts import person
from tests.factories.applications import city
from tests.services_databases import Databases, settings_for
from urbact_calls.database import Base, db
from urbact_calls.domain.vocabulary import Role
from urbact_calls.factory import create_app

REVISION = "b2a4c6e81357"
NOW = datetime.now(UTC).replace(microsecond=0)
ENTERED, OFFICER, LEAVER, STRANGER = range(4)


@dataclass(frozen=True, slots=True)
class Migrated:
    """A database after the migration, and the accounts that are in it."""

    connection: Connection
    ids: list[int]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def migrated(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory) -> Iterator[Migrated]:
    """A database of the revision before with rows in it, brought to this revision."""
    with databases.fresh(request.param) as url:
        app = create_app(settings_for(url, tmp_path_factory.mktemp("migration")))
        with app.app_context():
            users = [person(), person(Role.PROGRAMME_OFFICER), person(), person()]
            ids, place = [user.id for user in users], city("Agen", NOW).id
            db.session.remove()
            before = ScriptDirectory(FOLDER).get_revision(REVISION).down_revision
            flask_migrate.downgrade(directory=FOLDER, revision=before)
            with db.engine.begin() as writing:
                fill(writing, ids, place)
            flask_migrate.upgrade(directory=FOLDER, revision=REVISION)
            with db.engine.connect() as reading:
                yield Migrated(reading, ids)
            db.session.remove()
            db.engine.dispose()


def fill(connection: Connection, ids: list[int], place: int) -> None:
    """A manager who entered the city, one whom an officer accepted, and what the record says of people who left."""
    membership = Table("membership", MetaData(), autoload_with=connection)
    joined = {"organisation_id": place, "is_manager": True, "requested_at": NOW, "accepted_at": NOW}
    connection.execute(
        insert(membership),
        [
            joined | {"user_id": ids[ENTERED], "accepted_by": None},
            joined | {"user_id": ids[STRANGER], "accepted_by": ids[OFFICER]},
        ],
    )
    left = {"subject_kind": "organisation", "subject_id": place, "before": {"value": True}, "after": {"value": False}}
    long_ago, lately = NOW - timedelta(days=731), NOW - timedelta(days=30)
    connection.execute(
        insert(Base.metadata.tables["field_change"]),
        [
            left | {"field": f"member.{ids[LEAVER]}", "at": lately},
            left | {"field": f"member.{ids[OFFICER]}", "at": long_ago},
            left | {"field": "member.999999", "at": lately},
            left | {"field": f"member.{ids[ENTERED]}", "at": lately, "after": {"value": True}},
            left | {"field": f"member.{ids[STRANGER]}", "at": lately, "subject_kind": "account"},
        ],
    )


def test_whoever_left_in_the_last_24_months_is_kept(migrated: Migrated):
    former = Base.metadata.tables["former_membership"]
    rows = migrated.connection.execute(select(former.c.user_id, former.c.left_at, former.c.counts_until)).all()

    left_at = NOW - timedelta(days=30)
    assert rows == [(migrated.ids[LEAVER], left_at, left_at + timedelta(days=730))]


def test_a_manager_is_confirmed_whom_the_office_accepted(migrated: Migrated):
    membership = Base.metadata.tables["membership"]
    rows = migrated.connection.execute(
        select(membership.c.user_id, membership.c.confirmed_by).order_by(membership.c.id)
    ).all()

    ids = migrated.ids
    assert rows == [(ids[ENTERED], None), (ids[STRANGER], ids[OFFICER])]
