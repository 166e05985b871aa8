"""What the lead contacts hear about their own application: receipt, reopened, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.applications.queries import by_reference, lead_contacts, submission
from urbact_calls.audit.models import WorkflowEvent
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.notifications.messages import Email, Recipient, register


def to_lead_contacts(session: Session, args: dict[str, Any]) -> Sequence[Recipient]:
    """Everybody who hears about the application of a job."""
    application = by_reference(session, args["reference"])
    return [Recipient(user.email, user.name, user.id) for user in lead_contacts(session, application.id)]


def event_context(session: Session, args: dict[str, Any], recipient: Recipient) -> dict[str, Any]:
    """The application and the event that the message is about."""
    return {
        "application": by_reference(session, args["reference"]),
        "event": session.get_one(WorkflowEvent, args["event"]),
    }


def _receipt(session: Session, args: dict[str, Any], recipient: Recipient) -> dict[str, Any]:
    context = event_context(session, args, recipient)
    # The submission of this event: the application may have been reopened and submitted again since.
    return context | {"submission": submission(session, context["application"], args["submission"])}


def _to_leads_of_a_draft(session: Session, args: dict[str, Any]) -> Sequence[Recipient]:
    """Nobody, if the application was submitted or withdrawn while the reminder waited."""
    is_draft = by_reference(session, args["reference"]).current_state is ApplicationState.DRAFT
    return to_lead_contacts(session, args) if is_draft else []


def _draft(session: Session, args: dict[str, Any], recipient: Recipient) -> dict[str, Any]:
    return {"application": by_reference(session, args["reference"])}


register(Email(key="call.closing_soon", to=_to_leads_of_a_draft, context=_draft))
register(Email(key="application.submitted", to=to_lead_contacts, context=_receipt))
register(Email(key="application.reopened", to=to_lead_contacts, context=event_context))
register(Email(key="application.withdrawn", to=to_lead_contacts, context=event_context))
