"""Countries and regions.

A partner from a country that the call does not admit counts in the size and in the countries, counts in the
balance as neither less developed nor transition, and is reported by `geography.eligible_countries` alone.
"""

from collections import Counter

from urbact_calls.domain.dossier import Dossier, PartnerFacts
from urbact_calls.domain.eligibility.finding import Answer, met, not_enforced, not_met, to_be_checked
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.eligibility.wording import all_named, count, listed
from urbact_calls.domain.money import share_of
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import CountryGroup, RegionCategory

# The law, for every URBACT operation: not a term of a call.
LEGAL_COUNTRIES = 3
LEGAL_MEMBER_STATE_BENEFICIARIES = 2


@rule(
    code="geography.countries",
    title="The partners come from enough countries",
    source="Terms of Reference, composition of the partnership",
)
def countries(dossier: Dossier, terms: CallTerms) -> Answer:
    if terms.countries_min is None:
        return not_enforced("The call does not fix a number of countries.")

    here = dossier.countries
    said = f"{count(len(here), 'country', 'countries')} ({', '.join(here)}); at least {terms.countries_min} are needed."
    if len(here) >= terms.countries_min:
        return met(said)
    gap = terms.countries_min - len(here)
    return not_met(said, fix=f"Partners from {count(gap, 'more country', 'more countries')} are enough.")


@rule(
    code="geography.legal_floor",
    title="At least three participating countries, and at least two beneficiaries from Member States",
    source="Reg. (EU) 2021/1059, Article 23(1)",
)
def legal_floor(dossier: Dossier, terms: CallTerms) -> Answer:
    here = len(dossier.countries)
    beneficiaries = sum(terms.group_of(partner.country) is CountryGroup.MS for partner in dossier.partners)
    said = (
        f"{count(here, 'country', 'countries')} and {count(beneficiaries, 'beneficiary', 'beneficiaries')} from Member "
        f"States; the law asks for {LEGAL_COUNTRIES} and {LEGAL_MEMBER_STATE_BENEFICIARIES}."
    )
    if here >= LEGAL_COUNTRIES and beneficiaries >= LEGAL_MEMBER_STATE_BENEFICIARIES:
        return met(said)
    return not_met(said)


@rule(
    code="geography.one_per_country",
    title="No country has more partners than the call allows",
    source="Terms of Reference, composition of the partnership",
)
def one_per_country(dossier: Dossier, terms: CallTerms) -> Answer:
    most = terms.per_country_max
    if most is None:
        return not_enforced("The call does not limit the number of partners per country.")

    counted = [
        partner.country
        for partner in dossier.partners
        if terms.admits(partner.country) and (terms.per_country_counts_lead or not partner.is_lead)
    ]
    who = "partner" if terms.per_country_counts_lead else "project partner"
    crowded = {country: number for country, number in sorted(Counter(counted).items()) if number > most}
    if not crowded:
        return met(f"No country has more than {count(most, who)}.")
    said = listed(f"{number} from {country}" for country, number in crowded.items())
    surplus = sum(crowded.values()) - most * len(crowded)
    return not_met(
        f"{said}; the call allows {count(most, who)} per country.",
        fix=f"Replace {count(surplus, 'partner')} by one from another country.",
    )


@rule(
    code="geography.regional_balance",
    title="Enough partners come from less developed and transition regions",
    source="Terms of Reference, regional balance; Implementing Decision (EU) 2021/1130 for the categories",
)
def regional_balance(dossier: Dossier, terms: CallTerms) -> Answer:
    if terms.balance_share is None:
        return not_enforced("The call does not fix a regional balance.")

    number = len(dossier.partners)
    # Rounded down: 28 of 28 known approved partnerships of 2023 fit, eight of them exactly (rules.md).
    needed = share_of(number, terms.balance_share.basis_points)
    standings = [_counts_for_balance(partner, terms) for partner in dossier.partners]
    sure, unknown = standings.count(True), standings.count(None)
    said = (
        f"{sure} of {number} partners come from less developed or transition regions; "
        f"this call asks for {needed} ({terms.balance_share}, rounded down)."
    )
    if sure >= needed:
        return met(said)
    if sure + unknown >= needed:
        return to_be_checked(f"{said} The region of {count(unknown, 'partner')} is not known.")
    gap = needed - sure - unknown
    return not_met(said, fix=f"Exchange {count(gap, 'partner')} for {'one' if gap == 1 else gap} from such a region.")


def _counts_for_balance(partner: PartnerFacts, terms: CallTerms) -> bool | None:
    """Whether a partner counts as less developed or transition; None if its region is not known."""
    if not terms.admits(partner.country):
        return False
    match terms.group_of(partner.country):
        case CountryGroup.IPA | CountryGroup.NDICI:
            category: RegionCategory | None = terms.ipa_ndici_count_as
        case CountryGroup.PARTNER_STATES:
            category = terms.no_ch_count_as
        case _:
            category = partner.region_category
    return None if category is None else category is not RegionCategory.MORE_DEVELOPED


@rule(
    code="geography.eligible_countries",
    title="Every partner sits in a country eligible for this call",
    source="Terms of Reference, eligible area",
)
def eligible_countries(dossier: Dossier, terms: CallTerms) -> Answer:
    outside = [partner for partner in dossier.partners if not terms.admits(partner.country)]
    if not outside:
        return met(f"All {len(dossier.partners)} partners sit in eligible countries.")
    return not_met(
        f"{count(len(outside), 'partner')} from a country that this call does not admit: {all_named(outside)}.",
        fix=f"Replace {count(len(outside), 'partner')}, or let them follow at their own cost.",
    )


@rule(
    code="geography.ipa_ndici_limit",
    title="Partners from IPA and NDICI countries are within the limits of the call",
    source="Terms of Reference, eligible area",
)
def ipa_ndici_limit(dossier: Dossier, terms: CallTerms) -> Answer:
    limits = {
        group: most
        for group, most in ((CountryGroup.IPA, terms.ipa_max), (CountryGroup.NDICI, terms.ndici_max))
        if most is not None and group in terms.admitted_groups
    }
    if not limits:
        return not_enforced("The call does not limit partners of the groups that it admits.")

    groups = Counter(terms.group_of(partner.country) for partner in dossier.partners)
    said = listed(f"{groups[group]} of at most {most} from {group}" for group, most in limits.items())
    surplus = sum(max(groups[group] - most, 0) for group, most in limits.items())
    if not surplus:
        return met(f"{said}.")
    return not_met(f"{said}.", fix=f"Replace {count(surplus, 'partner')}.")
