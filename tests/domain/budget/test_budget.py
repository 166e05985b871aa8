"""Shares go down to the cent, the partner takes the rest, and nothing is lost."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.eligibility.dossiers import MORE, TRANSITION, grid, led, paid, partner
from urbact_calls.domain.budget import (
    financing_plan,
    flat_rate_amount,
    network_rate,
    partner_share,
    partner_shares,
    per_fund,
    totals,
)
from urbact_calls.domain.eligibility.rulebook import RULEBOOK
from urbact_calls.domain.money import Euro, Rate
from urbact_calls.domain.vocabulary import CostCategory, Fund
from urbact_calls.reference.known_calls import historic_terms

TERMS = historic_terms("APN-2023")
STAFF, TRAVEL = CostCategory.STAFF, CostCategory.TRAVEL_ACCOMMODATION
FIVE = (
    partner("GR"),
    partner("ES", region_category=TRANSITION),
    partner("DE", region_category=MORE),
    partner("RS", region_category=None),
    partner("NO", region_category=None),
)
BUDGET = grid(*((number, STAFF, 10_001) for number in range(1, 6)))


def test_every_partner_has_the_fund_and_rate_of_its_region_or_country():
    shares = partner_shares(FIVE, BUDGET, TERMS)

    assert [(each.fund, each.rate, each.fund_amount, each.own_amount) for each in shares] == [
        (Fund.ERDF, Rate(8000), Euro(8_000), Euro(2_001)),
        (Fund.ERDF, Rate(7000), Euro(7_000), Euro(3_001)),
        (Fund.ERDF, Rate(6500), Euro(6_500), Euro(3_501)),
        (Fund.IPA, Rate(9500), Euro(9_500), Euro(501)),
        (Fund.NO_NATIONAL, Rate(5000), Euro(5_000), Euro(5_001)),
    ]


def test_sums_are_kept_per_fund_and_the_rate_of_the_network_is_only_shown():
    shares = partner_shares(FIVE, BUDGET, TERMS)

    assert per_fund(shares) == {Fund.ERDF: Euro(21_500), Fund.IPA: Euro(9_500), Fund.NO_NATIONAL: Euro(5_000)}
    assert network_rate(shares) == Rate(7199)
    assert network_rate([]) is None


def test_a_partner_without_known_rate_pays_everything_for_now():
    for country, region in (("GR", None), ("TR", None), ("UA", None)):
        share = partner_share(1, partner(country, region_category=region), Euro(100), TERMS)

        assert (share.fund, share.fund_amount, share.own_amount) == (None, Euro(0), Euro(100))


def test_a_plan_needs_a_fund_for_every_partner_with_a_budget():
    unknown = partner("GR", region_category=None)

    assert financing_plan(partner_shares((unknown,), grid((1, STAFF, 100)), TERMS)) is None
    assert financing_plan(partner_shares((unknown, FIVE[0]), grid((2, STAFF, 100)), TERMS)) == (paid(2, 80, 20),)


@given(st.lists(st.integers(0, 10**11), min_size=5, max_size=5))
def test_the_plan_that_is_calculated_meets_the_rule(cents):
    budget = grid(*((number, STAFF, amount) for number, amount in enumerate(cents, start=1)))
    plan = financing_plan(partner_shares(FIVE, budget, TERMS))

    finding = RULEBOOK["financing.rates"].examine(
        led(*FIVE, budget=replace(budget, financing=plan)), TERMS, is_named=True
    )

    assert finding.outcome == "met"


def test_totals_say_what_is_over_the_ceiling():
    sums = totals(grid((1, STAFF, 60_000_000), (2, TRAVEL, 25_000_001)), TERMS, partners=3)

    assert (sums.whole, sums.over) == (Euro(85_000_001), Euro(1))
    assert sums.per_partner == {1: Euro(60_000_000), 2: Euro(25_000_001), 3: Euro(0)}
    assert sums.per_category[TRAVEL] == Euro(25_000_001)
    assert totals(grid((1, STAFF, 85_000_000)), TERMS, partners=1).over == Euro(0)
    assert totals(grid((1, STAFF, 85_000_001)), replace(TERMS, budget_ceiling=None), partners=1).over == Euro(0)


def test_a_flat_rate_is_reckoned_from_staff_cost():
    assert flat_rate_amount(CostCategory.OFFICE_ADMIN, Euro(10_001), TERMS) == Euro(1_500)
    assert flat_rate_amount(TRAVEL, Euro(10_001), TERMS) is None
