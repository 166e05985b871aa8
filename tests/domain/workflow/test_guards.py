"""What closes a step of a sheet, an expert or a network: each guard alone, with everything else in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from urbact_calls.domain.permissions import Actor, Relation
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.vocabulary import (
    ApplicationState,
    ConsensusSheetState,
    ExpertApplicationState,
    Expertise,
    ExpertProfileState,
    ExpertTrack,
    IndividualSheetState,
    NetworkState,
    Role,
)
from urbact_calls.domain.workflow.assessment import CONSENSUS_SHEET, INDIVIDUAL_SHEET, ConsensusFacts, SheetFacts
from urbact_calls.domain.workflow.expert_application import (
    EXPERT_APPLICATION,
    CandidateFacts,
    ExpertApplicationFacts,
    why_not_apply,
)
from urbact_calls.domain.workflow.expert_profile import EXPERT_PROFILE, ROLES_OF, ExpertProfileFacts
from urbact_calls.domain.workflow.machine import Machine
from urbact_calls.domain.workflow.network import NETWORK, NetworkFacts

NOW = datetime(2027, 3, 31, 12, 0, tzinfo=UTC)
OFFICER = Actor(2, "Officer", frozenset({Role.PROGRAMME_OFFICER}))
CONCERNED = Relation(frozenset({Role.LEAD, Role.ASSESSOR, Role.EXPERT}))
NOBODY = Relation()

SHEET = SheetFacts(application=ApplicationState.ELIGIBLE, declared_no_conflict=True, missing=())
CONSENSUS = ConsensusFacts(
    application=ApplicationState.ELIGIBLE, sheets_needed=2, sheets_in=2, missing=(), signatures_missing=()
)
CANDIDATE = CandidateFacts(
    wanted=ExpertTrack.AD_HOC,
    validated_for=frozenset({ExpertTrack.AD_HOC}),
    search_is_open=True,
    is_on_panel=False,
    works_for_a_member=False,
)
JOINING = ExpertApplicationFacts(
    candidate=CANDIDATE,
    envelope_cents=1_000_00,
    daily_fee_cents=500_00,
    days=2,
    starts_on=date(2027, 4, 1),
    ends_on=date(2027, 4, 30),
    free_days=2,
    chosen_by=1,
)
PROFILE = ExpertProfileFacts(track=ExpertTrack.LEAD, validated=frozenset(Expertise), until=date(2027, 3, 31))
RUNNING = NetworkFacts(has_lead_expert=True, agreements_missing=(), ends_on_has_passed=True)

STEPS: list[tuple[Machine[Any, Any], str, Any, Any, Relation]] = [
    (INDIVIDUAL_SHEET, "submit_sheet", IndividualSheetState.OPEN, SHEET, CONCERNED),
    (INDIVIDUAL_SHEET, "reopen_sheet", IndividualSheetState.SUBMITTED, SHEET, NOBODY),
    (CONSENSUS_SHEET, "sign", ConsensusSheetState.OPEN, CONSENSUS, CONCERNED),
    (CONSENSUS_SHEET, "close", ConsensusSheetState.OPEN, CONSENSUS, CONCERNED),
    (EXPERT_APPLICATION, "choose", ExpertApplicationState.SUBMITTED, JOINING, CONCERNED),
    (EXPERT_APPLICATION, "validate_choice", ExpertApplicationState.CHOSEN, JOINING, NOBODY),
    (EXPERT_APPLICATION, "refuse_choice", ExpertApplicationState.CHOSEN, JOINING, NOBODY),
    (EXPERT_APPLICATION, "leave", ExpertApplicationState.APPOINTED, JOINING, CONCERNED),
    (EXPERT_PROFILE, "submit", ExpertProfileState.DRAFT, PROFILE, CONCERNED),
    (EXPERT_PROFILE, "validate_lead", ExpertProfileState.SUBMITTED, PROFILE, NOBODY),
    (EXPERT_PROFILE, "validate_ad_hoc", ExpertProfileState.SUBMITTED, PROFILE, NOBODY),
    (EXPERT_PROFILE, "suspend", ExpertProfileState.VALIDATED_LEAD, PROFILE, NOBODY),
    (EXPERT_PROFILE, "reinstate_lead", ExpertProfileState.SUSPENDED, PROFILE, NOBODY),
    (EXPERT_PROFILE, "reinstate_ad_hoc", ExpertProfileState.SUSPENDED, PROFILE, NOBODY),
    (NETWORK, "activate", NetworkState.FORMING, RUNNING, CONCERNED),
    (NETWORK, "complete", NetworkState.ACTIVE, RUNNING, NOBODY),
]
BY_NAME = {(machine.name, name): (machine, state, facts, relation) for machine, name, state, facts, relation in STEPS}


def refusals(life: str, step: str, **changes: Any) -> list[str]:
    """The codes that close a step when these facts are otherwise than it needs."""
    machine, state, facts, relation = BY_NAME[life, step]
    changed = replace(facts, **changes)
    try:
        machine.require(step, state=state, facts=changed, actor=OFFICER, relation=relation, now=NOW, reason="Because.")
    except Refused as refused:
        return [each.code for each in refused.refusals]
    return []


@pytest.mark.parametrize(("life", "step"), BY_NAME)
def test_a_step_is_open_when_everything_is_in_order(life: str, step: str):
    assert refusals(life, step) == []


NOT_VALIDATED = {"candidate": replace(CANDIDATE, validated_for=frozenset())}
LEAD_TAKEN = {
    "candidate": replace(CANDIDATE, wanted=ExpertTrack.LEAD, validated_for=frozenset(ExpertTrack)),
    "has_lead_expert": True,
}
SOME_KINDS = {"validated": frozenset([*Expertise][:2])}


@pytest.mark.parametrize(
    ("life", "step", "changes", "code"),
    [
        ("individual_sheet", "submit_sheet", {"declared_no_conflict": False}, "assessment.undeclared"),
        ("individual_sheet", "submit_sheet", {"missing": ("Relevance",)}, "assessment.incomplete"),
        ("individual_sheet", "submit_sheet", {"application": ApplicationState.ASSESSED}, "assessment.not_running"),
        ("consensus_sheet", "sign", {"application": ApplicationState.ASSESSED}, "assessment.not_running"),
        ("individual_sheet", "reopen_sheet", {"consensus_started": True}, "assessment.consensus_started"),
        *(
            ("consensus_sheet", step, changes, code)
            for step in ("sign", "close")
            for changes, code in (
                ({"sheets_in": 1}, "assessment.sheets_open"),
                ({"missing": ("Relevance",)}, "assessment.incomplete"),
            )
        ),
        ("consensus_sheet", "close", {"signatures_missing": ("Ada",)}, "assessment.signatures_missing"),
        *(
            ("expert_application", step, changes, code)
            for step in ("choose", "validate_choice")
            for changes, code in (
                ({"network_is_over": True}, "experts.network_over"),
                (LEAD_TAKEN, "experts.lead_taken"),
                (NOT_VALIDATED, "experts.not_validated"),
                ({"unconfirmed": ("expert_days",)}, "experts.envelope_unknown"),
                ({"days": 3, "free_days": 3}, "experts.envelope_exceeded"),
                ({"committed_cents": 1}, "experts.envelope_exceeded"),
                ({"days_max": 1}, "experts.days_exceeded"),
                ({"days_max": 12, "committed_days": 11}, "experts.days_exceeded"),
                ({"free_days": 1}, "experts.days_taken"),
            )
        ),
        ("expert_application", "choose", {"other_is_chosen": True}, "experts.other_chosen"),
        ("expert_application", "validate_choice", {"chosen_by": 2}, "experts.own_choice"),
        ("expert_application", "refuse_choice", {"chosen_by": 2}, "experts.own_choice"),
        ("expert_application", "leave", {"network_is_over": True}, "experts.network_over"),
        ("expert_profile", "submit", {"missing": ("A CV",)}, "expert.incomplete"),
        ("expert_profile", "validate_lead", {"track": ExpertTrack.AD_HOC}, "expert.ad_hoc_only"),
        ("expert_profile", "validate_lead", SOME_KINDS, "expert.kinds_lead"),
        ("expert_profile", "validate_ad_hoc", {"validated": frozenset()}, "expert.kinds_ad_hoc"),
        *(
            ("expert_profile", step, changes, code)
            for step in ("validate_lead", "validate_ad_hoc")
            for changes, code in (
                ({"unread": (Expertise.METHODS,)}, "expert.unread"),
                ({"until": date(2027, 3, 30)}, "expert.day_has_passed"),
            )
        ),
        ("expert_profile", "suspend", {"until": date(2027, 3, 30)}, "expert.day_has_passed"),
        ("expert_profile", "reinstate_lead", {"track": ExpertTrack.AD_HOC}, "expert.ad_hoc_only"),
        ("expert_profile", "reinstate_lead", SOME_KINDS, "expert.kinds_lead"),
        ("expert_profile", "reinstate_ad_hoc", {"validated": frozenset()}, "expert.kinds_ad_hoc"),
        ("network", "activate", {"has_lead_expert": False}, "network.no_lead_expert"),
        ("network", "activate", {"agreements_missing": ("Agen",)}, "network.agreements_missing"),
        ("network", "complete", {"ends_on_has_passed": False}, "network.running"),
    ],
)
def test_one_thing_out_of_order_closes_a_step(life: str, step: str, changes: dict[str, Any], code: str):
    assert refusals(life, step, **changes) == [code]


def test_somebody_may_sign_before_the_others_have():
    assert refusals("consensus_sheet", "sign", signatures_missing=("Ada",)) == []


def test_an_ad_hoc_expert_joins_a_network_that_has_its_lead_expert():
    assert refusals("expert_application", "choose", has_lead_expert=True) == []


def test_a_lead_expert_joins_a_network_that_has_none():
    assert refusals("expert_application", "choose", **(LEAD_TAKEN | {"has_lead_expert": False})) == []


def test_an_envelope_without_limit_holds_any_number_of_days():
    assert refusals("expert_application", "choose", envelope_cents=None, days=999, free_days=None) == []


@pytest.mark.parametrize(("committed", "codes"), [(500_00, []), (500_01, ["experts.envelope_exceeded"])])
def test_before_the_days_are_known_one_day_must_fit(committed: int, codes: list[str]):
    assert refusals("expert_application", "choose", days=None, committed_cents=committed) == codes


@pytest.mark.parametrize(("committed", "codes"), [(9, []), (10, ["experts.days_exceeded"])])
def test_before_the_days_are_known_one_day_must_be_left(committed: int, codes: list[str]):
    assert refusals("expert_application", "choose", days=None, days_max=10, committed_days=committed) == codes


def test_how_many_days_of_experts_an_appointment_exceeds_is_said():
    machine, state, facts, relation = BY_NAME["expert_application", "choose"]
    over = replace(facts, envelope_cents=None, free_days=None, days=30, days_max=170, committed_days=150)

    (offer,) = [each for each in machine.offers(state, over, OFFICER, relation, NOW) if each.name == "choose"]

    assert [(each.field, str(each.message)) for each in offer.refusals] == [
        ("days", "The appointment exceeds the days of experts that the call pays by 10. Left: 20 of 170.")
    ]


def test_what_an_appointment_exceeds_and_what_is_left_is_said_in_euros():
    machine, state, facts, relation = BY_NAME["expert_application", "choose"]
    over = replace(facts, days=3, free_days=3, committed_cents=250_50)

    (offer,) = [each for each in machine.offers(state, over, OFFICER, relation, NOW) if each.name == "choose"]

    assert [(each.field, str(each.message)) for each in offer.refusals] == [
        ("days", "The appointment exceeds the expertise envelope by €750.50: €749.50 is left.")
    ]


@pytest.mark.parametrize("validated", [frozenset({kind}) for kind in Expertise])
def test_one_kind_of_expertise_makes_an_ad_hoc_expert(validated: frozenset[Expertise]):
    assert refusals("expert_profile", "validate_ad_hoc", validated=validated) == []


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"search_is_open": False}, ["experts.search_closed"]),
        ({"has_applied": True}, ["experts.applied"]),
        ({"wanted": ExpertTrack.LEAD}, ["experts.not_validated"]),
        ({"is_on_panel": True}, ["experts.on_panel"]),
        ({"works_for_a_member": True}, ["experts.own_network"]),
        ({"is_on_panel": True, "works_for_a_member": True}, ["experts.on_panel", "experts.own_network"]),
    ],
)
def test_everything_that_stops_an_expert_from_applying_is_named(changes: dict[str, Any], codes: list[str]):
    assert [each.code for each in why_not_apply(replace(CANDIDATE, **changes))] == codes


def test_a_lead_expert_may_do_ad_hoc_work_and_an_ad_hoc_expert_may_not_lead():
    assert {
        ExpertProfileState.VALIDATED_LEAD: {ExpertTrack.LEAD, ExpertTrack.AD_HOC},
        ExpertProfileState.VALIDATED_AD_HOC: {ExpertTrack.AD_HOC},
    } == ROLES_OF
