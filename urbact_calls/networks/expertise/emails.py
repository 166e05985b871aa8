"""Emails on expertise: experts are appointed or declined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.messages.emails import register
from urbact_calls.messages.models import Email, Recipient
from urbact_calls.networks.expertise import reads
from urbact_calls.networks.models import CandidateMessage


def _expert(session: Session, args: CandidateMessage) -> Sequence[Recipient]:
    return [reads.candidate(session, args.expert_application).profile.user.recipient]


def _candidate(session: Session, args: CandidateMessage, recipient: Recipient) -> dict[str, Any]:
    found = reads.candidate(session, args.expert_application)
    return {"candidate": found, "search": found.search, "network": found.search.network}


register(
    Email(
        key="expert.appointed",
        name="Expert appointed",
        args=CandidateMessage,
        to=_expert,
        context=_candidate,
        recipients="The expert who is appointed",
        moment="When the lead partner appoints an expert",
        limit="Once for each application to join",
    )
)
register(
    Email(
        key="expert.declined",
        name="Expert not chosen",
        args=CandidateMessage,
        to=_expert,
        context=_candidate,
        recipients="The expert who is not chosen",
        moment="When the lead partner chooses somebody else, or declines",
        limit="Once for each application to join",
    )
)
