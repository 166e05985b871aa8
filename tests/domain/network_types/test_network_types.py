"""Network types are data that agree with the calls they were published with."""

from dataclasses import replace

import pytest

from tests.domain.eligibility.dossiers import led, partner
from tests.factories.applications import answer_to
from urbact_calls.domain.network_types import KINDS, by_type, kind_of, rules_of
from urbact_calls.domain.network_types.criteria import grid
from urbact_calls.domain.network_types.fields import TICKED
from urbact_calls.domain.vocabulary import NetworkType, PartnerRole, PlanKind
from urbact_calls.reference.known_calls import call_codes, historic_terms
from urbact_calls.reference.tables import document

APN = KINDS[NetworkType.APN]


def full_answers(kind):
    """An answer to every mandatory question."""
    return {
        section.code: {field.code: answer_to(field) for field in section.fields if field.required}
        for section in kind.sections
    }


@pytest.mark.parametrize("call", [call for call in document("calls.json")["calls"] if call["type"] in set(NetworkType)])
def test_weights_stages_and_duration_are_those_of_the_call(call):
    kind = kind_of(historic_terms(call["code"]))

    assert [(each.code, each.title, each.weight) for each in kind.grid.criteria] == [
        (criterion["code"], criterion["title"], criterion["weight"]) for criterion in call["criteria"]
    ]
    assert [stage.code for stage in kind.stages] == [stage["code"] for stage in call["stages"]]
    assert kind.months == call["duration_months"]["v"]


def test_lead_and_partners_of_a_transfer_produce_different_plans():
    assert KINDS[NetworkType.TN].plans == {
        PartnerRole.LEAD: PlanKind.IMPROVEMENT_PLAN,
        PartnerRole.PARTNER: PlanKind.TRANSFER_PLAN,
    }


def test_only_the_transfer_types_ask_for_a_label():
    asking = {call for call in call_codes() if "lead_partner.holds_label" in rules_of(historic_terms(call))}

    assert asking == {"TN-2025", "ITN-2024"}


def test_a_call_for_labels_founds_no_network():
    terms = historic_terms("GP-2024")

    assert kind_of(terms) is None
    assert len(rules_of(terms)) == 5


@pytest.mark.parametrize("kind", KINDS.values())
def test_codes_of_sections_and_fields_are_unique(kind):
    sections = (*kind.sections, *kind.partner_sections)
    columns = [[column.code for column in field.columns] for section in sections for field in section.fields]
    for codes in ([s.code for s in sections], *([field.code for field in s.fields] for s in sections), *columns):
        assert sorted({code for code in codes if codes.count(code) > 1}) == [], f"codes that {kind.type} gives twice"


@pytest.mark.parametrize("kind", KINDS.values())
def test_a_form_with_every_mandatory_answer_misses_nothing(kind):
    assert kind.missing(full_answers(kind)) == ()
    assert kind.missing({}) == tuple(section.label for section in kind.sections)


def test_blanks_and_unticked_boxes_are_missing():
    answers = full_answers(APN)
    answers["challenge"]["challenge"] = " \n "
    answers["declarations"]["no_exclusion"] = ""

    assert APN.missing(answers) == ("Policy challenge", "Declarations")


def test_a_kind_names_only_rules_and_criteria_that_exist():
    with pytest.raises(ValueError, match="names rules that do not exist"):
        replace(APN, rules=("partnership.colour",))
    with pytest.raises(KeyError):
        replace(APN, sections=(replace(APN.sections[0], criterion="C9"),))
    with pytest.raises(ValueError, match="what each partner role produces"):
        replace(APN, plans={PartnerRole.LEAD: PlanKind.TRANSFER_PLAN})


def test_what_a_dossier_declares_is_given_in_its_section_of_the_form():
    dossier = led(
        partner("FR"), sections={"challenge": {"challenge": "Quiet streets"}}, declarations={"accuracy": True}
    )

    assert APN.given(APN.section("challenge"), dossier) == {"challenge": "Quiet streets"}
    assert APN.given(APN.section("declarations"), dossier) == {"accuracy": TICKED}
    assert APN.given(APN.section("declarations"), replace(dossier, declarations=None)) == {}


@pytest.mark.parametrize("weights", [{"C1": 100}, {"C1": 20, "C2": 20, "C3": 25, "C4": 20, "C5": 15, "C6": 0}])
def test_a_grid_weighs_each_criterion_and_no_other(weights):
    with pytest.raises(ValueError, match="a grid weighs C1, C2, C3, C4, C5; this one C1"):
        grid(**weights)


def test_two_modules_cannot_describe_one_type():
    with pytest.raises(ValueError, match="two modules of domain/network_types describe the type APN"):
        by_type([APN, KINDS[NetworkType.TN], APN])


def test_a_type_without_its_word_says_where_to_declare_it():
    with pytest.raises(ValueError, match="'PN' is no NetworkType: declare it"):
        NetworkType("PN")
