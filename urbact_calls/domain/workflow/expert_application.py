"""The life of an expert's application to join a network: submitted, then appointed or declined."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from urbact_calls.domain.permissions import Actor, lead_applicant
from urbact_calls.domain.refusal import Refusal
from urbact_calls.domain.vocabulary import ExpertApplicationState as S
from urbact_calls.domain.workflow.machine import Machine, Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertApplicationFacts:
    """What the guards of an expert application may read. Money in cents; an unknown envelope is None."""

    envelope_cents: int | None
    committed_cents: int
    asked_cents: int


def fits_envelope(facts: ExpertApplicationFacts, actor: Actor, now: datetime) -> Refusal | None:
    if facts.envelope_cents is None:
        return Refusal("experts.envelope_unknown", "The call does not say how large the expertise envelope is.")
    left = facts.envelope_cents - facts.committed_cents
    if facts.asked_cents <= left:
        return None
    over = (facts.asked_cents - left) / 100
    return Refusal("experts.envelope_exceeded", f"The appointment exceeds the expertise envelope by €{over:,.2f}.")


EXPERT_APPLICATION: Machine[S, ExpertApplicationFacts] = Machine(
    name="expert_application",
    start=S.SUBMITTED,
    ends=frozenset({S.APPOINTED, S.DECLINED}),
    transitions=(
        Transition(
            name="appoint",
            label="Appoint the expert",
            emphasis="primary",
            sources=frozenset({S.SUBMITTED}),
            target=S.APPOINTED,
            permission=lead_applicant,
            guards=(fits_envelope,),
            stamps="decided_at",
        ),
        Transition(
            name="decline",
            label="Decline",
            sources=frozenset({S.SUBMITTED}),
            target=S.DECLINED,
            permission=lead_applicant,
            stamps="decided_at",
            reason_required=True,
        ),
    ),
)
