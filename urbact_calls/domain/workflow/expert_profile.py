"""The life of a profile in the pool of experts: draft, submitted, validated as lead or ad hoc expert, or refused.

Validation as ad hoc expert needs at least one kind of expertise, as lead expert all three
(urbact.eu/time-join-urbact-pool-experts).
"""

from __future__ import annotations

from dataclasses import dataclass

from urbact_calls.domain.permissions import office, own_expert
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import Expertise, ExpertTrack
from urbact_calls.domain.vocabulary import ExpertProfileState as S
from urbact_calls.domain.workflow.machine import Act, Guard, Machine, Transition, guard

ROLES_OF: dict[S, frozenset[ExpertTrack]] = {
    S.VALIDATED_LEAD: frozenset({ExpertTrack.LEAD, ExpertTrack.AD_HOC}),
    S.VALIDATED_AD_HOC: frozenset({ExpertTrack.AD_HOC}),
}
"""What a validated expert may apply for; a lead expert may do ad hoc work too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertProfileFacts:
    """What the guards of a profile may read: what is not filled in, and what the office ticks as `validated`."""

    track: ExpertTrack | None
    missing: tuple[str, ...] = ()
    validated: frozenset[Expertise] = frozenset()


INCOMPLETE = message("expert.incomplete", "Still missing: {missing:comma}.")
profile_is_complete: Guard[ExpertProfileFacts] = guard(INCOMPLETE, lambda facts: not facts.missing)

AD_HOC_ONLY = message("expert.ad_hoc_only", "This person asked for ad hoc work only.")
lead_was_asked_for: Guard[ExpertProfileFacts] = guard(AD_HOC_ONLY, lambda facts: facts.track is ExpertTrack.LEAD)

KINDS_LEAD = message("expert.kinds_lead", "A lead expert needs all three kinds of expertise.")
all_kinds_are_validated: Guard[ExpertProfileFacts] = guard(
    KINDS_LEAD, lambda facts: facts.validated == set(Expertise), field="kinds"
)

KINDS_AD_HOC = message("expert.kinds_ad_hoc", "An ad hoc expert needs at least one kind of expertise.")
a_kind_is_validated: Guard[ExpertProfileFacts] = guard(KINDS_AD_HOC, lambda facts: facts.validated, field="kinds")


EXPERT_PROFILE: Machine[S, ExpertProfileFacts] = Machine(
    name="expert_profile",
    start=S.DRAFT,
    ends=frozenset({S.VALIDATED_LEAD, S.VALIDATED_AD_HOC, S.REFUSED}),
    begins=Act(name="open_profile", label="Profile begun"),
    transitions=(
        Transition(
            name="submit",
            label="Submit to the Joint Secretariat",
            happened="Submitted to the Joint Secretariat",
            emphasis="primary",
            sources=frozenset({S.DRAFT, S.REFUSED}),
            target=S.SUBMITTED,
            permission=own_expert,
            guards=(profile_is_complete,),
            stamps="submitted_at",
        ),
        Transition(
            name="take_back",
            label="Take it back to change it",
            happened="Taken back",
            sources=frozenset({S.SUBMITTED}),
            target=S.DRAFT,
            permission=own_expert,
        ),
        Transition(
            name="validate_lead",
            label="Validate as lead expert",
            happened="Validated as lead expert",
            opens="validation",
            done="Done. The expert is told by e-mail.",
            emphasis="primary",
            sources=frozenset({S.SUBMITTED}),
            target=S.VALIDATED_LEAD,
            permission=office & ~own_expert,
            guards=(lead_was_asked_for, all_kinds_are_validated),
            announces=("mail:expert.validated",),
            stamps="decided_at",
        ),
        Transition(
            name="validate_ad_hoc",
            label="Validate as ad hoc expert",
            happened="Validated as ad hoc expert",
            opens="validation",
            done="Done. The expert is told by e-mail.",
            sources=frozenset({S.SUBMITTED}),
            target=S.VALIDATED_AD_HOC,
            permission=office & ~own_expert,
            guards=(a_kind_is_validated,),
            announces=("mail:expert.validated",),
            stamps="decided_at",
        ),
        Transition(
            name="refuse",
            label="Do not validate",
            happened="Not validated",
            ends="validation",
            done="Done. The expert is told by e-mail.",
            note="The expert reads it in an e-mail.",
            emphasis="warning",
            sources=frozenset({S.SUBMITTED, S.VALIDATED_LEAD, S.VALIDATED_AD_HOC}),
            target=S.REFUSED,
            permission=office & ~own_expert,
            announces=("mail:expert.refused",),
            stamps="decided_at",
            reason_required=True,
        ),
    ),
)
