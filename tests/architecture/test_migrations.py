"""The tables of the models are the tables that the migrations make, on both databases, forwards and backwards."""

from __future__ import annotations

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect

from config import ROOT
from tests.services_databases import Databases, settings_for
from urbact_calls.database import Base, db
from urbact_calls.factory import create_app

FOLDER = str(ROOT / "migrations")


def differences() -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "render_as_batch": True}
        )
        return list(compare_metadata(context, Base.metadata))


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def constraints() -> dict[str, list[str]]:
    """The names of the CHECKs of each table, which the comparison does not look at."""
    found = inspect(db.engine)
    return {
        table.name: sorted(str(check["name"]) for check in found.get_check_constraints(table.name))
        for table in Base.metadata.sorted_tables
    }


def test_the_models_are_what_the_migrations_make(app: Flask):
    with app.app_context():
        assert differences() == []


def test_every_check_of_a_model_is_in_the_database(app: Flask):
    declared = {
        table.name: sorted(str(c.name) for c in table.constraints if type(c).__name__ == "CheckConstraint")
        for table in Base.metadata.sorted_tables
    }

    with app.app_context():
        assert constraints() == declared


def test_every_collation_of_a_model_is_in_the_database(app: Flask):
    """The comparison does not look at them, and without theirs PostgreSQL cannot use an index for what begins so."""
    with app.app_context():
        declared = {
            (table.name, column.name): getattr(column.type.dialect_impl(db.engine.dialect), "collation", None)
            for table in Base.metadata.sorted_tables
            for column in table.columns
        }
        found = inspect(db.engine)
        made = {
            (table, column["name"]): getattr(column["type"], "collation", None)
            for table in tables()
            for column in found.get_columns(table)
        }

    assert made == declared


def test_there_is_one_head():
    assert len(ScriptDirectory(FOLDER).get_heads()) == 1


def test_every_revision_says_how_to_go_back():
    silent = [
        revision.revision
        for revision in ScriptDirectory(FOLDER).walk_revisions()
        if not revision.module.downgrade.__doc__ and not revision.module.downgrade.__code__.co_names
    ]

    assert silent == []


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_up_down_and_up_again(databases: Databases, dialect, tmp_path):
    with databases.fresh(dialect) as url:
        app = create_app(settings_for(url, tmp_path))
        with app.app_context():
            made = tables()

            flask_migrate.downgrade(directory=FOLDER, revision="base")
            left = tables()
            flask_migrate.upgrade(directory=FOLDER)

            assert (left, tables(), differences()) == (set(), made, [])
            db.session.remove()
            db.engine.dispose()


def test_every_constraint_has_a_name():
    nameless = [
        f"{table.name}: {constraint}"
        for table in Base.metadata.sorted_tables
        for constraint in table.constraints
        if constraint.name is None and list(getattr(constraint, "columns", ()))
    ]

    assert nameless == []
