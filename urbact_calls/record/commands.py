"""Commands that write the record.

An event or a change within the commit of the act, a refusal in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.serialization import to_json
from urbact_calls.domain.subject import Subject
from urbact_calls.record.models import FieldChange


def field_changed(  # noqa: PLR0913 -- one line of the record
    session: Session, subject: Subject, field: str, before: Any, after: Any, actor: Actor, now: datetime
) -> None:
    """Remembers what a field held and holds; nothing if it is the same. Of a longer name the first 120 characters."""
    if before == after:
        return
    session.add(
        FieldChange(
            about=subject,
            field=field[:120],
            before={"value": before},
            after={"value": after},
            actor_id=actor.user_id,
            at=now,
        )
    )


def change_fields(  # noqa: PLR0913 -- whose fields become what by whom; keyword-only after the values
    session: Session,
    subject: Subject,
    row: object,
    values: Mapping[str, object],
    *,
    prefix: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """Writes some fields of a row and remembers what each held and holds, under its name after `prefix`."""
    for name, after in values.items():
        before = to_json(getattr(row, name))
        field_changed(session, subject, prefix + name, before=before, after=to_json(after), actor=actor, now=now)
        setattr(row, name, after)
