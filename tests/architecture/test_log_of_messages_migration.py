"""Messages that were in the log before it said what they are about: they stay, and find their job again."""

from __future__ import annotations

import flask_migrate
import pytest
from sqlalchemy import MetaData, Table, insert, select

from config import ROOT
from tests.services_databases import Databases, settings_for
from urbact_calls.database import db
from urbact_calls.factory import create_app

FOLDER = str(ROOT / "migrations")
BEFORE = "4c1e0b7a95d2"
# The last one in which what a message is about was a text.
AFTER = "c41d7a90e6b3"

MESSAGE_ID = "<0123456789abcdef0123456789abcdef01234567@example.org>"


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_log_survives_and_finds_its_jobs(databases: Databases, dialect, tmp_path, now):
    with databases.fresh(dialect) as url:
        app = create_app(settings_for(url, tmp_path))
        with app.app_context():
            flask_migrate.downgrade(directory=FOLDER, revision=BEFORE)
            with db.engine.begin() as connection:
                job, delivery = (Table(name, MetaData(), autoload_with=connection) for name in ("job", "delivery"))
                connection.execute(
                    insert(job).values(
                        key=f"deliver:{MESSAGE_ID[1:41]}",
                        kind="mail.deliver",
                        args={},
                        state="done",
                        policy="once",
                        attempts=1,
                        next_at=now,
                        created_at=now,
                        object_ref="account:17",
                    )
                )
                connection.execute(
                    insert(delivery).values(
                        event="mail:account.reset:17",
                        email_key="account.reset",
                        address="lara@example.org",
                        subject="A new password",
                        text="Choose a new one.",
                        html="<p>Choose a new one.</p>",
                        message_id=MESSAGE_ID,
                        created_at=now,
                    )
                )

            flask_migrate.upgrade(directory=FOLDER, revision=AFTER)

            with db.engine.connect() as connection:
                log = Table("delivery", MetaData(), autoload_with=connection)
                (line,) = connection.execute(select(log.c.text, log.c.object_ref, log.c.job_id))
                sent_by = connection.scalar(select(job.c.kind).where(job.c.id == line.job_id))
            assert (line.text, line.object_ref, sent_by) == ("Choose a new one.", "account:17", "mail.deliver")
            db.engine.dispose()
