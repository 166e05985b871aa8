"""What the lead contacts hear about their own application: receipt, reopened, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from urbact_calls.accounts.models import User
from urbact_calls.applications.invitations import LASTS, token_of
from urbact_calls.applications.models import (
    ClosingMessage,
    InvitationMessage,
    PartnerInvitation,
    PartnerMessage,
    StepTaken,
)
from urbact_calls.applications.queries import by_reference, lead_contacts, submission
from urbact_calls.audit.models import WorkflowEvent
from urbact_calls.domain.vocabulary import ApplicationState, PartnerRole
from urbact_calls.jobs import OfApplication
from urbact_calls.notifications.messages import Email, Recipient, register
from urbact_calls.organisations.queries import managers


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


def _receipt(session: Session, args: StepTaken, recipient: Recipient) -> dict[str, Any]:
    context = event_context(session, args, recipient)
    # The submission of this event: the application may have been reopened and submitted again since.
    return context | {"submission": submission(session, context["application"], args.submission)}


def _to_leads_of_a_draft(session: Session, args: ClosingMessage) -> Sequence[Recipient]:
    """Nobody, if the application was submitted or withdrawn, or the call moved its date, while the reminder waited."""
    application = by_reference(session, args.reference)
    is_draft = application.state is ApplicationState.DRAFT
    is_moved = application.call.closes_at != args.closes_at
    return to_lead_contacts(session, args) if is_draft and not is_moved else []


def _to_managers(session: Session, args: PartnerMessage) -> Sequence[Recipient]:
    """Nobody, if the organisation was taken out, or the draft submitted, while the message waited."""
    application = by_reference(session, args.reference)
    is_partner = any(each.organisation_id == args.organisation for each in application.partners)
    if not is_partner or application.state is not ApplicationState.DRAFT:
        return []
    people = managers(session, args.organisation)
    return [Recipient(user.email, user.name, user.id) for user in people]


def _added(session: Session, args: PartnerMessage, recipient: Recipient) -> dict[str, Any]:
    return _partner(session, args.reference, args.organisation)


def _partner(session: Session, reference: str, organisation_id: int) -> dict[str, Any]:
    application = by_reference(session, reference)
    names = {each.organisation_id: each for each in application.partners}
    return {
        "application": application,
        "partner": names[organisation_id],
        "lead_partner": next(each.organisation for each in application.partners if each.role == PartnerRole.LEAD),
    }


def _to_invited(session: Session, args: InvitationMessage) -> Sequence[Recipient]:
    """Nobody, if the invitation was taken back, used or sent again while the message waited."""
    found = session.get(PartnerInvitation, args.invitation)
    is_current = found is not None and found.sends == args.sends
    if found is None or not is_current or found.accepted_at is not None or found.revoked_at is not None:
        return []
    return [Recipient(found.address)]


def _invited(session: Session, args: InvitationMessage, recipient: Recipient) -> dict[str, Any]:
    found = session.get_one(PartnerInvitation, args.invitation)
    inviter = session.get(User, found.invited_by) if found.invited_by else None
    return _partner(session, args.reference, found.partner.organisation_id) | {
        "inviter": inviter.name if inviter else "",
        "token": token_of(current_app.config["SECRET_KEY"], found),
        "until": found.sent_at + LASTS,
    }


def _draft(session: Session, args: ClosingMessage, recipient: Recipient) -> dict[str, Any]:
    return {"application": by_reference(session, args.reference)}


register(
    Email(
        key="call.closing_soon",
        args=ClosingMessage,
        to=_to_leads_of_a_draft,
        context=_draft,
        is_mutable=True,
        recipients="The lead contacts of a draft",
        moment="7 days and 1 day before the call closes, drafts only",
        limit="Once for each draft, day and closing date",
    )
)
register(
    Email(
        key="application.submitted",
        args=StepTaken,
        to=to_lead_contacts,
        context=_receipt,
        recipients="The lead contacts",
        moment="When the application is submitted",
        limit="Once for each submission",
    )
)
register(
    Email(
        key="application.reopened",
        args=StepTaken,
        to=to_lead_contacts,
        context=event_context,
        recipients="The lead contacts",
        moment="When a submitted application becomes a draft again",
        limit="Once for each reopening",
    )
)
register(
    Email(
        key="application.withdrawn",
        args=StepTaken,
        to=to_lead_contacts,
        context=event_context,
        recipients="The lead contacts",
        moment="When the application is withdrawn",
        limit="Once",
    )
)
register(
    Email(
        key="partner.invited",
        args=PartnerMessage,
        to=_to_managers,
        context=_added,
        recipients="The managers of the organisation",
        moment="When the lead partner adds an organisation to its draft",
        limit="Once a day for each organisation and application",
    )
)
register(
    Email(
        key="person.invited",
        args=InvitationMessage,
        to=_to_invited,
        context=_invited,
        # Whoever has the link gets a place in the application.
        is_secret=True,
        recipients="The address that the lead partner typed, for a partner that has nobody yet",
        moment="When the lead partner invites somebody, or sends the invitation again",
        limit="5 times for each address and partner, 10 minutes apart",
    )
)
