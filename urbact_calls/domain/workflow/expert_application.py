"""The life of an expert's application to join a network: submitted, chosen by the lead partner, then appointed by the
Joint Secretariat; or declined, or withdrawn. An appointment may end before its time.

Days and money are taken out of the envelope when the lead partner chooses, and looked at once more when the Joint
Secretariat validates: of two choices at the same instant the second is refused to the one who makes it, and not to both
days later. What does not come to count gives them back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from urbact_calls.domain.money import Euro
from urbact_calls.domain.permissions import Actor, lead_applicant, office, own_expert, system
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
    call confirms that the envelope is not limited, `days_max` if the days are not. `days` and the period are None while
    nobody has given them. What is committed, and the days that the expert has free in the period, are those beside this
    application. `chosen_by` is the account that chose.
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
    starts_on: date | None = None
    ends_on: date | None = None
    free_days: int | None = None
    has_lead_expert: bool = False
    other_is_chosen: bool = False
    chosen_by: int | None = None


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


DAYS_TAKEN = message(
    "experts.days_taken",
    "From {start} to {end} the expert has {free} days free, by what he or she states and what is booked. {asked} are"
    " too many.",
)


def fits_the_expert(facts: ExpertApplicationFacts, actor: Actor, now: datetime) -> Refusal | None:
    if facts.free_days is None or facts.starts_on is None or facts.ends_on is None:
        return None
    asked = facts.days or 1
    if asked <= facts.free_days:
        return None
    said = DAYS_TAKEN(start=facts.starts_on, end=facts.ends_on, free=facts.free_days, asked=asked)
    return Refusal(said, field="days")


OTHER_CHOSEN = message("experts.other_chosen", "Another expert is chosen for this search: take that choice back first.")
nobody_else_is_chosen: Guard[ExpertApplicationFacts] = guard(OTHER_CHOSEN, lambda facts: not facts.other_is_chosen)

OWN_CHOICE = message("experts.own_choice", "Whoever chose an expert does not validate the choice.")


def somebody_else_chose(facts: ExpertApplicationFacts, actor: Actor, now: datetime) -> Refusal | None:
    return Refusal(OWN_CHOICE()) if facts.chosen_by is not None and facts.chosen_by == actor.user_id else None


MAY_BE_APPOINTED = (is_going_on, has_no_lead_expert, may_join, fits_envelope, fits_days, fits_the_expert)
"""What must hold when an expert is chosen, and still when the choice is validated."""

END_IN_FUTURE = message("experts.end_in_future", "An appointment ends on a day that has come: today at the latest.")
END_BEFORE = message("experts.end_before", "The appointment was made on {made}: it cannot end before.")
END_MISSING = message("experts.end_missing", "Say on which day the expert leaves.")
DAYS_USED = message("experts.days_used", "Type the days that the expert has worked, from 0 to {most}.")


def why_not_end(
    *, ended_on: date | None, days_used: int | None, days: int, made_on: date, today: date
) -> Iterator[Refusal]:
    """What is wrong with the end of an appointment of so many days."""
    if ended_on is None:
        yield Refusal(END_MISSING(), field="ended_on")
    elif ended_on > today:
        yield Refusal(END_IN_FUTURE(), field="ended_on")
    elif ended_on < made_on:
        yield Refusal(END_BEFORE(made=made_on), field="ended_on")
    if days_used is None or not 0 <= days_used <= days:
        yield Refusal(DAYS_USED(most=days), field="days_used")


EXPERT_APPLICATION: Machine[S, ExpertApplicationFacts] = Machine(
    name="expert_application",
    start=S.SUBMITTED,
    ends=frozenset({S.APPOINTED, S.ENDED, S.DECLINED, S.WITHDRAWN}),
    begins=Act(name="apply_to_join", label="Applied to join"),
    transitions=(
        Transition(
            name="choose",
            label="Choose this expert",
            happened="Chosen by the lead partner",
            opens="reservation",
            done="Chosen. The Joint Secretariat validates the choice; then it counts.",
            emphasis="primary",
            sources=frozenset({S.SUBMITTED}),
            target=S.CHOSEN,
            permission=lead_applicant,
            guards=(nobody_else_is_chosen, *MAY_BE_APPOINTED),
            announces=("mail:expert.chosen",),
        ),
        Transition(
            name="take_choice_back",
            label="Take the choice back",
            happened="Choice taken back",
            ends="choice",
            done="Taken back. The search is open again.",
            sources=frozenset({S.CHOSEN}),
            target=S.SUBMITTED,
            permission=lead_applicant,
        ),
        Transition(
            name="validate_choice",
            label="Validate the choice",
            happened="Appointed",
            opens="appointment",
            done="Appointed. All candidates are told.",
            emphasis="primary",
            sources=frozenset({S.CHOSEN}),
            target=S.APPOINTED,
            permission=office,
            guards=(somebody_else_chose, *MAY_BE_APPOINTED),
            announces=("mail:expert.appointed",),
            stamps="decided_at",
        ),
        Transition(
            name="refuse_choice",
            label="Do not validate the choice",
            happened="Choice not validated",
            ends="choice",
            done="Done. The lead partner and the expert are told; the search is open again.",
            note="The lead partner and the expert read it in an e-mail.",
            emphasis="warning",
            sources=frozenset({S.CHOSEN}),
            target=S.SUBMITTED,
            permission=office,
            guards=(somebody_else_chose,),
            announces=("mail:expert.choice_refused",),
            reason_required=True,
        ),
        Transition(
            name="leave",
            label="End the appointment",
            happened="Left the network",
            ends="work",
            done="Ended. The days that were not worked are free again.",
            note="The expert and the lead partner read it in an e-mail.",
            emphasis="warning",
            sources=frozenset({S.APPOINTED}),
            target=S.ENDED,
            permission=own_expert | lead_applicant | office,
            guards=(is_going_on,),
            announces=("mail:expert.left",),
            reason_required=True,
        ),
        Transition(
            name="decline",
            label="Decline",
            happened="Declined",
            ends="candidacy",
            done="Declined. The expert is told.",
            note="The expert reads it in an e-mail.",
            sources=frozenset({S.SUBMITTED, S.CHOSEN}),
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
            sources=frozenset({S.SUBMITTED, S.CHOSEN}),
            target=S.WITHDRAWN,
            permission=own_expert,
            stamps="decided_at",
        ),
    ),
)

DECLINE = EXPERT_APPLICATION.by_name["decline"]
UNDECIDED = DECLINE.sources
CHOOSE = next(t for t in EXPERT_APPLICATION.transitions if t.opens == "reservation")
LEAVE = next(t for t in EXPERT_APPLICATION.transitions if t.ends == "work")
