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
    return [by_id(session, args.profile).user.recipient]


def _profile(session: Session, args: ProfileMessage, recipient: Recipient) -> dict[str, Any]:
    return {"profile": by_id(session, args.profile)}


for key, name, moment in (
    ("expert.validated", "Expert profile validated", "When the Joint Secretariat validates the profile"),
    ("expert.refused", "Expert profile not validated", "When the Joint Secretariat refuses the profile"),
):
    register(
        Email(
            key=key,
            name=name,
            args=ProfileMessage,
            to=_expert,
            context=_profile,
            recipients="The expert",
            moment=moment,
            limit="Once for each decision",
        )
    )
