"""Every step of every life, as the programme describes it: from where, to where, by whom, and what it sets off."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from urbact_calls.domain.permissions import STRANGER, SYSTEM, Actor, Relation
from urbact_calls.domain.vocabulary import Role
from urbact_calls.domain.workflow.application import APPLICATION
from urbact_calls.domain.workflow.assessment import CONSENSUS_SHEET, INDIVIDUAL_SHEET
from urbact_calls.domain.workflow.expert_application import EXPERT_APPLICATION
from urbact_calls.domain.workflow.expert_profile import EXPERT_PROFILE
from urbact_calls.domain.workflow.machine import Machine
from urbact_calls.domain.workflow.network import NETWORK

NOW = datetime(2027, 3, 31, 12, 0, tzinfo=UTC)
SOMEBODY = Actor(1, "Somebody", frozenset())


def here(role: Role) -> tuple[Actor, Relation]:
    return SOMEBODY, Relation(frozenset({role}))


def of_programme(role: Role, relation: Relation = STRANGER) -> tuple[Actor, Relation]:
    return Actor(2, "Of the programme", frozenset({role})), relation


PEOPLE: dict[str, tuple[Actor, Relation]] = {
    "stranger": (SOMEBODY, STRANGER),
    "lead": here(Role.LEAD),
    "editor": here(Role.EDITOR),
    "assessor": here(Role.ASSESSOR),
    "conflicted": (SOMEBODY, Relation(frozenset({Role.ASSESSOR, Role.PANEL_CHAIR}), is_conflicted=True)),
    "chair": here(Role.PANEL_CHAIR),
    "expert": here(Role.EXPERT),
    "officer": of_programme(Role.PROGRAMME_OFFICER),
    "manager": of_programme(Role.PROGRAMME_MANAGER),
    "own officer": of_programme(Role.PROGRAMME_OFFICER, Relation(frozenset({Role.EXPERT}))),
    "auditor": of_programme(Role.AUDITOR),
    "system": (SYSTEM, STRANGER),
}
OFFICE = "officer, manager, own officer"
DECIDED = "assessed, reserve, postponed"
GOING_ON = "draft, submitted, clarification, eligible, assessed, approved, approved_with_conditions, reserve, postponed"


class Step(NamedTuple):
    sources: str
    target: str
    by: str
    announces: str = ""
    stamps: str | None = None
    needs_reason: bool = False


STEPS: dict[str, dict[str, Step]] = {
    "application": {
        "submit": Step(
            "draft", "submitted", "lead", "eligibility.examine, mail:application.submitted", stamps="submitted_at"
        ),
        "reopen": Step("submitted", "draft", "lead", "mail:application.reopened"),
        "ask_clarification": Step(
            "submitted", "clarification", "officer, own officer", "mail:clarification.asked", needs_reason=True
        ),
        "answer_clarification": Step(
            "clarification", "submitted", "lead", "eligibility.official, mail:clarification.answered"
        ),
        "clarification_lapsed": Step("clarification", "submitted", "system", "mail:clarification.lapsed"),
        "propose_eligible": Step("submitted", "submitted", "officer, own officer"),
        "declare_eligible": Step(
            "submitted",
            "eligible",
            "officer, own officer",
            "mail:eligibility.announced",
            stamps="eligibility_declared_at",
        ),
        "propose_ineligible": Step("submitted", "submitted", "officer, own officer", needs_reason=True),
        "declare_ineligible": Step(
            "submitted",
            "ineligible",
            "officer, own officer",
            "mail:eligibility.announced",
            stamps="eligibility_declared_at",
            needs_reason=True,
        ),
        "reinstate_eligibility": Step(
            "ineligible", "submitted", "manager", "mail:application.taken_back", needs_reason=True
        ),
        "reinstate_assessment": Step(
            "not_approved", "assessed", "manager", "mail:application.taken_back", needs_reason=True
        ),
        "close_assessment": Step("eligible", "assessed", "system", stamps="assessed_at"),
        "approve": Step(DECIDED, "approved", "system", "mail:decision.announced, network.found", stamps="decided_at"),
        "approve_with_conditions": Step(
            DECIDED, "approved_with_conditions", "system", "mail:decision.announced", stamps="decided_at"
        ),
        "put_on_reserve": Step(
            "assessed, postponed", "reserve", "system", "mail:decision.announced", stamps="decided_at"
        ),
        "refuse": Step(DECIDED, "not_approved", "system", "mail:decision.announced", stamps="decided_at"),
        "postpone": Step("assessed, reserve", "postponed", "system", "mail:decision.announced", stamps="decided_at"),
        "conditions_met": Step(
            "approved_with_conditions",
            "approved",
            "officer, own officer",
            "mail:decision.conditions_met, network.found",
            needs_reason=True,
        ),
        "conditions_missed": Step(
            "approved_with_conditions",
            "not_approved",
            "officer, own officer",
            "mail:decision.conditions_missed",
            needs_reason=True,
        ),
        "found_network": Step("approved", "in_network", "system"),
        "withdraw": Step(GOING_ON, "withdrawn", "lead", "mail:application.withdrawn", needs_reason=True),
    },
    "individual_sheet": {
        "submit_sheet": Step("open", "submitted", "assessor", stamps="submitted_at"),
        "reopen_sheet": Step("submitted", "open", OFFICE, needs_reason=True),
    },
    "consensus_sheet": {
        "sign": Step("open", "open", "assessor, chair"),
        "close": Step("open", "signed", "assessor, chair", "assessment.close", stamps="signed_at"),
    },
    "expert_application": {
        "choose": Step("submitted", "chosen", "lead", "mail:expert.chosen"),
        "take_choice_back": Step("chosen", "submitted", "lead"),
        "validate_choice": Step("chosen", "appointed", OFFICE, "mail:expert.appointed", stamps="decided_at"),
        "refuse_choice": Step("chosen", "submitted", OFFICE, "mail:expert.choice_refused", needs_reason=True),
        "leave": Step("appointed", "ended", f"lead, expert, {OFFICE}", "mail:expert.left", needs_reason=True),
        "decline": Step(
            "submitted, chosen",
            "declined",
            "lead, system",
            "mail:expert.declined",
            stamps="decided_at",
            needs_reason=True,
        ),
        "withdraw": Step("submitted, chosen", "withdrawn", "expert, own officer", stamps="decided_at"),
    },
    "expert_profile": {
        "submit": Step("draft, refused, expired", "submitted", "expert, own officer", stamps="submitted_at"),
        "take_back": Step("submitted", "draft", "expert, own officer"),
        "validate_lead": Step(
            "submitted", "validated_lead", "officer, manager", "mail:expert.validated", stamps="decided_at"
        ),
        "validate_ad_hoc": Step(
            "submitted", "validated_ad_hoc", "officer, manager", "mail:expert.validated", stamps="decided_at"
        ),
        "refuse": Step(
            "submitted, validated_lead, validated_ad_hoc, suspended",
            "refused",
            "officer, manager",
            "mail:expert.refused",
            stamps="decided_at",
            needs_reason=True,
        ),
        "suspend": Step(
            "validated_lead, validated_ad_hoc",
            "suspended",
            "officer, manager",
            "mail:expert.suspended",
            stamps="decided_at",
            needs_reason=True,
        ),
        "reinstate_lead": Step(
            "suspended", "validated_lead", "officer, manager, system", "mail:expert.reinstated", stamps="decided_at"
        ),
        "reinstate_ad_hoc": Step(
            "suspended", "validated_ad_hoc", "officer, manager, system", "mail:expert.reinstated", stamps="decided_at"
        ),
        "expire": Step("validated_lead, validated_ad_hoc, suspended", "expired", "system", "mail:expert.expired"),
    },
    "network": {
        "activate": Step("forming", "active", f"lead, {OFFICE}", "mail:network.active", stamps="activated_at"),
        "complete": Step("active", "completed", OFFICE, stamps="completed_at"),
    },
}
LIVES: dict[str, tuple[Machine[Any, Any], str, str]] = {
    "application": (APPLICATION, "draft", "in_network, withdrawn, ineligible, not_approved"),
    "individual_sheet": (INDIVIDUAL_SHEET, "open", "submitted"),
    "consensus_sheet": (CONSENSUS_SHEET, "open", "signed"),
    "expert_application": (EXPERT_APPLICATION, "submitted", "appointed, ended, declined, withdrawn"),
    "expert_profile": (EXPERT_PROFILE, "draft", "validated_lead, validated_ad_hoc, expired, refused"),
    "network": (NETWORK, "forming", "completed"),
}
EVERY = [(life, name) for life, steps in STEPS.items() for name in steps]


def words(text: str) -> set[str]:
    return set(filter(None, text.split(", ")))


@pytest.mark.parametrize("life", LIVES)
def test_a_life_begins_and_ends_as_described_and_has_no_other_steps(life: str):
    machine, start, ends = LIVES[life]

    assert (machine.name, machine.start, {*machine.ends}) == (life, start, words(ends))
    assert set(machine.by_name) == set(STEPS[life]), "describe each step of the table in STEPS of this test"


@pytest.mark.parametrize(("life", "name"), EVERY)
def test_a_step_leads_from_its_states_to_its_target(life: str, name: str):
    taken, step = LIVES[life][0].by_name[name], STEPS[life][name]

    assert ({*taken.sources}, taken.target) == (words(step.sources), step.target)


@pytest.mark.parametrize(("life", "name"), EVERY)
def test_a_step_is_offered_to_those_who_may_take_it_and_to_nobody_else(life: str, name: str):
    permission = LIVES[life][0].by_name[name].permission

    assert {who for who, (actor, relation) in PEOPLE.items() if permission(actor, relation)} == words(
        STEPS[life][name].by
    )


@pytest.mark.parametrize(("life", "name"), EVERY)
def test_a_step_sets_off_its_messages_and_jobs_and_notes_its_instant(life: str, name: str):
    taken, step = LIVES[life][0].by_name[name], STEPS[life][name]

    assert (set(taken.announces), taken.stamps) == (words(step.announces), step.stamps), (
        f"say in STEPS what {name} sets off"
    )


@pytest.mark.parametrize(("life", "name"), EVERY)
def test_a_step_asks_for_a_reason_where_somebody_loses_something(life: str, name: str):
    assert LIVES[life][0].by_name[name].reason_required is STEPS[life][name].needs_reason
