"""Budget of a partnership: who pays for planned cost, to the cent, and what exceeds the ceiling of the call.

The fund's share goes down to the cent, the partner takes the rest (`domain.md` 5.1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from urbact_calls.domain.dossier import BudgetFacts, FinancingLine, PartnerFacts
from urbact_calls.domain.money import NOTHING, Euro, Rate, rate_between, share, total
from urbact_calls.domain.terms import CallTerms, CostMethod
from urbact_calls.domain.vocabulary import CostCategory, Fund


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerShare:
    """One partner's plan. Without a known rate `fund` and `rate` are None and the partner pays everything."""

    partner: int
    planned: Euro
    fund: Fund | None
    rate: Rate | None
    fund_amount: Euro
    own_amount: Euro


def partner_share(number: int, partner: PartnerFacts, planned: Euro, terms: CallTerms) -> PartnerShare:
    """The share of one partner at the call's rate for its region or country.

    A partner from a country that the call does not admit, or whose region is not known yet, gets no fund.
    """
    term = terms.cofinancing_for(partner.country, partner.region_category) if terms.admits(partner.country) else None
    fund_amount = share(planned, term.rate) if term else NOTHING
    return PartnerShare(
        partner=number,
        planned=planned,
        fund=term.fund if term else None,
        rate=term.rate if term else None,
        fund_amount=fund_amount,
        own_amount=planned - fund_amount,
    )


def partner_shares(partners: Iterable[PartnerFacts], budget: BudgetFacts, terms: CallTerms) -> tuple[PartnerShare, ...]:
    """The plan of every partner, in the order of the partners."""
    return tuple(
        partner_share(number, partner, budget.total_of(number), terms)
        for number, partner in enumerate(partners, start=1)
    )


def financing_plan(shares: Iterable[PartnerShare]) -> tuple[FinancingLine, ...] | None:
    """The plan as a dossier keeps it; None while a partner with a budget has no fund yet."""
    planned = [each for each in shares if each.planned]
    lines = [
        FinancingLine(partner=each.partner, fund=each.fund, fund_amount=each.fund_amount, own_amount=each.own_amount)
        for each in planned
        if each.fund is not None
    ]
    return tuple(lines) if len(lines) == len(planned) else None


def per_fund(shares: Iterable[PartnerShare | FinancingLine]) -> dict[Fund, Euro]:
    """What each fund pays, in the order of the vocabulary; funds that pay nothing are left out."""
    sums: dict[Fund, Euro] = {}
    for each in shares:
        if each.fund is not None and each.fund_amount:
            sums[each.fund] = sums.get(each.fund, NOTHING) + each.fund_amount
    return {fund: sums[fund] for fund in Fund if fund in sums}


def network_rate(shares: Iterable[PartnerShare]) -> Rate | None:
    """The funds' share of the whole, only to be shown; no amount is ever calculated from it."""
    every = list(shares)
    return rate_between(total([each.fund_amount for each in every]), total([each.planned for each in every]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums per category and per partner (counted from 1), and the whole against the ceiling of the call."""

    per_category: dict[CostCategory, Euro]
    per_partner: dict[int, Euro]
    whole: Euro
    ceiling: Euro | None

    @property
    def over(self) -> Euro:
        """How much must come off; nothing within the ceiling or without one."""
        return self.whole - self.ceiling if self.ceiling is not None and self.whole > self.ceiling else NOTHING


def totals(budget: BudgetFacts, terms: CallTerms, *, partners: int) -> Totals:
    """The sums of a grid for a partnership of so many partners; categories in the order of the vocabulary."""
    return Totals(
        per_category={
            category: total([line.amount for line in budget.lines if line.category is category])
            for category in CostCategory
        },
        per_partner={number: budget.total_of(number) for number in range(1, partners + 1)},
        whole=budget.total,
        ceiling=terms.budget_ceiling,
    )


def flat_rate_amount(category: CostCategory, staff: Euro, terms: CallTerms) -> Euro | None:
    """What a category costs where the call reckons it from staff cost; None where people enter the amount."""
    term = terms.cost_term(category)
    if term.method is not CostMethod.FLAT_RATE_OF_STAFF or term.rate is None:
        return None
    return share(staff, term.rate)
