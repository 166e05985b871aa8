"""Emails on expertise: an expert is chosen, appointed or not, declined, or leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.applications.reads.applications import lead_contacts
from urbact_calls.messages.emails import register
from urbact_calls.messages.models import Email, Recipient
from urbact_calls.networks.expertise import reads
from urbact_calls.networks.models import CandidateMessage


def _expert(session: Session, args: CandidateMessage) -> Sequence[Recipient]:
    return [reads.candidate(session, args.expert_application).profile.user.recipient]


def _candidate(session: Session, args: CandidateMessage, recipient: Recipient) -> dict[str, Any]:
    found = reads.candidate(session, args.expert_application)
    return {"candidate": found, "search": found.search, "network": found.search.network}


def _expert_and_lead_contacts(session: Session, args: CandidateMessage) -> Sequence[Recipient]:
    """The expert, then the lead contacts of the application that became the network."""
    application_id = reads.candidate(session, args.expert_application).search.network.application_id
    contacts = () if application_id is None else lead_contacts(session, application_id)
    return [*_expert(session, args), *(user.recipient for user in contacts)]


for key, name, to, recipients, moment in (
    (
        "expert.chosen",
        "Expert chosen",
        _expert,
        "The expert who is chosen",
        "When the lead partner chooses an expert; the Joint Secretariat has not validated it yet",
    ),
    (
        "expert.choice_refused",
        "Choice of an expert not validated",
        _expert_and_lead_contacts,
        "The expert and the lead contacts",
        "When the Joint Secretariat does not validate the choice",
    ),
    (
        "expert.appointed",
        "Expert appointed",
        _expert_and_lead_contacts,
        "The expert and the lead contacts",
        "When the Joint Secretariat validates the choice",
    ),
    (
        "expert.left",
        "Expert left the network",
        _expert_and_lead_contacts,
        "The expert and the lead contacts",
        "When an appointment ends before its time",
    ),
    (
        "expert.declined",
        "Expert not chosen",
        _expert,
        "The expert who is not chosen",
        "When somebody else is appointed, when the lead partner declines or closes the search",
    ),
):
    register(
        Email(
            key=key,
            name=name,
            args=CandidateMessage,
            to=to,
            context=_candidate,
            recipients=recipients,
            moment=moment,
            limit="Once for each time",
        )
    )
