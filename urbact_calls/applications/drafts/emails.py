"""E-mails about drafts: the call closes soon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.applications.emails import to_lead_contacts
from urbact_calls.applications.models import ClosingMessage
from urbact_calls.applications.reads.applications import by_reference
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.messages.emails import register
from urbact_calls.messages.models import Email, Recipient


def _draft(session: Session, args: ClosingMessage, recipient: Recipient) -> dict[str, Any]:
    return {"application": by_reference(session, args.reference)}


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
        context=_draft,
        is_mutable=True,
        recipients="The lead contacts of a draft",
        moment="7 days and 1 day before the call closes, drafts only",
        limit="Once for each draft, day and closing date",
    )
)
