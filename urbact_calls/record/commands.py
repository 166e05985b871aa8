"""Commands that write the record.

An event or a change within the commit of the act, a refusal in a transaction of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.domain.permissions import Actor
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
