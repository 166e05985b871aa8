"""What was submitted before goes through the migration of what waits to be stored and back, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from tests.architecture.test_migrations import FOLDER
from tests.factories.applications import complete_draft
from tests.factories.calls import open_call
from tests.services_databases import Databases, settings_for
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.database import db
from urbact_calls.factory import create_app

REVISION = "5e0b7d42c9a6"
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_nothing_that_was_submitted_before_waits_to_be_stored(databases: Databases, dialect: str, tmp_path):
    with databases.fresh(dialect) as url:
        app = create_app(settings_for(url, tmp_path))
        with app.app_context():
            draft = complete_draft(open_call(db.session, NOW), NOW)
            take_transition(draft.reference, "submit", draft.actor, NOW)
            reference = draft.reference
            db.session.remove()
            before = ScriptDirectory(FOLDER).get_revision(REVISION).down_revision
            flask_migrate.downgrade(directory=FOLDER, revision=before)
            with db.engine.connect() as reading:
                kept = reading.execute(text("SELECT reference, state FROM application")).all()

            flask_migrate.upgrade(directory=FOLDER)

            with db.engine.connect() as reading:
                found = reading.execute(text("SELECT reference, state, handed_in_at FROM application")).all()
            db.engine.dispose()
    assert [tuple(each) for each in kept] == [(reference, "submitted")]
    assert [tuple(each) for each in found] == [(reference, "submitted", None)]
