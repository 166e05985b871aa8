"""Totals of the budget: sums of the grid, and what exceeds a limit."""

from __future__ import annotations

from dataclasses import dataclass

from urbact_calls.domain.dossier import BudgetFacts
from urbact_calls.domain.money import NOTHING, Euro, share, total
from urbact_calls.domain.terms import CallTerms, CostMethod
from urbact_calls.domain.vocabulary import CostCategory


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

    @property
    def room(self) -> Euro | None:
        """How much may still be planned; None without a ceiling."""
        return None if self.ceiling is None else max(self.ceiling - self.whole, NOTHING)


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
