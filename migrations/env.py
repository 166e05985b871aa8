"""Runs migrations for the database of the current site, on SQLite and on PostgreSQL, each in one transaction."""

from __future__ import annotations

from alembic import context
from flask import current_app

config = context.config
database = current_app.extensions["migrate"].db


def run_migrations() -> None:
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadatas[None],
            render_as_batch=True,
            compare_type=True,
            transactional_ddl=True,
            user_module_prefix="urbact_calls.database.",
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
