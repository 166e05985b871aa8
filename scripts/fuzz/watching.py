"""Detection of database writes: whether a request would have changed a row, which is then rolled back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from tests.architecture.swept_site import KEPT_ON_A_REFUSAL


class Writes:
    """Whether the request in hand would have changed a row: an act ends in a commit, which is taken back here."""

    def __init__(self) -> None:
        self.pending = self.committed = False

    def begin(self) -> None:
        """Forgets the request before."""
        self.pending = self.committed = False

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """What is allowed runs to its end, and the next request meets the same world."""
        commit = Session.commit

        def pretend(session: Session) -> None:
            session.flush()
            self.committed = self.committed or self.pending
            session.rollback()

        def seen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            words = statement.split(None, 3)
            if words[0] in ("INSERT", "UPDATE", "DELETE"):
                table = words[1] if words[0] == "UPDATE" else words[2]
                self.pending = self.pending or table.strip('"') not in KEPT_ON_A_REFUSAL

        def forgotten(_connection: Any) -> None:
            self.pending = False

        Session.commit = pretend  # type: ignore[assignment, method-assign]
        event.listen(Engine, "before_cursor_execute", seen)
        event.listen(Engine, "rollback", forgotten)
        try:
            yield
        finally:
            Session.commit = commit  # type: ignore[method-assign]
            event.remove(Engine, "before_cursor_execute", seen)
            event.remove(Engine, "rollback", forgotten)
