"""Messages that were in the log before it said what they are about: they stay, and find their job again."""

from __future__ import annotations

import flask_migrate
import pytest
from sqlalchemy import select, text

from config import ROOT
from tests.factories.accounts import person
from tests.factories.jobs import work_off
from tests.services_databases import Databases, settings_for
from urbact_calls.accounts import services as accounts
from urbact_calls.database import db
from urbact_calls.factory import create_app
from urbact_calls.jobs import Job
from urbact_calls.notifications.models import Delivery

FOLDER = str(ROOT / "migrations")
BEFORE = "4c1e0b7a95d2"


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_log_survives_and_finds_its_jobs(databases: Databases, dialect, tmp_path, now):
    with databases.fresh(dialect) as url:
        app = create_app(settings_for(url, tmp_path))
        with app.app_context():
            address = person().email
            accounts.ask_for_reset(address, now)
            work_off(now)
            kept = db.session.execute(select(Delivery.id, Delivery.text, Delivery.job_id, Delivery.object_ref)).one()
            db.session.remove()

            flask_migrate.downgrade(directory=FOLDER, revision=BEFORE)
            with db.engine.connect() as connection:
                assert connection.scalar(text("SELECT count(*) FROM delivery")) == 1
            flask_migrate.upgrade(directory=FOLDER)

            found = db.session.execute(select(Delivery.id, Delivery.text, Delivery.job_id, Delivery.object_ref)).one()
            assert found == kept
            assert db.session.get_one(Job, found.job_id).kind == "mail.deliver"
            assert found.object_ref.startswith("account:")
            db.session.remove()
            db.engine.dispose()
