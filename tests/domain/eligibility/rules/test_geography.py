"""The rules of `eligibility/rules/geography.py`."""

from tests.domain.eligibility.cases import cases
from tests.domain.eligibility.dossiers import LESS, MORE, TRANSITION, cities, led, partner, partners, regions
from urbact_calls.domain.dossier import RegionLookup
from urbact_calls.domain.money import Rate
from urbact_calls.domain.vocabulary import RegionCategory


def in_region(nuts2, category=None, *, known=True, country=None, **changes):
    """A partner that names a region, with what the register says of it."""
    facts = {"region_category": category or LESS, **changes}
    found = RegionLookup(is_known=known, category=category)
    return partner(country or nuts2[:2], nuts2=nuts2, region=found, **facts)


ADMITTED_2023 = {"countries_min": 7}
SHARE = {"balance_share": Rate(7000)}


@cases("geography.countries", terms=ADMITTED_2023)
def test_countries(case):
    case(partners(7), met="7 countries (GR, HR, IT, LT, PL, PT, RO)")
    case(led(*partners(6).partners, partner("GR")), not_met="6 countries")
    case(led(*partners(5).partners), not_met="Partners from 2 more countries are enough.")
    case(led(*partners(6).partners, partner("TR")), met="7 countries")


@cases("geography.countries", terms={"countries_min": None})
def test_countries_without_a_minimum(case):
    case(partners(1), not_enforced="does not fix")


@cases("geography.legal_floor")
def test_legal_floor(case):
    case(led(*cities(2, "GR"), partner("RS"), partner("AL")), met="3 countries and 2 beneficiaries")
    case(led(partner("GR"), *cities(2, "PT")), not_met="2 countries and 3 beneficiaries")
    case(led(partner("GR"), partner("RS"), partner("AL"), partner("NO")), not_met="4 countries and 1 beneficiary")
    case(led(partner("GR"), partner("PT"), partner("TR")), met="3 countries and 2 beneficiaries")


@cases("geography.one_per_country", terms={"per_country_max": 1, "per_country_counts_lead": False})
def test_one_per_country(case):
    case(led(*cities(2, "GR"), partner("PT")), met="more than 1 project partner")
    case(led(partner("GR"), *cities(2, "PT")), not_met="2 from PT; the call allows 1 project partner")
    case(led(partner("GR"), *cities(2, "TR")), met="more than 1 project partner")


@cases("geography.one_per_country", terms={"per_country_max": 1, "per_country_counts_lead": True})
def test_one_per_country_with_the_lead(case):
    case(led(*cities(2, "GR"), partner("PT")), not_met="2 from GR")


@cases("geography.one_per_country", terms={"per_country_max": None})
def test_one_per_country_without_a_limit(case):
    case(led(*cities(2, "GR")), not_enforced="does not limit")


@cases("geography.regional_balance", terms=SHARE)
def test_regional_balance(case):
    case(regions(*[LESS] * 3, *[TRANSITION] * 2, *[MORE] * 3), met="5 of 8 partners")
    case(regions(*[LESS] * 6, *[MORE] * 3), met="asks for 6 (70 %, rounded down)")
    case(regions(*[LESS] * 4, *[MORE] * 4), not_met="Exchange 1 partner for one from such a region")
    case(regions(*[LESS] * 6, *[MORE] * 4), not_met="6 of 10 partners")


@cases("geography.regional_balance", terms=SHARE)
def test_an_unknown_region_is_counted_against_and_for_the_balance(case):
    case(regions(*[LESS] * 5, None, MORE, MORE), met="5 of 8 partners")
    case(regions(*[LESS] * 4, None, *[MORE] * 3), to_be_checked="The region of 1 partner is not known")
    case(regions(*[LESS] * 3, None, *[MORE] * 4), not_met="Exchange 1 partner")


@cases("geography.regional_balance", terms=SHARE)
def test_countries_without_region_categories_count_as_the_call_says(case):
    case(led(*cities(5, "RS", region_category=MORE), *cities(3, "GR", region_category=MORE)), met="5 of 8")
    case(led(*cities(4, "NO", region_category=LESS), *cities(4, "GR")), not_met="4 of 8")
    case(led(*cities(4, "CH", region_category=None), *cities(4, "GR")), not_met="4 of 8")


@cases("geography.regional_balance", terms=SHARE)
def test_a_country_that_is_not_admitted_counts_as_neither(case):
    case(led(*cities(4, "GR"), partner("TR"), *cities(3, "DE", region_category=MORE)), not_met="4 of 8")
    case(led(*cities(4, "GR"), partner("UA"), *cities(3, "DE", region_category=MORE)), not_met="4 of 8")


@cases("geography.regional_balance", call="TN-2025", terms={"balance_share": Rate(5000)})
def test_ndici_partners_count_as_less_developed_where_they_are_admitted(case):
    case(
        led(partner("UA", region_category=None), partner("DE", region_category=RegionCategory.MORE_DEVELOPED)),
        met="1 of 2",
    )


@cases("geography.regional_balance", terms={"balance_share": None})
def test_regional_balance_where_the_call_fixes_none(case):
    case(regions(MORE), not_enforced="does not fix")


@cases("geography.regional_balance", terms=SHARE)
def test_an_organisation_that_is_entered_twice_counts_once_in_the_balance(case):
    case(
        led(*cities(5, "GR"), partner("PT"), partner("PT"), partner("PT"), *cities(3, "DE", region_category=MORE)),
        met="6 of 9 partners",
    )


@cases("geography.legal_floor")
def test_an_organisation_that_is_entered_twice_is_one_beneficiary(case):
    case(led(partner("GR"), partner("GR"), partner("RS"), partner("AL")), not_met="3 countries and 1 beneficiary")


@cases("geography.one_per_country", terms={"per_country_max": 1, "per_country_counts_lead": True})
def test_an_organisation_that_is_entered_twice_does_not_crowd_its_country(case):
    case(led(partner("GR"), partner("PT"), partner("PT")), met="No country has more than 1 partner")


@cases("geography.region_known")
def test_region_known(case):
    case(led(in_region("ITH5", MORE), partner("GR")), met="1 partner names a region of its country")
    case(partners(8), met="No partner names a region")
    case(
        led(partner("GR"), in_region("ITH5", MORE, region_category=LESS)),
        to_be_checked="City in IT (IT): ITH5 is more developed, given as less developed",
    )
    case(
        led(partner("GR"), in_region("ITC4", known=False, country="FR")),
        to_be_checked="City in FR (FR): ITC4 is no region of FR in our register",
    )
    case(led(partner("GR", nuts2="EL43")), to_be_checked="EL43 was not looked up")


@cases("geography.region_known")
def test_a_region_without_a_category_beside_it_contradicts_nothing(case):
    case(led(in_region("ITH5", MORE, region_category=None)), met="1 partner")


@cases("geography.regional_balance", terms=SHARE)
def test_a_category_that_contradicts_its_region_counts_as_unknown(case):
    most = regions(*[LESS] * 4, *[MORE] * 3).partners
    case(led(*most, in_region("SI03", LESS)), met="5 of 8")
    case(
        led(*most, in_region("SI03", MORE, region_category=LESS)), to_be_checked="The region of 1 partner is not known"
    )
    case(led(*most, in_region("DE21", known=False, country="SI")), to_be_checked="The region of 1 partner is not known")
    case(led(*most, in_region("SI04", LESS, region_category=MORE)), to_be_checked="The region of 1 partner")


@cases("geography.eligible_countries")
def test_eligible_countries(case):
    case(led(partner("GR"), partner("NO"), partner("RS")), met="All 3 partners")
    case(led(partner("GR"), partner("TR"), partner("UA")), not_met="City in TR (TR) and City in UA (UA)")
    case(led(partner("GB"), partner("GR")), not_met="1 partner from a country that this call does not admit")


@cases("geography.ipa_ndici_limit", call="TN-2025", terms={"ipa_max": 1, "ndici_max": 2})
def test_ipa_ndici_limit(case):
    case(
        led(partner("GR"), partner("RS"), partner("UA"), partner("MD")),
        met="1 of at most 1 from IPA and 2 of at most 2",
    )
    case(led(partner("GR"), partner("RS"), partner("AL")), not_met="2 of at most 1 from IPA")
    case(led(partner("GR"), partner("MD"), *cities(2, "UA")), not_met="Replace 1 partner")


@cases("geography.ipa_ndici_limit", terms={"ipa_max": None, "ndici_max": 0})
def test_ipa_ndici_limit_counts_only_groups_that_the_call_admits(case):
    case(led(partner("GR"), partner("UA")), not_enforced="does not limit")
