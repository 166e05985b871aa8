"""What the rule book promises: every rule is told, sourced and tested, and network types name only what exists."""

import ast
import re
from pathlib import Path

import pytest

from urbact_calls.domain.eligibility.finding import met
from urbact_calls.domain.eligibility.rulebook import RULEBOOK, RULEBOOK_VERSION, RULES_OF_THIS_VERSION, rule
from urbact_calls.domain.network_types import KINDS, LABEL_CALL_RULES
from urbact_calls.domain.text import QUOTED
from urbact_calls.domain.vocabulary import NetworkType

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "urbact_calls" / "domain" / "eligibility" / "rules"
TESTS = ROOT / "tests" / "domain" / "eligibility" / "rules"

# The codes of the first version of the rule book; they are public, so one that disappears is a broken promise.
FIRST_VERSION = "2026.1"
CODES = {
    *("submission.on_time", "submission.complete", "submission.in_english"),
    *("lead_partner.is_city", "lead_partner.holds_label", "lead_partner.leads_once"),
    *("partnership.size", "partnership.distinct", "partnership.non_city", "partnership.participations"),
    *("geography.countries", "geography.legal_floor", "geography.one_per_country", "geography.regional_balance"),
    *("geography.region_known", "geography.eligible_countries", "geography.ipa_ndici_limit"),
    *("documents.lead_letter", "documents.partner_letters"),
    *("budget.ceiling", "budget.consistent", "financing.rates"),
    *("content.theme", "content.practice_named", "schedule.call_dates", "declarations.exclusion"),
}
# Only a person can answer these with yes, so their good case is "to be checked".
ANSWERED_BY_A_PERSON = {
    *("submission.in_english", "lead_partner.is_city", "documents.lead_letter", "declarations.exclusion"),
}
# What speaks against a region is for a person to look at and excludes nobody, so its bad case is "to be checked".
DOUBTED_AT_MOST = {"geography.region_known"}


def outcomes_of(tree: ast.Module) -> dict[str, set[str]]:
    """The outcomes that the cases of a test module expect, by rule code."""
    found: dict[str, set[str]] = {}
    for test in ast.walk(tree):
        if not isinstance(test, ast.FunctionDef):
            continue
        for decorator in test.decorator_list:
            if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "cases":
                code = ast.literal_eval(decorator.args[0])
                calls = (node for node in ast.walk(test) if isinstance(node, ast.Call))
                cases = (call for call in calls if getattr(call.func, "id", "") == "case")
                found.setdefault(code, set()).update(word.arg or "" for call in cases for word in call.keywords)
    return found


TESTED = {
    path.stem.removeprefix("test_"): outcomes_of(ast.parse(path.read_text(encoding="utf-8")))
    for path in TESTS.glob("test_*.py")
}


def test_the_rule_book_holds_the_codes_of_the_programme():
    assert sorted(CODES - set(RULEBOOK)) == []


def test_a_rule_that_is_added_or_removed_raises_the_version_of_the_rule_book():
    raised = "raise RULEBOOK_VERSION and the number beside it in urbact_calls/domain/eligibility/rulebook.py"

    assert len(RULEBOOK) == RULES_OF_THIS_VERSION, raised
    assert RULEBOOK_VERSION != FIRST_VERSION or set(RULEBOOK) == CODES, raised


@pytest.mark.parametrize("code", sorted(RULEBOOK))
def test_every_rule_has_a_good_and_a_bad_case_in_the_test_of_its_module(code):
    module = code.split(".")[0]
    good = "to_be_checked" if code in ANSWERED_BY_A_PERSON else "met"
    bad = "to_be_checked" if code in DOUBTED_AT_MOST else "not_met"

    missing = sorted({good, bad} - TESTED[module].get(code, set()))
    assert missing == [], f"add these cases of {code} to tests/domain/eligibility/rules/test_{module}.py"


@pytest.mark.parametrize("code", sorted(RULEBOOK))
def test_the_prefix_of_a_code_is_its_module(code):
    assert RULEBOOK[code].ask.__module__ == f"urbact_calls.domain.eligibility.rules.{code.split('.')[0]}"


def test_every_module_of_rules_has_its_test_and_every_test_its_module():
    assert {path.stem for path in RULES.glob("[!_]*.py")} == set(TESTED)


@pytest.mark.parametrize("code", sorted(RULEBOOK))
def test_every_rule_has_a_sentence_as_title_and_a_source(code):
    title, source = str(RULEBOOK[code].title), RULEBOOK[code].source

    assert re.fullmatch(r"[A-Z][^.]+ [^.]+[^.\s]", title), title
    assert re.match(r"Terms of Reference, \w+|Reg\. \(EU", source), source


def test_two_rules_cannot_share_a_code():
    with pytest.raises(ValueError, match=r"two rules share the code partnership\.size"):
        rule(code="partnership.size", title="Another", source="Nowhere")(lambda dossier, terms: met(QUOTED(words="")))


def test_every_network_type_has_a_kind_that_names_only_rules_of_the_book():
    named = set(LABEL_CALL_RULES).union(*(kind.rules for kind in KINDS.values()))

    assert sorted(set(NetworkType) - set(KINDS)) == [], "no module of domain/network_types has this KIND"
    assert sorted(set(RULEBOOK) - named) == [], "no type names it: add it to domain/network_types/codes.py or to a type"
