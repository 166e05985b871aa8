"""Rules on countries and regions.

A partner from a country that the call does not admit counts in the size and in the countries, counts in the
balance as neither less developed nor transition, and is reported by `geography.eligible_countries` alone. Each
organisation counts once, however often it is entered.
"""

from collections import Counter

from urbact_calls.domain.dossier import Dossier, PartnerFacts
from urbact_calls.domain.eligibility.city_names import counted_once
from urbact_calls.domain.eligibility.finding import Answer, met, not_enforced, not_met, to_be_checked
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.eligibility.wording import all_named, named
from urbact_calls.domain.money import share_of
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.vocabulary import CountryGroup, RegionCategory

# The law, for every URBACT operation: not a term of a call.
LEGAL_COUNTRIES = 3
LEGAL_MEMBER_STATE_BENEFICIARIES = 2

NO_NUMBER = message("geography.countries.none", "The call does not fix a number of countries.")
FROM_COUNTRIES = message(
    "geography.countries.number",
    "{count} countries ({countries:comma}); at least {least} are needed.",
    one="{count} country ({countries:comma}); at least {least} are needed.",
)
MORE_COUNTRIES = message(
    "geography.countries.fix",
    "Partners from {count} more countries are enough.",
    one="Partners from {count} more country are enough.",
)


@rule(
    code="geography.countries",
    title="The partners come from enough countries",
    source="Terms of Reference, composition of the partnership",
)
def countries(dossier: Dossier, terms: CallTerms) -> Answer:
    if terms.countries_min is None:
        return not_enforced(NO_NUMBER())

    here = dossier.countries
    said = FROM_COUNTRIES(count=len(here), countries=tuple(here), least=terms.countries_min)
    if len(here) >= terms.countries_min:
        return met(said)
    return not_met(said, fix=MORE_COUNTRIES(count=terms.countries_min - len(here)))


LEGAL_FLOOR = message(
    "geography.legal_floor.numbers",
    "{countries} and {beneficiaries}; the law asks for {least_countries} and {least_beneficiaries}.",
)
COUNTRIES = message("geography.legal_floor.countries", "{count} countries", one="{count} country")
BENEFICIARIES = message(
    "geography.legal_floor.beneficiaries",
    "{count} beneficiaries from Member States",
    one="{count} beneficiary from Member States",
)


@rule(
    code="geography.legal_floor",
    title="At least three participating countries, and at least two beneficiaries from Member States",
    source="Reg. (EU) 2021/1059, Article 23(1)",
)
def legal_floor(dossier: Dossier, terms: CallTerms) -> Answer:
    here = len(dossier.countries)
    beneficiaries = sum(
        terms.group_of(partner.country) is CountryGroup.MS for partner in counted_once(dossier.partners)
    )
    said = LEGAL_FLOOR(
        countries=COUNTRIES(count=here),
        beneficiaries=BENEFICIARIES(count=beneficiaries),
        least_countries=LEGAL_COUNTRIES,
        least_beneficiaries=LEGAL_MEMBER_STATE_BENEFICIARIES,
    )
    if here >= LEGAL_COUNTRIES and beneficiaries >= LEGAL_MEMBER_STATE_BENEFICIARIES:
        return met(said)
    return not_met(said)


NO_LIMIT_PER_COUNTRY = message(
    "geography.one_per_country.none", "The call does not limit the number of partners per country."
)
NO_MORE = message(
    "geography.one_per_country.met",
    "No country has more than {count} partners.",
    one="No country has more than {count} partner.",
)
NO_MORE_BESIDE_LEAD = message(
    "geography.one_per_country.met_beside_lead",
    "No country has more than {count} project partners.",
    one="No country has more than {count} project partner.",
)
CROWDED = message(
    "geography.one_per_country.crowded",
    "{crowded}; the call allows {count} partners per country.",
    one="{crowded}; the call allows {count} partner per country.",
)
CROWDED_BESIDE_LEAD = message(
    "geography.one_per_country.crowded_beside_lead",
    "{crowded}; the call allows {count} project partners per country.",
    one="{crowded}; the call allows {count} project partner per country.",
)
FROM_COUNTRY = message("geography.one_per_country.from", "{number} from {country}")
OTHER_COUNTRIES = message(
    "geography.one_per_country.fix",
    "Replace {count} partners by one from another country.",
    one="Replace {count} partner by one from another country.",
)


@rule(
    code="geography.one_per_country",
    title="No country has more partners than the call allows",
    source="Terms of Reference, composition of the partnership",
)
def one_per_country(dossier: Dossier, terms: CallTerms) -> Answer:
    most = terms.per_country_max
    if most is None:
        return not_enforced(NO_LIMIT_PER_COUNTRY())

    counted = [
        partner.country
        for partner in counted_once(dossier.partners)
        if terms.admits(partner.country) and (terms.per_country_counts_lead or not partner.is_lead)
    ]
    crowded = {country: number for country, number in sorted(Counter(counted).items()) if number > most}
    if not crowded:
        return met((NO_MORE if terms.per_country_counts_lead else NO_MORE_BESIDE_LEAD)(count=most))
    said = tuple(FROM_COUNTRY(number=number, country=country) for country, number in crowded.items())
    surplus = sum(crowded.values()) - most * len(crowded)
    return not_met(
        (CROWDED if terms.per_country_counts_lead else CROWDED_BESIDE_LEAD)(crowded=said, count=most),
        fix=OTHER_COUNTRIES(count=surplus),
    )


NO_BALANCE = message("geography.regional_balance.none", "The call does not fix a regional balance.")
BALANCE = message(
    "geography.regional_balance.numbers",
    "{sure} of {count} partners come from less developed or transition regions; "
    "this call asks for {needed} ({share}, rounded down).",
    one="{sure} of {count} partner comes from a less developed or transition region; "
    "this call asks for {needed} ({share}, rounded down).",
)
REGIONS_UNKNOWN = message(
    "geography.regional_balance.unknown",
    "{balance} The region of {count} partners is not known.",
    one="{balance} The region of {count} partner is not known.",
)
EXCHANGE = message(
    "geography.regional_balance.fix",
    "Exchange {count} partners for {count} from such a region.",
    one="Exchange {count} partner for one from such a region.",
)


@rule(
    code="geography.regional_balance",
    title="Enough partners come from less developed and transition regions",
    source="Terms of Reference, regional balance; Implementing Decision (EU) 2021/1130 for the categories",
)
def regional_balance(dossier: Dossier, terms: CallTerms) -> Answer:
    if terms.balance_share is None:
        return not_enforced(NO_BALANCE())

    partners = counted_once(dossier.partners)
    number = len(partners)
    # Rounded down: 28 of 28 known approved partnerships of 2023 fit, eight of them exactly (rules.md).
    needed = share_of(number, terms.balance_share.basis_points)
    standings = [_counts_for_balance(partner, terms) for partner in partners]
    sure, unknown = standings.count(True), standings.count(None)
    said = BALANCE(sure=sure, count=number, needed=needed, share=terms.balance_share)
    if sure >= needed:
        return met(said)
    if sure + unknown >= needed:
        return to_be_checked(REGIONS_UNKNOWN(balance=said, count=unknown))
    return not_met(said, fix=EXCHANGE(count=needed - sure - unknown))


def _counts_for_balance(partner: PartnerFacts, terms: CallTerms) -> bool | None:
    """Whether a partner counts as less developed or transition; None if its region is not known or contradicts it."""
    if not terms.admits(partner.country):
        return False
    match terms.group_of(partner.country):
        case CountryGroup.IPA | CountryGroup.NDICI:
            category: RegionCategory | None = terms.ipa_ndici_count_as
        case CountryGroup.PARTNER_STATES:
            category = terms.no_ch_count_as
        case _:
            category = None if partner.contradicts_region else partner.region_category
    return None if category is None else category is not RegionCategory.MORE_DEVELOPED


NO_REGIONS = message("geography.region_known.none", "No partner names a region of its own.")
REGIONS_KNOWN = message(
    "geography.region_known.met",
    "{count} partners name a region of their country, with no other category than that region has.",
    one="{count} partner names a region of its country, with no other category than that region has.",
)
REGIONS_TO_CHECK = message("geography.region_known.to_check", "{doubts}. An officer confirms the region.")
NOT_OF_THE_COUNTRY = message(
    "geography.region_known.not_of_the_country", "{partner}: {nuts2} is no region of {country} in our register"
)
OTHER_CATEGORY = message(
    "geography.region_known.other_category", "{partner}: {nuts2} is {category:lower}, given as {given:lower}"
)
NOT_LOOKED_UP = message("geography.region_known.not_looked_up", "{partner}: {nuts2} was not looked up")


@rule(
    code="geography.region_known",
    title="The region that a partner names is one of its country and has the category given",
    source="Terms of Reference, regional balance; Implementing Decision (EU) 2021/1130 for the categories",
)
def region_known(dossier: Dossier, terms: CallTerms) -> Answer:
    partners = [partner for partner in counted_once(dossier.partners) if partner.nuts2]
    if not partners:
        return met(NO_REGIONS())
    doubts = tuple(doubt for partner in partners if (doubt := _doubt(partner)) is not None)
    return to_be_checked(REGIONS_TO_CHECK(doubts=doubts)) if doubts else met(REGIONS_KNOWN(count=len(partners)))


def _doubt(partner: PartnerFacts) -> Text | None:
    """What speaks against the region of a partner."""
    found, given = partner.region, partner.region_category
    if found is None:
        return NOT_LOOKED_UP(partner=named(partner), nuts2=partner.nuts2)
    if not found.is_known:
        return NOT_OF_THE_COUNTRY(partner=named(partner), nuts2=partner.nuts2, country=partner.country)
    if found.category and given and found.category is not given:
        return OTHER_CATEGORY(
            partner=named(partner), nuts2=partner.nuts2, category=found.category.text, given=given.text
        )
    return None


ALL_ELIGIBLE = message(
    "geography.eligible_countries.met",
    "All {count} partners sit in eligible countries.",
    one="The one partner sits in an eligible country.",
)
OUTSIDE = message(
    "geography.eligible_countries.outside",
    "{count} partners from a country that this call does not admit: {partners}.",
    one="{count} partner from a country that this call does not admit: {partners}.",
)
REPLACE_OR_FOLLOW = message(
    "geography.eligible_countries.fix",
    "Replace {count} partners, or let them follow at their own cost.",
    one="Replace {count} partner, or let them follow at their own cost.",
)


@rule(
    code="geography.eligible_countries",
    title="Every partner sits in a country eligible for this call",
    source="Terms of Reference, eligible area",
)
def eligible_countries(dossier: Dossier, terms: CallTerms) -> Answer:
    partners = counted_once(dossier.partners)
    outside = [partner for partner in partners if not terms.admits(partner.country)]
    if not outside:
        return met(ALL_ELIGIBLE(count=len(partners)))
    return not_met(OUTSIDE(count=len(outside), partners=all_named(outside)), fix=REPLACE_OR_FOLLOW(count=len(outside)))


NO_GROUP_LIMIT = message(
    "geography.ipa_ndici_limit.none", "The call does not limit partners of the groups that it admits."
)
GROUPS = message("geography.ipa_ndici_limit.numbers", "{groups}.")
OF_GROUP = message("geography.ipa_ndici_limit.group", "{number} of at most {most} from {group}")
REPLACE = message("geography.ipa_ndici_limit.fix", "Replace {count} partners.", one="Replace {count} partner.")


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
        return not_enforced(NO_GROUP_LIMIT())

    groups = Counter(terms.group_of(partner.country) for partner in counted_once(dossier.partners))
    said = GROUPS(
        groups=tuple(OF_GROUP(number=groups[group], most=most, group=group.value) for group, most in limits.items())
    )
    surplus = sum(max(groups[group] - most, 0) for group, most in limits.items())
    if not surplus:
        return met(said)
    return not_met(said, fix=REPLACE(count=surplus))
