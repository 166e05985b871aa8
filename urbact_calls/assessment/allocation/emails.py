"""Emails to assessors: an allocation was made, a sheet is due."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from urbact_calls.accounts.models import RoleGrant, User
from urbact_calls.applications.reads.applications import by_reference
from urbact_calls.assessment.models import Allocation, AllocationMessage, SheetMessage
from urbact_calls.domain.vocabulary import ApplicationState, IndividualSheetState, Role
from urbact_calls.messages.emails import register
from urbact_calls.messages.models import Email, Recipient


def _allocation(session: Session, args: AllocationMessage) -> Allocation | None:
    """The allocation, while it stands and its assessor is one."""
    return session.scalar(
        select(Allocation)
        .where(
            Allocation.application_id == by_reference(session, args.reference).id,
            Allocation.user_id == args.user,
            Allocation.released_at.is_(None),
            Allocation.user.has(User.grants.any(RoleGrant.role == Role.ASSESSOR)),
        )
        .options(joinedload(Allocation.user), joinedload(Allocation.application))
    )


def _to_assessor(session: Session, args: AllocationMessage) -> Sequence[Recipient]:
    allocation = _allocation(session, args)
    # Taken away again before the message was written, or the role was: then there is nothing to tell.
    if allocation is None:
        return []
    return [allocation.user.recipient]


def _to_late_assessor(session: Session, args: SheetMessage) -> Sequence[Recipient]:
    """Nobody, if the sheet was locked, the application left the assessment or the day was moved meanwhile."""
    allocation = _allocation(session, args)
    if allocation is None or allocation.due_on != args.due_on:
        return []
    waits = allocation.application.state is ApplicationState.ELIGIBLE
    return _to_assessor(session, args) if waits and allocation.sheet.state is IndividualSheetState.OPEN else []


def _context(session: Session, args: AllocationMessage, recipient: Recipient) -> dict[str, Any]:
    return {"allocation": _allocation(session, args), "application": by_reference(session, args.reference)}


register(
    Email(
        key="allocation.made",
        name="An application to assess",
        args=AllocationMessage,
        to=_to_assessor,
        context=_context,
        recipients="The assessor",
        moment="When an application is allocated",
        limit="Once for each allocation",
    )
)
register(
    Email(
        key="sheet.due",
        name="Reminder: a sheet is due",
        args=SheetMessage,
        to=_to_late_assessor,
        context=_context,
        is_mutable=True,
        recipients="The assessor whose sheet is open",
        moment="7 days and 1 day before the day by which the sheet is due, at 8:00",
        limit="Once for each allocation, day and due date",
    )
)
