"""E-mails about invitations: an organisation was added as a partner, a person is invited to write for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from urbact_calls.accounts.models import User
from urbact_calls.applications.invitations.reads import LASTS, OVER, token_of
from urbact_calls.applications.models import InvitationMessage, PartnerInvitation, PartnerMessage
from urbact_calls.applications.reads.applications import by_reference
from urbact_calls.domain.vocabulary import ApplicationState, PartnerRole
from urbact_calls.messages.emails import register
from urbact_calls.messages.models import Email, Recipient
from urbact_calls.organisations.reads import managers, unconfirmed


def _to_managers(session: Session, args: PartnerMessage) -> Sequence[Recipient]:
    """Nobody, if the organisation was taken out, or the draft submitted, while the message waited."""
    application = by_reference(session, args.reference)
    is_partner = any(each.organisation_id == args.organisation for each in application.partners)
    if not is_partner or application.state is not ApplicationState.DRAFT:
        return []
    people = managers(session, args.organisation)
    return [user.recipient for user in people]


register(
    Email(
        key="partner.invited",
        name="Organisation added as a partner",
        args=PartnerMessage,
        to=_to_managers,
        context=lambda session, args, _recipient: _partner(session, args.reference, args.organisation),
        recipients="The managers of the organisation",
        moment="When the lead partner adds an organisation to its draft",
        limit="Once a day for each organisation and application",
    )
)


def _invited(session: Session, args: InvitationMessage, recipient: Recipient) -> dict[str, Any]:
    found = session.get_one(PartnerInvitation, args.invitation)
    inviter = session.get(User, found.invited_by) if found.invited_by else None
    return _partner(session, args.reference, found.partner.organisation_id) | {
        "inviter": inviter.name if inviter else "",
        "token": token_of(current_app.config["SECRET_KEY"], found),
        "until": found.sent_at + LASTS,
    }


def _to_invited(session: Session, args: InvitationMessage) -> Sequence[Recipient]:
    """Nobody, if the invitation was taken back, used or sent again, or the application ended, while the message
    waited."""
    found = session.get(PartnerInvitation, args.invitation)
    is_current = found is not None and found.sends == args.sends
    if found is None or not is_current or found.accepted_at is not None or found.revoked_at is not None:
        return []
    return [] if found.partner.application.state in OVER else [Recipient(found.address)]


register(
    Email(
        key="person.invited",
        name="Invitation of a person to a partner",
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


def _partner(session: Session, reference: str, organisation_id: int) -> dict[str, Any]:
    application = by_reference(session, reference)
    lead = next(each.organisation for each in application.partners if each.role == PartnerRole.LEAD)
    names = {each.organisation_id: each for each in application.partners}
    return {
        "application": application,
        "partner": names[organisation_id],
        "lead_partner": lead,
        "is_unconfirmed": bool(unconfirmed(session, [lead.id])),
    }
