"""The rules of `eligibility/rules/budget.py`."""

from dataclasses import replace

from tests.domain.eligibility.cases import cases
from tests.domain.eligibility.dossiers import grid, partners
from urbact_calls.domain.money import Euro, Rate
from urbact_calls.domain.terms import CostMethod, CostTerm
from urbact_calls.domain.vocabulary import CostCategory
from urbact_calls.reference.known_calls import historic_terms

STAFF, OFFICE, TRAVEL = CostCategory.STAFF, CostCategory.OFFICE_ADMIN, CostCategory.TRAVEL_ACCOMMODATION
WORKS = CostCategory.INFRASTRUCTURE_WORKS


@cases("budget.ceiling", terms={"budget_ceiling": Euro.whole(850_000)})
def test_ceiling(case):
    case(partners(8, budget_total=Euro.parse("850000.00")), met="€850,000 planned")
    case(partners(8, budget_total=Euro.parse("850000.01")), not_met="Take €0.01 off any line.")
    case(partners(8, budget=grid((1, STAFF, 85_000_001))), not_met="€850,000.01 planned")
    case(partners(8), to_be_checked="does not say")


@cases("budget.ceiling", terms={"budget_ceiling": None})
def test_ceiling_where_the_call_fixes_none(case):
    case(partners(8, budget_total=Euro.whole(1)), not_enforced="does not fix")


@cases("budget.consistent")
def test_consistent(case):
    fair = grid((1, STAFF, 10_001), (1, OFFICE, 1_500), (2, TRAVEL, 999))
    case(partners(8, budget=fair), met="adds up to €125")
    case(partners(8, budget=fair, budget_total=Euro(12_500)), met="adds up")
    case(partners(8, budget=fair, budget_total=Euro(12_501)), not_met="the stated total is €125.01")
    case(partners(8, budget=grid((1, STAFF, 10_000), (1, OFFICE, 1_501))), not_met="15 % of €100 for staff is €15.")
    case(partners(8, budget=grid((1, STAFF, 10_000))), not_met="€0 for office and administration")
    case(partners(8, budget=grid((3, WORKS, 1))), not_met="infrastructure and works, which the call does not pay")
    case(partners(8), to_be_checked="no budget grid")


@cases("budget.consistent")
def test_a_ceiling_says_nothing_about_real_costs(case):
    case(partners(8, budget=grid((1, TRAVEL, 99_999))), met="adds up")


CAPPED = CostTerm(category=TRAVEL, allowed=True, method=CostMethod.FLAT_RATE_OF_STAFF, rate_ceiling=Rate(1500))
STAFF_ONLY = replace(historic_terms("APN-2023").cost_term(STAFF))


@cases("budget.consistent", terms={"cost_categories": (STAFF_ONLY, CAPPED)})
def test_a_ceiling_counts_where_the_method_is_a_flat_rate(case):
    case(partners(8, budget=grid((1, STAFF, 10_000), (1, TRAVEL, 1_500))), met="adds up")
    case(partners(8, budget=grid((1, STAFF, 10_000), (1, TRAVEL, 1_501))), not_met="at most 15 %")


@cases("budget.consistent", terms={"cost_categories": ()})
def test_consistent_where_the_call_has_no_categories(case):
    case(partners(8, budget=grid((1, STAFF, 1))), not_enforced="no cost categories")
