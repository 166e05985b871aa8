"""The life of a profile in the pool of experts: draft, submitted, validated as lead or ad hoc expert, or refused;
later suspended for a while, or expired.

Validation as ad hoc expert needs at least one kind of expertise, as lead expert all three
(urbact.eu/time-join-urbact-pool-experts). Each kind that is claimed is read by two first. No page says how long a
validation lasts: it ends on the day that an officer gives, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from urbact_calls.domain.permissions import Actor, auditor, office, own_expert, system
from urbact_calls.domain.refusal import Refusal
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import Expertise, ExpertTrack
from urbact_calls.domain.vocabulary import ExpertProfileState as S
from urbact_calls.domain.words import PARIS
from urbact_calls.domain.workflow.machine import Act, Guard, Machine, Transition, guard

ROLES_OF: dict[S, frozenset[ExpertTrack]] = {
    S.VALIDATED_LEAD: frozenset({ExpertTrack.LEAD, ExpertTrack.AD_HOC}),
    S.VALIDATED_AD_HOC: frozenset({ExpertTrack.AD_HOC}),
}
"""What a validated expert may apply for; a lead expert may do ad hoc work too. Nobody else stands in the directory."""
WRITABLE = frozenset({S.DRAFT, S.REFUSED, S.EXPIRED})
"""While the expert may change what the office is to validate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertProfileFacts:
    """What the guards of a profile may read: what is not filled in, which kinds of expertise two readers found proven
    (`validated`), which still lack a reader, the last day of the validation, and the day that the office gives now."""

    track: ExpertTrack | None
    missing: tuple[str, ...] = ()
    validated: frozenset[Expertise] = frozenset()
    unread: tuple[Expertise, ...] = ()
    valid_until: date | None = None
    until: date | None = None


INCOMPLETE = message("expert.incomplete", "Still missing: {missing:comma}.")
profile_is_complete: Guard[ExpertProfileFacts] = guard(INCOMPLETE, lambda facts: not facts.missing)

AD_HOC_ONLY = message("expert.ad_hoc_only", "This person asked for ad hoc work only.")
lead_was_asked_for: Guard[ExpertProfileFacts] = guard(AD_HOC_ONLY, lambda facts: facts.track is ExpertTrack.LEAD)

KINDS_LEAD = message("expert.kinds_lead", "A lead expert needs all three kinds of expertise.")
all_kinds_are_validated: Guard[ExpertProfileFacts] = guard(KINDS_LEAD, lambda facts: facts.validated == set(Expertise))

KINDS_AD_HOC = message("expert.kinds_ad_hoc", "An ad hoc expert needs at least one kind of expertise.")
a_kind_is_validated: Guard[ExpertProfileFacts] = guard(KINDS_AD_HOC, lambda facts: facts.validated)

UNREAD = message("expert.unread", "Not decided yet by two readers who agree: {unread}.")
DAY_HAS_PASSED = message("expert.day_has_passed", "This day has passed. Give a later one, or leave it empty.")
STILL_VALID = message("expert.still_valid", "The last day of the validation has not passed.")


def each_claim_is_read(facts: ExpertProfileFacts, actor: Actor, now: datetime) -> Refusal | None:
    if not facts.unread:
        return None
    return Refusal(UNREAD(unread=tuple(kind.text for kind in facts.unread)))


def its_day_is_to_come(facts: ExpertProfileFacts, actor: Actor, now: datetime) -> Refusal | None:
    return why_not_until(facts.until, now)


def why_not_until(until: date | None, now: datetime) -> Refusal | None:
    """A validation or a suspension that would have ended already."""
    has_passed = until is not None and until < now.astimezone(PARIS).date()
    return Refusal(DAY_HAS_PASSED(), field="until") if has_passed else None


def has_expired(valid_until: date | None, now: datetime) -> bool:
    """Whether the last day of a validation has passed in Paris."""
    return valid_until is not None and valid_until < now.astimezone(PARIS).date()


def validity_is_over(facts: ExpertProfileFacts, actor: Actor, now: datetime) -> Refusal | None:
    return None if has_expired(facts.valid_until, now) else Refusal(STILL_VALID())


READ = Act(name="read_expertise", label="A kind of expertise was read", internal=True)
VALIDITY_CHANGED = Act(name="change_validity", label="The last day of the validation was changed")
readers = (office | auditor) & ~own_expert
"""Who knows of single readings: never the person whose profile is read."""

EXPERT_PROFILE: Machine[S, ExpertProfileFacts] = Machine(
    name="expert_profile",
    start=S.DRAFT,
    ends=frozenset({S.VALIDATED_LEAD, S.VALIDATED_AD_HOC, S.EXPIRED, S.REFUSED}),
    begins=Act(name="open_profile", label="Profile begun"),
    notes=(READ, VALIDITY_CHANGED),
    transitions=(
        Transition(
            name="submit",
            label="Submit to the Joint Secretariat",
            happened="Submitted to the Joint Secretariat",
            emphasis="primary",
            opens="reading",
            sources=WRITABLE,
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
            guards=(each_claim_is_read, lead_was_asked_for, all_kinds_are_validated, its_day_is_to_come),
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
            guards=(each_claim_is_read, a_kind_is_validated, its_day_is_to_come),
            announces=("mail:expert.validated",),
            stamps="decided_at",
        ),
        Transition(
            name="refuse",
            label="Do not validate",
            happened="Not validated",
            ends="pool",
            done="Done. The expert is told by e-mail.",
            note="The expert reads it in an e-mail.",
            emphasis="warning",
            sources=frozenset({S.SUBMITTED, S.VALIDATED_LEAD, S.VALIDATED_AD_HOC, S.SUSPENDED}),
            target=S.REFUSED,
            permission=office & ~own_expert,
            announces=("mail:expert.refused",),
            stamps="decided_at",
            reason_required=True,
        ),
        Transition(
            name="suspend",
            label="Suspend the validation",
            happened="Suspended",
            opens="suspension",
            done="Suspended. The expert is told by e-mail.",
            note="The expert reads it in an e-mail. Appointments that run stay.",
            emphasis="warning",
            sources=frozenset({S.VALIDATED_LEAD, S.VALIDATED_AD_HOC}),
            target=S.SUSPENDED,
            permission=office & ~own_expert,
            guards=(its_day_is_to_come,),
            announces=("mail:expert.suspended",),
            stamps="decided_at",
            reason_required=True,
        ),
        Transition(
            name="reinstate_lead",
            label="End the suspension, as lead expert",
            happened="Suspension ended, as lead expert",
            ends="pause",
            done="Done. The expert is told by e-mail.",
            sources=frozenset({S.SUSPENDED}),
            target=S.VALIDATED_LEAD,
            permission=(office & ~own_expert) | system,
            guards=(lead_was_asked_for, all_kinds_are_validated),
            announces=("mail:expert.reinstated",),
            stamps="decided_at",
        ),
        Transition(
            name="reinstate_ad_hoc",
            label="End the suspension, as ad hoc expert",
            happened="Suspension ended, as ad hoc expert",
            ends="pause",
            done="Done. The expert is told by e-mail.",
            sources=frozenset({S.SUSPENDED}),
            target=S.VALIDATED_AD_HOC,
            permission=(office & ~own_expert) | system,
            guards=(a_kind_is_validated,),
            announces=("mail:expert.reinstated",),
            stamps="decided_at",
        ),
        Transition(
            name="expire",
            label="Let the validation expire",
            happened="Validation expired",
            sources=frozenset({S.VALIDATED_LEAD, S.VALIDATED_AD_HOC, S.SUSPENDED}),
            target=S.EXPIRED,
            permission=system,
            guards=(validity_is_over,),
            announces=("mail:expert.expired",),
        ),
    ),
)
EXPIRE = EXPERT_PROFILE.by_name["expire"]
REINSTATE = {t.target: t for t in EXPERT_PROFILE.transitions if t.ends == "pause"}
"""What ends a suspension, by the state from before it."""
