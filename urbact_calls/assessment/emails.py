"""What assessors hear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from urbact_calls.applications.queries import by_reference
from urbact_calls.assessment.models import Allocation
from urbact_calls.notifications.messages import Email, Recipient, register


def _allocation(session: Session, args: dict[str, Any]) -> Allocation | None:
    return session.scalar(
        select(Allocation)
        .where(
            Allocation.application_id == by_reference(session, args["reference"]).id,
            Allocation.user_id == args["user"],
            Allocation.released_at.is_(None),
        )
        .options(joinedload(Allocation.user), joinedload(Allocation.application))
    )


def _to_assessor(session: Session, args: dict[str, Any]) -> Sequence[Recipient]:
    allocation = _allocation(session, args)
    # Taken away again before the message was written: then there is nothing to tell.
    if allocation is None:
        return []
    return [Recipient(allocation.user.email, allocation.user.name, allocation.user_id)]


def _context(session: Session, args: dict[str, Any], recipient: Recipient) -> dict[str, Any]:
    return {"allocation": _allocation(session, args), "application": by_reference(session, args["reference"])}


register(Email(key="allocation.made", to=_to_assessor, context=_context))
