"""What is told when a network is founded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.queries import by_reference, lead_contacts
from urbact_calls.networks.models import Network
from urbact_calls.notifications.messages import Email, Recipient, register


def _lead_people(session: Session, args: dict[str, Any]) -> Sequence[Recipient]:
    application = by_reference(session, args["reference"])
    return [Recipient(user.email, user.name, user.id) for user in lead_contacts(session, application.id)]


def _network(session: Session, args: dict[str, Any], recipient: Recipient) -> dict[str, Any]:
    network = session.scalars(select(Network).where(Network.slug == args["network"])).one()
    return {"network": network, "reference": args["reference"]}


register(Email(key="network.founded", to=_lead_people, context=_network))
