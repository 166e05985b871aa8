"""Writing the record: within the commit of the act, so that what happened and its trace are one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from urbact_calls.audit.models import FieldChange, WorkflowEvent
from urbact_calls.domain.permissions import Actor


def record(  # noqa: PLR0913 -- an event has these columns; all keyword-only
    session: Session,
    *,
    object_ref: str,
    machine: str,
    transition: str,
    source: str | None,
    target: str,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> WorkflowEvent:
    """Adds the next event of an object. The caller holds the lock of the object's row, so numbers do not collide."""
    last = session.scalar(select(func.max(WorkflowEvent.number)).where(WorkflowEvent.object_ref == object_ref))
    event = WorkflowEvent(
        object_ref=object_ref,
        number=(last or 0) + 1,
        machine=machine,
        transition=transition,
        source=source,
        target=target,
        actor_id=actor.user_id,
        reason=(reason or "").strip() or None,
        at=now,
    )
    session.add(event)
    session.flush()
    return event


def field_changed(
    session: Session, *, object_ref: str, field: str, before: Any, after: Any, actor: Actor, now: datetime
) -> None:
    """Remembers what a field held and holds; nothing if it is the same."""
    if before == after:
        return
    session.add(
        FieldChange(
            object_ref=object_ref,
            field=field,
            before={"value": before},
            after={"value": after},
            actor_id=actor.user_id,
            at=now,
        )
    )
