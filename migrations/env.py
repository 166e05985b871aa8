"""Runs migrations for the database of the current site, on SQLite and on PostgreSQL, each in one transaction."""

from __future__ import annotations

import sqlite3
import sys
from typing import Any, Literal

import psycopg
from alembic import context
from flask import current_app
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator

from urbact_calls.schema import alone, inability, keep_copy, refusal

config = context.config
database = current_app.extensions["migrate"].db


def as_stored(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """How `db migrate` writes a type of `urbact_calls.database`: as the database has it, because ours may move."""
    return f"sa.{item.impl_instance!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def run_migrations() -> None:
    # Alembic would notice a revision that it does not know only after the file was opened for writing.
    if sentence := refusal(database.engine.url, config.get_main_option("script_location")):
        sys.exit(sentence)
    with database.engine.connect() as connection, alone(connection):
        context.configure(
            connection=connection,
            target_metadata=database.metadatas[None],
            render_as_batch=True,
            compare_type=True,
            transactional_ddl=True,
            render_item=as_stored,
        )
        # Inside the transaction: whoever waited for another one finds here what that one has done.
        if changes_tables():
            keep_copy(connection, stored_revisions())
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"the migration left {len(broken)} rows that point to nothing")


def stored_revisions() -> tuple[str, ...]:
    return context.get_context().get_current_heads()


def changes_tables() -> bool:
    """Whether this is an upgrade or a downgrade of a database that is not yet where it shall be."""
    wanted = context.get_context().opts.get("destination_rev")
    if wanted is None or not stored_revisions():
        return False
    return wanted not in ("head", "heads") or stored_revisions() != context.get_head_revisions()


try:
    run_migrations()
except (DBAPIError, sqlite3.Error, psycopg.Error) as problem:
    if sentence := inability(database.engine.url, problem):
        sys.exit(sentence)
    raise
