"""Work plans written as texts become tables when the database is brought up to date, and texts on the way back."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import text

from config import ROOT
from tests.factories import applications as make
from tests.factories.calls import open_call
from tests.services_databases import Databases, settings_for
from urbact_calls.applications.models import SavedSection
from urbact_calls.database import db, transaction
from urbact_calls.factory import create_app

FOLDER = str(ROOT / "migrations")
ROWS = [{"activities": "Steering group"}, {}, {"activities": "Local Groups"}, {}]


def stored() -> dict[str, str]:
    found = db.session.execute(text("SELECT answers FROM section")).scalar_one()
    db.session.remove()
    return json.loads(found) if isinstance(found, str) else found


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_a_work_plan_survives_both_ways(databases: Databases, dialect: str, tmp_path: Path, now: datetime):
    with databases.fresh(dialect) as url:
        app = create_app(settings_for(url, tmp_path))
        with app.app_context():
            reference = make.draft(open_call(db.session, now), now).reference
            answers = {"work_packages": json.dumps(ROWS), "communication": "A film"}
            with transaction() as session:
                application_id = make.row(reference).id
                session.add(
                    SavedSection(application_id=application_id, code="work_plan", answers=answers, updated_at=now)
                )
            db.session.remove()

            flask_migrate.downgrade(directory=FOLDER, revision="4c1e0b7a95d2")
            before = stored()
            flask_migrate.upgrade(directory=FOLDER)
            after = stored()

            assert before == {
                "management": "Steering group",
                "transnational": "",
                "local_level": "Local Groups",
                "communication": "A film",
            }
            assert (json.loads(after["work_packages"]), after["communication"]) == (ROWS, "A film")
            db.session.remove()
            db.engine.dispose()
