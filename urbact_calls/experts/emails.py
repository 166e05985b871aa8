"""Emails on expert profiles: validated, refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.experts.models import ProfileMessage
from urbact_calls.experts.reads import by_id
from urbact_calls.messages.emails import register
from urbact_calls.messages.models import Email, Recipient


def _expert(session: Session, args: ProfileMessage) -> Sequence[Recipient]:
    user = by_id(session, args.profile).user
    return [Recipient(user.email, user.name, user.id)]


def _profile(session: Session, args: ProfileMessage, recipient: Recipient) -> dict[str, Any]:
    return {"profile": by_id(session, args.profile)}


register(
    Email(
        key="expert.validated",
        name="Expert profile validated",
        args=ProfileMessage,
        to=_expert,
        context=_profile,
        recipients="The expert",
        moment="When the Joint Secretariat validates the profile",
        limit="Once for each decision",
    )
)
register(
    Email(
        key="expert.refused",
        name="Expert profile not validated",
        args=ProfileMessage,
        to=_expert,
        context=_profile,
        recipients="The expert",
        moment="When the Joint Secretariat refuses the profile",
        limit="Once for each decision",
    )
)
