"""Emails on expert profiles: validated, refused, suspended and back again, about to expire, expired."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.domain.workflow.expert_profile import ROLES_OF
from urbact_calls.experts.models import ExpiryMessage, ProfileMessage
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
    ("expert.suspended", "Expert suspended", "When the Joint Secretariat suspends the validation"),
    (
        "expert.reinstated",
        "Suspension of an expert ended",
        "When the suspension ends, by its last day or by an officer",
    ),
    ("expert.expired", "Validation of an expert expired", "On the day after the last day of the validation"),
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
            limit="Once for each time",
        )
    )


def _expiring(session: Session, args: ExpiryMessage) -> Sequence[Recipient]:
    """Nobody, if the day was moved meanwhile, or the validation ended."""
    profile = by_id(session, args.profile)
    lasts = profile.state in ROLES_OF and profile.valid_until == args.until
    return [profile.user.recipient] if lasts else []


register(
    Email(
        key="expert.expiring",
        name="Validation of an expert about to expire",
        args=ExpiryMessage,
        to=_expiring,
        context=_profile,
        recipients="The expert",
        moment="60 days before the last day of the validation, at 8:00, where the Joint Secretariat gave one",
        limit="Once for each last day",
    )
)
