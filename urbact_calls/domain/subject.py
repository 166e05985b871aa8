"""Subject of an event, a change, a job or a message: a kind and an id."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SubjectKind(StrEnum):
    """The kinds of things that something can be about; `urbact_calls.subjects` says of each who may see it.

    Parts of a thing that other people read than the thing itself are kinds of their own: the check and the handling
    of an application carry the id of the application, the panel of a call that of the call.
    """

    ACCOUNT = "account"
    ORGANISATION = "organisation"
    CALL = "call"
    PANEL = "panel"
    APPLICATION = "application"
    HANDLING = "handling"
    ELIGIBILITY_CHECK = "eligibility_check"
    ALLOCATION = "allocation"
    INDIVIDUAL_SHEET = "individual_sheet"
    CONSENSUS_SHEET = "consensus_sheet"
    DECISION = "decision"
    ANNOUNCEMENT = "announcement"
    NETWORK = "network"
    EXPERT_PROFILE = "expert_profile"
    EXPERT_APPLICATION = "expert_application"
    DELIVERY = "delivery"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that something is about."""

    kind: SubjectKind
    id: int
