"""Status of an application.

What each state means for its people: how far it has come, whether it counts, what happens next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from urbact_calls.domain.text import Text, message, texts
from urbact_calls.domain.vocabulary import PublicState

_STAGES = {
    "draft": "Draft",
    "submitted": "Submitted",
    "eligibility": "Eligibility check",
    "assessment": "Assessment",
    "decision": "Decision",
    "network": "Network",
}
STAGES = tuple(texts("stage", _STAGES).values())
"""The way of an application as everybody tells it, from draft to network."""


class Milestone(Enum):
    """A date that the next news depends on: what is said if it is known, has passed, or is not known."""

    CLOSING = (
        "The call closes on {on}.",
        "The call closed on {on}.",
        "The closing date is not known.",
    )
    CLARIFICATION = (
        "The answer counts until {on}.",
        "The time to answer ended on {on}.",
        "The date for the answer is not known.",
    )
    DECISION = (
        "The decision is planned for {on}.",
        "The decision was planned for {on}; a new date is not known.",
        "The date of the decision is not known yet.",
    )
    CONDITIONS = (
        "The conditions must be met by {on}.",
        "The conditions had to be met by {on}.",
        "The date for the conditions is not known.",
    )
    START = (
        "Networks of this call start on {on}.",
        "Networks of this call started on {on}.",
        "The start of the networks is not known yet.",
    )

    def __init__(self, known: str, passed: str, unknown: str) -> None:
        self.known = message(f"milestone.{self.name.lower()}.known", known)
        self.passed = message(f"milestone.{self.name.lower()}.passed", passed)
        self.unknown = message(f"milestone.{self.name.lower()}.unknown", unknown)()


NOTHING = "Nothing for you to do."


class Counted(Enum):
    """Whether an application counts as submitted."""

    NOT_YET = "not yet"
    COUNTS = "counts"
    NOT_ANY_MORE = "not any more"


def _status(
    state: PublicState,
    *,
    stage: int,
    on: Milestone | None = None,
    counted: Counted = Counted.COUNTS,
    is_over: bool = False,
    **english: str,
) -> Status:
    said = texts(f"status.{state}", english)
    return Status(stage=stage, on=on, counted=counted, is_over=is_over, **said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One state in plain words.

    `stage` is its place in STAGES, `said` stands under that stage; `line` is the one line of what was handed in
    and still stands; `next` is what happens next, whoever reads it, `yours` what the applicant can do about it. `on`
    is the date of what happens next; none where nothing is to come.
    """

    stage: int
    said: Text | None = None
    line: Text | None = None
    next: Text
    yours: Text | None = None
    on: Milestone | None = None
    counted: Counted = Counted.COUNTS
    is_over: bool = False


STATUSES: Mapping[PublicState, Status] = {
    PublicState.DRAFT: _status(
        PublicState.DRAFT,
        stage=0,
        said="Being written",
        next="The lead partner submits it before the call closes.",
        on=Milestone.CLOSING,
        counted=Counted.NOT_YET,
    ),
    PublicState.LAPSED: _status(
        PublicState.LAPSED,
        stage=0,
        said="Not submitted before the call closed",
        next="Nothing more happens. Everything that was written stays readable.",
        on=Milestone.CLOSING,
        counted=Counted.NOT_ANY_MORE,
        is_over=True,
    ),
    PublicState.SUBMITTED: _status(
        PublicState.SUBMITTED,
        stage=1,
        said="Waiting for the call to close",
        line="Submitted. It counts.",
        next="Then the Joint Secretariat checks eligibility.",
        yours="You can reopen it until the call closes.",
        on=Milestone.CLOSING,
    ),
    PublicState.ELIGIBILITY_CHECK: _status(
        PublicState.ELIGIBILITY_CHECK,
        stage=2,
        said="With the Joint Secretariat",
        line="Submitted. The Joint Secretariat checks it.",
        next="The Joint Secretariat checks eligibility; then assessors read the application.",
        yours=NOTHING,
        on=Milestone.DECISION,
    ),
    PublicState.CLARIFICATION: _status(
        PublicState.CLARIFICATION,
        stage=2,
        said="Your answer is needed",
        line="Your answer is needed.",
        next="The lead partner answers the Joint Secretariat; then the check goes on.",
        yours="Send your answer to the Joint Secretariat.",
        on=Milestone.CLARIFICATION,
    ),
    PublicState.INELIGIBLE: _status(
        PublicState.INELIGIBLE,
        stage=2,
        said="Not eligible",
        line="Not eligible.",
        next="The check has ended.",
        yours="Read the findings. If a rule was applied wrongly, write to the Joint Secretariat.",
        is_over=True,
    ),
    PublicState.ASSESSMENT: _status(
        PublicState.ASSESSMENT,
        stage=3,
        said="With the assessors",
        line="Eligible. The assessors read it.",
        next="Assessors score the application and agree on one sheet; then the Monitoring Committee decides.",
        yours=NOTHING,
        on=Milestone.DECISION,
    ),
    PublicState.DECISION_PENDING: _status(
        PublicState.DECISION_PENDING,
        stage=4,
        said="Waiting for the Monitoring Committee",
        line="The decision is not announced yet.",
        next="The Monitoring Committee decides, and all decisions of the call are announced together.",
        yours=NOTHING,
        on=Milestone.DECISION,
    ),
    PublicState.POSTPONED: _status(
        PublicState.POSTPONED,
        stage=4,
        said="Decision postponed",
        line="The decision is postponed.",
        next="The Monitoring Committee decides later. The date is not known yet.",
        yours=NOTHING,
    ),
    PublicState.RESERVE: _status(
        PublicState.RESERVE,
        stage=4,
        said="On the reserve list",
        line="On the reserve list.",
        next="The Monitoring Committee decides again if a place becomes free. The date is not known.",
        yours="Nothing for you to do. You hear from us if a place becomes free.",
    ),
    PublicState.NOT_APPROVED: _status(
        PublicState.NOT_APPROVED,
        stage=4,
        said="Not approved",
        line="Not approved.",
        next="The decision letter gives the reasons. Nothing more happens.",
        is_over=True,
    ),
    PublicState.APPROVED: _status(
        PublicState.APPROVED,
        stage=4,
        said="Approved",
        line="Approved.",
        next="The network is being founded.",
        yours="Nothing for you to do. You hear from us.",
        on=Milestone.START,
    ),
    PublicState.APPROVED_WITH_CONDITIONS: _status(
        PublicState.APPROVED_WITH_CONDITIONS,
        stage=4,
        said="Approved with conditions",
        line="Approved with conditions.",
        next="The Joint Secretariat checks the conditions of the decision; then the network is founded.",
        yours="Meet the conditions of the decision letter.",
        on=Milestone.CONDITIONS,
    ),
    PublicState.IN_NETWORK: _status(
        PublicState.IN_NETWORK,
        stage=5,
        said="Founded",
        line="Approved. The network is founded.",
        next="The work goes on in the network.",
        on=Milestone.START,
    ),
    PublicState.WITHDRAWN: _status(
        PublicState.WITHDRAWN,
        stage=0,
        said="Withdrawn",
        next="Nothing more happens. Everything that was written stays readable.",
        counted=Counted.NOT_ANY_MORE,
        is_over=True,
    ),
}
"""What applicants are told in each state. A withdrawn application ends at the stage it had reached."""
