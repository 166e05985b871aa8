"""The life of an expert's application to join a network: submitted, then appointed, declined or withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from urbact_calls.domain.permissions import Actor, lead_applicant, own_expert
from urbact_calls.domain.refusal import Refusal
from urbact_calls.domain.vocabulary import ExpertApplicationState as S
from urbact_calls.domain.vocabulary import ExpertTrack
from urbact_calls.domain.workflow.machine import Act, Machine, Transition


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
    call confirms that the envelope is not limited. `days` is None while nobody has said how many.
    """

    candidate: CandidateFacts
    network_is_over: bool = False
    unconfirmed: tuple[str, ...] = ()
    envelope_cents: int | None = None
    committed_cents: int = 0
    daily_fee_cents: int = 0
    days: int | None = None
    has_lead_expert: bool = False


def why_not_apply(facts: CandidateFacts) -> Iterator[Refusal]:
    """Everything that stops an expert from applying."""
    if not facts.search_is_open:
        yield Refusal("experts.search_closed", "This search is closed.")
    if facts.has_applied:
        yield Refusal("experts.applied", "You have applied already.")
    yield from _why_not_join(facts)


def _why_not_join(facts: CandidateFacts) -> Iterator[Refusal]:
    if facts.wanted not in facts.validated_for:
        wanted = facts.wanted.label.lower()
        yield Refusal("experts.not_validated", f"The Joint Secretariat has not validated this profile as {wanted}.")
    if facts.is_on_panel:
        yield Refusal("experts.on_panel", "Members of the panel of this call cannot join its networks.")
    if facts.works_for_a_member:
        yield Refusal("experts.own_network", "People who work for a member cannot be experts of the network.")


def may_join(facts: ExpertApplicationFacts, actor: Actor, now: datetime) -> Refusal | None:
    return next(_why_not_join(facts.candidate), None)


def has_no_lead_expert(facts: ExpertApplicationFacts, actor: Actor, now: datetime) -> Refusal | None:
    if facts.candidate.wanted is not ExpertTrack.LEAD or not facts.has_lead_expert:
        return None
    return Refusal("experts.lead_taken", "The network has its lead expert.")


def is_going_on(facts: ExpertApplicationFacts, actor: Actor, now: datetime) -> Refusal | None:
    if not facts.network_is_over:
        return None
    return Refusal("experts.network_over", "The network is completed.")


def fits_envelope(facts: ExpertApplicationFacts, actor: Actor, now: datetime) -> Refusal | None:
    if facts.unconfirmed:
        named = " and ".join(f"“{name}”" for name in facts.unconfirmed)
        return Refusal(
            "experts.envelope_unknown",
            f"Nobody can be appointed yet: the call has not confirmed the term {named}. Ask the Joint Secretariat.",
        )
    if facts.envelope_cents is None:
        return None
    # Before the days are known, one day must fit at least.
    asked = facts.daily_fee_cents * (facts.days or 1)
    left = facts.envelope_cents - facts.committed_cents
    if asked <= left:
        return None
    return Refusal(
        "experts.envelope_exceeded",
        f"The appointment exceeds the expertise envelope by €{(asked - left) / 100:,.2f}: €{max(left, 0) / 100:,.2f} "
        "is left.",
        field="days",
    )


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
            guards=(is_going_on, has_no_lead_expert, may_join, fits_envelope),
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
            permission=lead_applicant,
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
