"""Rules on financing: no fund above its rate, and a plan that balances partner by partner."""

from collections.abc import Iterator

from urbact_calls.domain.dossier import BudgetFacts, Dossier, FinancingLine, PartnerFacts
from urbact_calls.domain.eligibility.finding import Answer, met, not_enforced, not_met, to_be_checked
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.eligibility.wording import all_named, named
from urbact_calls.domain.money import Euro, share, total
from urbact_calls.domain.terms import CallTerms, CofinancingTerm
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.vocabulary import CountryGroup, RegionCategory

NO_RATES = message("financing.rates.none", "The call has no co-financing rates.")
NO_PLAN = message("financing.rates.no_plan", "The dossier holds no financing plan.")
FAULTS = message(
    "financing.rates.faults",
    "{count} faults in the financing plan. {faults:sentences}",
    one="{count} fault in the financing plan. {faults:sentences}",
)
REGION_UNKNOWN = message("financing.rates.region_unknown", "The region decides the rate and is not known: {partners}.")
BALANCES = message(
    "financing.rates.balances",
    "The plan balances and no fund pays more than its rate for {count} partners.",
    one="The plan balances and no fund pays more than its rate for {count} partner.",
)
UNBALANCED = message("financing.rates.unbalanced", "{partner}: {planned} planned, {paid} financed.")
OTHER_FUND = message("financing.rates.other_fund", "{partner}: {named} is named; its fund is {right}.")
ABOVE_RATE = message(
    "financing.rates.above_rate", "{partner}: {amount} from {fund}; at most {rate} of {planned}, that is {most}."
)


@rule(
    code="financing.rates",
    title="No fund pays more than its rate, and the financing plan balances",
    source="Terms of Reference, co-financing rates; Reg. (EU) 2021/1059, Article 13",
)
def rates(dossier: Dossier, terms: CallTerms) -> Answer:
    if not terms.cofinancing:
        return not_enforced(NO_RATES())
    if dossier.budget is None or dossier.budget.financing is None:
        return to_be_checked(NO_PLAN())

    faults, open_questions = list(_balance_faults(dossier, dossier.budget)), []
    for line in dossier.budget.financing:
        partner = dossier.partners[line.partner - 1]
        planned = line.fund_amount + line.own_amount
        possible = _possible_terms(partner, terms)
        fitting = [_is_within(term, line, planned) for term in possible]
        if possible and not any(fitting):
            faults.append(_rate_fault(partner, line, planned, possible))
        elif not all(fitting):
            open_questions.append(partner)

    if faults:
        return not_met(FAULTS(count=len(faults), faults=tuple(faults)))
    if open_questions:
        return to_be_checked(REGION_UNKNOWN(partners=all_named(open_questions)))
    return met(BALANCES(count=len(dossier.partners)))


def _balance_faults(dossier: Dossier, budget: BudgetFacts) -> Iterator[Text]:
    assert budget.financing is not None  # noqa: S101 -- the caller asked; this tells the type checker
    for number, partner in enumerate(dossier.partners, start=1):
        lines = [line for line in budget.financing if line.partner == number]
        paid = total([line.fund_amount + line.own_amount for line in lines])
        if paid != budget.total_of(number):
            yield UNBALANCED(partner=named(partner), planned=budget.total_of(number), paid=paid)


def _possible_terms(partner: PartnerFacts, terms: CallTerms) -> list[CofinancingTerm]:
    """The rates that may be right for a partner: one, all regions' while its own is not known, none outside.

    A partner from a country that the call does not admit is the fault of another rule.
    """
    if not terms.admits(partner.country):
        return []
    known = terms.cofinancing_for(partner.country, partner.region_category)
    if known is not None:
        return [known]
    if terms.group_of(partner.country) is not CountryGroup.MS:
        return []
    guesses = (terms.cofinancing_for(partner.country, category) for category in RegionCategory)
    return [guess for guess in guesses if guess is not None]


def _is_within(term: CofinancingTerm, line: FinancingLine, planned: Euro) -> bool:
    return line.fund is term.fund and line.fund_amount <= share(planned, term.rate)


def _rate_fault(partner: PartnerFacts, line: FinancingLine, planned: Euro, possible: list[CofinancingTerm]) -> Text:
    best = max(possible, key=lambda term: term.rate)
    if line.fund is not best.fund:
        return OTHER_FUND(partner=named(partner), named=line.fund.text, right=best.fund.text)
    return ABOVE_RATE(
        partner=named(partner),
        amount=line.fund_amount,
        fund=line.fund.text,
        rate=best.rate,
        planned=planned,
        most=share(planned, best.rate),
    )
