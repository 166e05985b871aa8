"""The budget: not above the ceiling, and a grid that adds up."""

from collections.abc import Iterator

from urbact_calls.domain.dossier import BudgetFacts, Dossier
from urbact_calls.domain.eligibility.finding import Answer, met, not_enforced, not_met, to_be_checked
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.eligibility.wording import count, named
from urbact_calls.domain.money import Euro, share
from urbact_calls.domain.terms import CallTerms, CostMethod, CostTerm
from urbact_calls.domain.vocabulary import CostCategory


@rule(
    code="budget.ceiling",
    title="The total eligible budget is not above the ceiling of the call",
    source="Terms of Reference, budget of the network",
)
def ceiling(dossier: Dossier, terms: CallTerms) -> Answer:
    if terms.budget_ceiling is None:
        return not_enforced("The call does not fix a ceiling.")
    planned = dossier.total_budget
    if planned is None:
        return to_be_checked("The dossier does not say the total budget.")

    said = f"{planned} planned; the ceiling of the call is {terms.budget_ceiling}."
    if planned <= terms.budget_ceiling:
        return met(said)
    return not_met(said, fix=f"Take {planned - terms.budget_ceiling} off any line.")


@rule(
    code="budget.consistent",
    title="The grid adds up, with the flat rates and cost categories of the call",
    source="Reg. (EU) 2021/1059, Articles 39 to 44; Reg. (EU) 2021/1060, Article 54",
)
def consistent(dossier: Dossier, terms: CallTerms) -> Answer:
    if not terms.cost_categories:
        return not_enforced("The call has no cost categories.")
    if dossier.budget is None:
        return to_be_checked("The dossier holds no budget grid.")

    faults = [*_sum_faults(dossier, dossier.budget), *_category_faults(dossier, dossier.budget, terms)]
    if not faults:
        return met(f"The grid adds up to {dossier.budget.total}.")
    return not_met(f"{count(len(faults), 'fault')} in the grid. {' '.join(faults)}")


def _sum_faults(dossier: Dossier, grid: BudgetFacts) -> Iterator[str]:
    if dossier.budget_total is not None and dossier.budget_total != grid.total:
        yield f"The grid adds up to {grid.total} and the stated total is {dossier.budget_total}."


def _category_faults(dossier: Dossier, grid: BudgetFacts, terms: CallTerms) -> Iterator[str]:
    for number, partner in enumerate(dossier.partners, start=1):
        staff = grid.amount_of(number, CostCategory.STAFF)
        for category in CostCategory:
            term, amount = terms.cost_term(category), grid.amount_of(number, category)
            if not term.allowed:
                if amount:
                    yield f"{named(partner)}: {amount} for {category.label.lower()}, which the call does not pay."
            elif term.method is CostMethod.FLAT_RATE_OF_STAFF:
                for fault in _flat_rate_faults(term, amount, staff):
                    yield f"{named(partner)}: {fault}"


def _flat_rate_faults(term: CostTerm, amount: Euro, staff: Euro) -> Iterator[str]:
    """Faults of a category that is reckoned from staff cost; a ceiling says nothing about real costs."""
    said = f"{amount} for {term.category.label.lower()}"
    if term.rate is not None and amount != share(staff, term.rate):
        yield f"{said}; {term.rate} of {staff} for staff is {share(staff, term.rate)}."
    elif term.rate_ceiling is not None and amount > share(staff, term.rate_ceiling):
        yield f"{said}; at most {term.rate_ceiling} of {staff} for staff is {share(staff, term.rate_ceiling)}."
