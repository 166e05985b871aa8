"""Runs migrations for the database of the current site, on SQLite and on PostgreSQL, each in one transaction."""

from __future__ import annotations

import sys
from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy.types import TypeDecorator

from urbact_calls.schema import refusal

config = context.config
database = current_app.extensions["migrate"].db


def as_stored(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """How `db migrate` writes a type of `urbact_calls.database`: as the database has it, because ours may move."""
    return f"sa.{item.impl_instance!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def run_migrations() -> None:
    # Alembic would notice a revision that it does not know only after the file was opened for writing.
    if sentence := refusal(database.engine.url, config.get_main_option("script_location")):
        sys.exit(sentence)
    with database.engine.connect() as connection:
        # SQLite changes a table by making it anew. With foreign keys on, dropping the old one would delete, or refuse
        # to delete, every row that points to it; the setting cannot be changed inside a transaction.
        is_sqlite = connection.dialect.name == "sqlite"
        driver = connection.connection.driver_connection
        if is_sqlite:
            driver.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=database.metadatas[None],
            render_as_batch=True,
            compare_type=True,
            transactional_ddl=True,
            render_item=as_stored,
        )
        with context.begin_transaction():
            context.run_migrations()
            if is_sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise RuntimeError(f"the migration left {len(broken)} rows that point to nothing")
        if is_sqlite:
            driver.execute("PRAGMA foreign_keys=ON")


run_migrations()
