"""The rules of `eligibility/rules/financing.py`."""

from tests.domain.eligibility.cases import cases
from tests.domain.eligibility.dossiers import MORE, grid, led, paid, partner, partners
from urbact_calls.domain.vocabulary import CostCategory, Fund

STAFF = CostCategory.STAFF


def planned(cents, *financing):
    return grid((1, STAFF, cents), financing=financing)


@cases("financing.rates")
def test_rates(case):
    less, more = partner("GR"), partner("DE", region_category=MORE)
    case(led(less, budget=planned(1_001, paid(1, 800, 201))), met="The plan balances")
    case(led(less, budget=planned(1_001, paid(1, 801, 200))), not_met="at most 80 % of €10.01, that is €8.")
    case(led(more, budget=planned(1_000, paid(1, 651, 349))), not_met="at most 65 %")
    case(led(less, budget=planned(1_000, paid(1, 800, 199))), not_met="€10 planned, €9.99 financed")
    case(led(less, budget=planned(1_000)), not_met="€10 planned, €0 financed")
    case(led(less, budget=planned(1_000, paid(1, 500, 500, fund=Fund.IPA))), not_met="its fund is ERDF")
    case(led(less, budget=grid((1, STAFF, 1_000))), to_be_checked="no financing plan")
    case(partners(8), to_be_checked="no financing plan")


@cases("financing.rates")
def test_countries_outside_the_union_have_their_own_fund_and_rate(case):
    case(led(partner("RS"), budget=planned(1_000, paid(1, 950, 50, fund=Fund.IPA))), met="balances")
    case(led(partner("NO"), budget=planned(1_000, paid(1, 501, 499, fund=Fund.NO_NATIONAL))), not_met="at most 50 %")
    case(led(partner("CH"), budget=planned(1_000, paid(1, 500, 500, fund=Fund.CH_NATIONAL))), met="balances")


@cases("financing.rates")
def test_an_unknown_region_leaves_the_rate_open(case):
    unknown = partner("GR", region_category=None)
    case(led(unknown, budget=planned(1_000, paid(1, 650, 350))), met="balances")
    case(led(unknown, budget=planned(1_000, paid(1, 750, 250))), to_be_checked="region decides the rate")
    case(led(unknown, budget=planned(1_000, paid(1, 801, 199))), not_met="at most 80 %")


@cases("financing.rates")
def test_a_country_that_is_not_admitted_is_the_fault_of_another_rule(case):
    case(led(partner("TR"), budget=planned(1_000, paid(1, 1_000, 0))), met="balances")


@cases("financing.rates", terms={"cofinancing": ()})
def test_rates_where_the_call_has_none(case):
    case(partners(8), not_enforced="no co-financing rates")
