"""How many statements a page sends to the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from urbact_calls.database import db


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collects the SQL of every statement that is sent meanwhile; begins and ends of transactions do not count."""
    sent: list[str] = []

    def remember(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "ROLLBACK", "SAVEPOINT")):
            sent.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", remember)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", remember)
