"""Emails on networks: one is founded, one starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.accounts.models import User
from urbact_calls.applications.emails import to_everybody
from urbact_calls.messages.emails import register
from urbact_calls.messages.models import Email, Recipient
from urbact_calls.networks.models import FoundedMessage, Member, Network, NetworkMessage
from urbact_calls.organisations.models import Membership


def _people_of_members(session: Session, args: NetworkMessage) -> Sequence[Recipient]:
    """Everybody who works for a member of the network, once."""
    people = session.scalars(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .join(Member, Member.organisation_id == Membership.organisation_id)
        .join(Network, Network.id == Member.network_id)
        .where(
            Network.slug == args.network,
            Membership.accepted_at.is_not(None),
            User.confirmed_at.is_not(None),
            User.disabled_at.is_(None),
        )
        .order_by(User.id)
    )
    return [user.recipient for user in dict.fromkeys(people)]


def _network(session: Session, args: NetworkMessage, recipient: Recipient) -> dict[str, Any]:
    return {"network": session.scalars(select(Network).where(Network.slug == args.network)).one()}


register(
    Email(
        key="network.active",
        name="Network started",
        args=NetworkMessage,
        to=_people_of_members,
        context=_network,
        recipients="Everybody who works for a member of the network",
        moment="When the network starts",
        limit="Once for each network",
    )
)


register(
    Email(
        key="network.founded",
        name="Network founded",
        args=FoundedMessage,
        to=to_everybody,
        context=lambda session, args, recipient: _network(session, args, recipient) | {"reference": args.reference},
        recipients="Everybody who works on the approved application",
        moment="When the network is founded",
        limit="Once for each network",
    )
)
