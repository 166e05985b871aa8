"""E-mails about an application: its lead contacts, what they hear of its steps, and the reminder of a draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.applications.models import ClosingMessage, StepTaken
from urbact_calls.applications.reads.applications import by_reference, lead_contacts
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.jobs import OfApplication
from urbact_calls.messages.emails import register
from urbact_calls.messages.models import Email, Policy, Recipient
from urbact_calls.record.models import WorkflowEvent


def to_lead_contacts(session: Session, args: OfApplication) -> Sequence[Recipient]:
    """Everybody who hears about the application of a job."""
    application = by_reference(session, args.reference)
    return [user.recipient for user in lead_contacts(session, application.id)]


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


def _to_leads_of_a_draft(session: Session, args: ClosingMessage) -> Sequence[Recipient]:
    """Nobody, if the application was submitted or withdrawn, or the call moved its date, while the reminder waited."""
    application = by_reference(session, args.reference)
    is_draft = application.state is ApplicationState.DRAFT
    is_moved = application.call.closes_at != args.closes_at
    return to_lead_contacts(session, args) if is_draft and not is_moved else []


register(
    Email(
        key="call.closing_soon",
        name="Reminder: a draft is not submitted",
        args=ClosingMessage,
        to=_to_leads_of_a_draft,
        context=lambda session, args, _recipient: {"application": by_reference(session, args.reference)},
        is_mutable=True,
        recipients="The lead contacts of a draft",
        moment="7 days and 1 day before the call closes, drafts only",
        limit="Once for each draft, day and closing date",
    )
)
