"""Reading the record."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.audit.models import WorkflowEvent


def events_of(session: Session, object_ref: str) -> Sequence[WorkflowEvent]:
    """The events of one object, oldest first."""
    return session.scalars(
        select(WorkflowEvent).where(WorkflowEvent.object_ref == object_ref).order_by(WorkflowEvent.number)
    ).all()
