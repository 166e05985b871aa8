"""Tokens made before they had names go through the migration of sessions and back, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, inspect, select

from tests.architecture.test_migrations import FOLDER
from tests.factories.accounts import person
from tests.services_databases import Databases, settings_for
from urbact_calls.accounts.commands.tokens import create_token
from urbact_calls.accounts.reads import hash_of, token_of
from urbact_calls.database import db
from urbact_calls.factory import create_app

REVISION = "4c7e1a92d0b5"
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_a_token_made_before_works_on_and_has_a_number_for_its_name(databases: Databases, dialect: str, tmp_path):
    with databases.fresh(dialect) as url:
        app = create_app(settings_for(url, tmp_path))
        with app.app_context():
            owner = person(email="known@example.org")
            owner_id = owner.id
            db.session.remove()
            before = ScriptDirectory(FOLDER).get_revision(REVISION).down_revision
            flask_migrate.downgrade(directory=FOLDER, revision=before)
            row = {"user_id": owner_id, "sha256": hash_of("made before"), "created_at": NOW}
            with db.engine.begin() as writing:
                tokens = Table("api_token", MetaData(), autoload_with=writing)
                writing.execute(tokens.insert(), row | {"expires_at": NOW + timedelta(days=90)})

            flask_migrate.upgrade(directory=FOLDER)

            kept = token_of(db.session(), "made before")
            assert kept is not None
            assert (kept.label, kept.is_in_force(NOW)) == (f"Token {kept.id}", True)
            db.session.remove()
            create_token("known@example.org", "Figures of our city", NOW)
            db.session.remove()
            flask_migrate.downgrade(directory=FOLDER, revision=before)
            with db.engine.connect() as reading:
                tokens = Table("api_token", MetaData(), autoload_with=reading)
                assert reading.execute(select(tokens.c.user_id, tokens.c.revoked_at)).all() == [(owner_id, None)] * 2
                assert not {"browser_session", "wrong_passwords"} & set(inspect(reading).get_table_names())
            db.engine.dispose()
