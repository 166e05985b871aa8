"""E-mails about requests to join an organisation: somebody asks, somebody was accepted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.accounts import reads as accounts
from urbact_calls.domain.vocabulary import Role
from urbact_calls.messages.emails import register
from urbact_calls.messages.models import Email, Recipient
from urbact_calls.organisations.models import Membership, MembershipMessage
from urbact_calls.organisations.reads import managers


def _who_accepts(session: Session, args: MembershipMessage) -> Sequence[Recipient]:
    """The managers of the organisation; the Joint Secretariat where there is none. Nobody for a request withdrawn."""
    asked = session.get(Membership, args.membership)
    if asked is None or asked.accepted_at is not None:
        return []
    who = managers(session, asked.organisation_id)
    return [user.recipient for user in who or accounts.with_role(session, Role.PROGRAMME_OFFICER)]


def _who_asked(session: Session, args: MembershipMessage) -> Sequence[Recipient]:
    asked = session.get(Membership, args.membership)
    return [] if asked is None else [asked.user.recipient]


def _names(session: Session, args: MembershipMessage, _: Recipient) -> dict[str, Any]:
    asked = session.get_one(Membership, args.membership)
    return {"person": asked.user, "organisation": asked.organisation}


register(
    Email(
        key="membership.requested",
        name="Request to join an organisation",
        args=MembershipMessage,
        to=_who_accepts,
        context=_names,
        recipients="The managers of the organisation; the Joint Secretariat where it has none",
        moment="When somebody asks to work for an organisation",
        limit="Once for each request",
    )
)
register(
    Email(
        key="membership.accepted",
        name="Request to join accepted",
        args=MembershipMessage,
        to=_who_asked,
        context=_names,
        recipients="Whoever asked to join",
        moment="When the request is accepted",
        limit="Once for each request",
    )
)
