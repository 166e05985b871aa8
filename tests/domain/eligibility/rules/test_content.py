"""The rules of `eligibility/rules/content.py`."""

from dataclasses import replace

from tests.domain.eligibility.cases import cases
from tests.domain.eligibility.dossiers import looked_up, partners
from urbact_calls.domain.dossier import Label
from urbact_calls.domain.terms import LabelRegister, LabelRequirement

LABEL = LabelRequirement(LabelRegister.GOOD_PRACTICE, 2024)


@cases("content.theme")
def test_theme(case):
    case(partners(8, sections={"identity": {"theme": "food", "policy_objectives": "PO2 PO5"}}), met="are named")
    case(partners(8, sections={"identity": {"theme": "food"}}), not_met="Choose a Policy Objective.")
    case(partners(8, sections={"identity": {"theme": " "}}), not_met="Not named: a theme and a Policy Objective.")
    case(partners(8, sections={"challenge": {}}), to_be_checked="does not hold the section")
    case(partners(8), to_be_checked="does not hold the section")


@cases("content.practice_named", terms={"lead_label": LABEL})
def test_practice_named(case):
    held = looked_up("Climate Taskforce", "Transport (SIT Flexi)")
    case(partners(6, practices=("climate taskforce",), lead_labels=held), met="is held by")
    case(partners(6, practices=("SIT Flexi",), lead_labels=held), met="is held by")
    case(partners(6, practices=("Bee path",), lead_labels=held), not_met="Climate Taskforce and Transport (SIT Flexi)")
    case(partners(6, practices=("Climate Taskforce", "Bee path"), lead_labels=held), not_met="2 named")
    case(partners(6, practices=(), lead_labels=held), not_met="0 named (none)")
    case(partners(6, lead_labels=held), to_be_checked="names no Good Practice label")


@cases("content.practice_named", terms={"lead_label": LABEL})
def test_a_title_that_the_register_does_not_know_is_compared_by_a_person(case):
    described = Label(title="Tech Hub", holder="City in GR", is_official=False)
    case(
        partners(6, practices=("Bee path",), lead_labels=looked_up("Climate Taskforce", None)), to_be_checked="compare"
    )
    case(
        partners(6, practices=("Bee path",), lead_labels=replace(looked_up(), labels=(described,))),
        to_be_checked="compare",
    )
    case(partners(6, practices=("Tech Hub",), lead_labels=replace(looked_up(), labels=(described,))), met="is held by")


@cases("content.practice_named", terms={"lead_label": LABEL})
def test_a_lead_without_label_is_the_fault_of_another_rule(case):
    case(partners(6, practices=("Bee path",), lead_labels=looked_up()), to_be_checked="cannot be compared")
    case(partners(6, practices=("Bee path",)), to_be_checked="was not looked up")


@cases("content.practice_named", terms={"lead_label": None})
def test_practice_named_where_nothing_is_transferred(case):
    case(partners(8, practices=("Bee path",)), not_enforced="transfers no practice")
