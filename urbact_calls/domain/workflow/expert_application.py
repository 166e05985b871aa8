"""The life of an expert's application to join a network: submitted, then appointed, declined or withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from urbact_calls.domain.money import Euro
from urbact_calls.domain.permissions import Actor, lead_applicant, own_expert, system
from urbact_calls.domain.refusal import Refusal
from urbact_calls.domain.text import QUOTED, Text, message
from urbact_calls.domain.vocabulary import ExpertApplicationState as S
from urbact_calls.domain.vocabulary import ExpertTrack
from urbact_calls.domain.workflow.machine import Act, Guard, Machine, Transition, guard


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFacts:
    """What an expert must be to join a network, when applying and still when appointed.

    `validated_for` are the roles the pool validated, `works_for_a_member` says that one of the network's own members
    employs the expert: officials of partner cities are excluded (`domain.md` 10).
    """

    wanted: ExpertTrack
    validated_for: frozenset[ExpertTrack]
    search_is_open: bool
    is_on_panel: bool
    works_for_a_member: bool
    has_applied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertApplicationFacts:
    """What the guards of an expert application may read. Money in cents.

    `unconfirmed` names the terms of the call without which nobody can be appointed; `envelope_cents` is None if the
    call confirms that the envelope is not limited, `days_max` if the days are not. `days` is None while nobody has said
    how many.
    """

    candidate: CandidateFacts
    network_is_over: bool = False
    unconfirmed: tuple[Text, ...] = ()
    envelope_cents: int | None = None
    committed_cents: int = 0
    daily_fee_cents: int = 0
    days_max: int | None = None
    committed_days: int = 0
    days: int | None = None
    has_lead_expert: bool = False


SEARCH_CLOSED = message("experts.search_closed", "This search is closed.")
APPLIED = message("experts.applied", "You have applied already.")


def why_not_apply(facts: CandidateFacts) -> Iterator[Refusal]:
    """Everything that stops an expert from applying."""
    if not facts.search_is_open:
        yield Refusal(SEARCH_CLOSED())
    if facts.has_applied:
        yield Refusal(APPLIED())
    yield from _why_not_join(facts)


NOT_VALIDATED = message("experts.not_validated", "The Joint Secretariat has not validated this profile as {wanted}.")
ON_PANEL = message("experts.on_panel", "Members of the panel of this call cannot join its networks.")
OWN_NETWORK = message("experts.own_network", "People who work for a member cannot be experts of the network.")


def _why_not_join(facts: CandidateFacts) -> Iterator[Refusal]:
    if facts.wanted not in facts.validated_for:
        wanted = facts.wanted.label.lower()
        yield Refusal(NOT_VALIDATED(wanted=wanted))
    if facts.is_on_panel:
        yield Refusal(ON_PANEL())
    if facts.works_for_a_member:
        yield Refusal(OWN_NETWORK())


def may_join(facts: ExpertApplicationFacts, actor: Actor, now: datetime) -> Refusal | None:
    return next(_why_not_join(facts.candidate), None)


LEAD_TAKEN = message("experts.lead_taken", "The network has its lead expert.")
has_no_lead_expert: Guard[ExpertApplicationFacts] = guard(
    LEAD_TAKEN, lambda facts: facts.candidate.wanted is not ExpertTrack.LEAD or not facts.has_lead_expert
)

NETWORK_OVER = message("experts.network_over", "The network is completed.")
is_going_on: Guard[ExpertApplicationFacts] = guard(NETWORK_OVER, lambda facts: not facts.network_is_over)

ENVELOPE_UNKNOWN = message(
    "experts.envelope_unknown",
    "Nobody can be appointed yet: the Joint Secretariat has not confirmed {terms} in the terms of the call.",
)


ENVELOPE_EXCEEDED = message(
    "experts.envelope_exceeded",
    "The appointment exceeds the expertise envelope by {excess:cents}: {left:cents} is left.",
)


def fits_envelope(facts: ExpertApplicationFacts, actor: Actor, now: datetime) -> Refusal | None:
    if facts.unconfirmed:
        return Refusal(ENVELOPE_UNKNOWN(terms=tuple(QUOTED(words=name) for name in facts.unconfirmed)))
    if facts.envelope_cents is None:
        return None
    # Before the days are known, one day must fit at least.
    asked = facts.daily_fee_cents * (facts.days or 1)
    left = facts.envelope_cents - facts.committed_cents
    if asked <= left:
        return None
    return Refusal(ENVELOPE_EXCEEDED(excess=Euro(asked - left), left=Euro(max(left, 0))), field="days")


DAYS_EXCEEDED = message(
    "experts.days_exceeded",
    "The appointment exceeds the days of experts that the call pays by {excess}. Left: {left} of {most}.",
)


def fits_days(facts: ExpertApplicationFacts, actor: Actor, now: datetime) -> Refusal | None:
    if facts.days_max is None:
        return None
    # Before the days are known, one must be left at least.
    asked, left = facts.days or 1, facts.days_max - facts.committed_days
    if asked <= left:
        return None
    return Refusal(DAYS_EXCEEDED(excess=asked - left, left=max(left, 0), most=facts.days_max), field="days")


EXPERT_APPLICATION: Machine[S, ExpertApplicationFacts] = Machine(
    name="expert_application",
    start=S.SUBMITTED,
    ends=frozenset({S.APPOINTED, S.DECLINED, S.WITHDRAWN}),
    begins=Act(name="apply_to_join", label="Applied to join"),
    transitions=(
        Transition(
            name="appoint",
            label="Appoint the expert",
            happened="Appointed",
            opens="appointment",
            done="Appointed. All candidates are told.",
            emphasis="primary",
            sources=frozenset({S.SUBMITTED}),
            target=S.APPOINTED,
            permission=lead_applicant,
            guards=(is_going_on, has_no_lead_expert, may_join, fits_envelope, fits_days),
            announces=("mail:expert.appointed",),
            stamps="decided_at",
        ),
        Transition(
            name="decline",
            label="Decline",
            happened="Declined",
            ends="candidacy",
            done="Declined. The expert is told.",
            note="The expert reads it in an e-mail.",
            sources=frozenset({S.SUBMITTED}),
            target=S.DECLINED,
            permission=lead_applicant | system,
            announces=("mail:expert.declined",),
            stamps="decided_at",
            reason_required=True,
        ),
        Transition(
            name="withdraw",
            label="Withdraw the application",
            happened="Withdrawn",
            ends="candidacy",
            done="Withdrawn.",
            emphasis="warning",
            sources=frozenset({S.SUBMITTED}),
            target=S.WITHDRAWN,
            permission=own_expert,
            stamps="decided_at",
        ),
    ),
)

DECLINE = EXPERT_APPLICATION.by_name["decline"]
