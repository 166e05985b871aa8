"""Rules on the budget: not above the ceiling, and a grid that adds up."""

from collections.abc import Iterator

from urbact_calls.domain.dossier import BudgetFacts, Dossier
from urbact_calls.domain.eligibility.finding import Answer, met, not_enforced, not_met, to_be_checked
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.eligibility.wording import named
from urbact_calls.domain.money import Euro, share
from urbact_calls.domain.terms import CallTerms, CostMethod, CostTerm
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.vocabulary import CostCategory

NO_CEILING = message("budget.ceiling.none", "The call does not fix a ceiling.")
NO_TOTAL = message("budget.ceiling.no_total", "The dossier does not say the total budget.")
PLANNED = message("budget.ceiling.planned", "{planned} planned; the ceiling of the call is {ceiling}.")
TAKE_OFF = message("budget.ceiling.fix", "Take {surplus} off any line.")


@rule(
    code="budget.ceiling",
    title="The total eligible budget is not above the ceiling of the call",
    source="Terms of Reference, budget of the network",
)
def ceiling(dossier: Dossier, terms: CallTerms) -> Answer:
    if terms.budget_ceiling is None:
        return not_enforced(NO_CEILING())
    planned = dossier.total_budget
    if planned is None:
        return to_be_checked(NO_TOTAL())

    said = PLANNED(planned=planned, ceiling=terms.budget_ceiling)
    if planned <= terms.budget_ceiling:
        return met(said)
    return not_met(said, fix=TAKE_OFF(surplus=planned - terms.budget_ceiling))


NO_CATEGORIES = message("budget.consistent.no_categories", "The call has no cost categories.")
NO_GRID = message("budget.consistent.no_grid", "The dossier holds no budget grid.")
ADDS_UP = message("budget.consistent.adds_up", "The grid adds up to {total}.")
FAULTS = message(
    "budget.consistent.faults",
    "{count} faults in the grid. {faults:sentences}",
    one="{count} fault in the grid. {faults:sentences}",
)
OTHER_TOTAL = message("budget.consistent.other_total", "The grid adds up to {total} and the stated total is {stated}.")
NOT_PAID = message(
    "budget.consistent.not_paid", "{partner}: {amount} for {category:lower}, which the call does not pay."
)
OTHER_RATE = message(
    "budget.consistent.other_rate", "{partner}: {amount} for {category:lower}; {rate} of {staff} for staff is {right}."
)
ABOVE_RATE = message(
    "budget.consistent.above_rate",
    "{partner}: {amount} for {category:lower}; at most {rate} of {staff} for staff is {most}.",
)


@rule(
    code="budget.consistent",
    title="The grid adds up, with the flat rates and cost categories of the call",
    source="Reg. (EU) 2021/1059, Articles 39 to 44; Reg. (EU) 2021/1060, Article 54",
)
def consistent(dossier: Dossier, terms: CallTerms) -> Answer:
    if not terms.cost_categories:
        return not_enforced(NO_CATEGORIES())
    if dossier.budget is None:
        return to_be_checked(NO_GRID())

    faults = (*_sum_faults(dossier, dossier.budget), *_category_faults(dossier, dossier.budget, terms))
    if not faults:
        return met(ADDS_UP(total=dossier.budget.total))
    return not_met(FAULTS(count=len(faults), faults=faults))


def _sum_faults(dossier: Dossier, grid: BudgetFacts) -> Iterator[Text]:
    if dossier.budget_total is not None and dossier.budget_total != grid.total:
        yield OTHER_TOTAL(total=grid.total, stated=dossier.budget_total)


def _category_faults(dossier: Dossier, grid: BudgetFacts, terms: CallTerms) -> Iterator[Text]:
    for number, partner in enumerate(dossier.partners, start=1):
        staff = grid.amount_of(number, CostCategory.STAFF)
        for category in CostCategory:
            term, amount = terms.cost_term(category), grid.amount_of(number, category)
            if not term.allowed:
                if amount:
                    yield NOT_PAID(partner=named(partner), amount=amount, category=category.text)
            elif term.method is CostMethod.FLAT_RATE_OF_STAFF:
                yield from _flat_rate_faults(named(partner), term, amount, staff)


def _flat_rate_faults(partner: str, term: CostTerm, amount: Euro, staff: Euro) -> Iterator[Text]:
    """Faults of a category that is reckoned from staff cost; a ceiling says nothing about real costs."""
    said, rate, most = term.category.text, term.rate, term.rate_ceiling
    if rate is not None and amount != share(staff, rate):
        yield OTHER_RATE(
            partner=partner, amount=amount, category=said, rate=rate, staff=staff, right=share(staff, rate)
        )
    elif most is not None and amount > share(staff, most):
        yield ABOVE_RATE(partner=partner, amount=amount, category=said, rate=most, staff=staff, most=share(staff, most))
