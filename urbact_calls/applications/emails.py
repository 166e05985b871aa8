"""Recipients and context shared by the e-mails about an application: its lead contacts, the event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.applications.models import StepTaken
from urbact_calls.applications.reads.applications import by_reference, lead_contacts
from urbact_calls.jobs import OfApplication
from urbact_calls.messages.emails import register
from urbact_calls.messages.models import Email, Policy, Recipient
from urbact_calls.record.models import WorkflowEvent


def to_lead_contacts(session: Session, args: OfApplication) -> Sequence[Recipient]:
    """Everybody who hears about the application of a job."""
    application = by_reference(session, args.reference)
    return [Recipient(user.email, user.name, user.id) for user in lead_contacts(session, application.id)]


def event_context(session: Session, args: StepTaken, recipient: Recipient) -> dict[str, Any]:
    """The application and the event that the message is about."""
    return {
        "application": by_reference(session, args.reference),
        "event": session.get_one(WorkflowEvent, args.event),
    }


def tell_lead_contacts(  # noqa: PLR0913 -- what a message says and when; keyword-only after the key
    key: str,
    *,
    name: str,
    moment: str,
    limit: str,
    context: Callable[..., dict[str, Any]] = event_context,
    policy: Policy = "retry",
) -> None:
    """Registers a message about a step of an application that its lead contacts get."""
    register(
        Email(
            key=key,
            name=name,
            args=StepTaken,
            to=to_lead_contacts,
            context=context,
            policy=policy,
            recipients="The lead contacts",
            moment=moment,
            limit=limit,
        )
    )
