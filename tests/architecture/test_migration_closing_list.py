"""What rows of before get from the migration that adds the closing lists, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select

from tests.architecture.test_migrations import FOLDER
from tests.factories import eligibility as make
from tests.factories.calls import open_call
from tests.services_databases import Databases, settings_for
from urbact_calls.database import Base, db
from urbact_calls.factory import create_app

REVISION = "5d1f6b28c9e4"
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def migrated(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory) -> Iterator[Connection]:
    """A database of the revision before with an official report in it, brought to this revision."""
    with databases.fresh(request.param) as url:
        app = create_app(settings_for(url, tmp_path_factory.mktemp("migration")))
        with app.app_context():
            make.checked(open_call(db.session, NOW), NOW)
            db.session.remove()
            before = ScriptDirectory(FOLDER).get_revision(REVISION).down_revision
            flask_migrate.downgrade(directory=FOLDER, revision=before)
            flask_migrate.upgrade(directory=FOLDER, revision=REVISION)
            with db.engine.connect() as reading:
                yield reading
            db.session.remove()
            db.engine.dispose()


def test_a_report_of_before_stays_with_its_findings_and_names_no_list(migrated: Connection):
    report, finding = Base.metadata.tables["report"], Base.metadata.tables["finding"]
    rows = migrated.execute(
        select(report.c.kind, report.c.closing_list_id, func.count(finding.c.id))
        .join(finding, finding.c.report_id == report.c.id)
        .group_by(report.c.id, report.c.kind, report.c.closing_list_id)
        .order_by(report.c.kind)
    ).all()

    assert [(kind, listed) for kind, listed, _ in rows] == [("official", None), ("provisional", None)]
    assert all(count > 20 for *_, count in rows)
