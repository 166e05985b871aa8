"""The rules of `eligibility/rules/partnership.py`."""

from tests.domain.eligibility.cases import cases
from tests.domain.eligibility.dossiers import at_closing, led, other, partner, partners, university


@cases("partnership.size", terms={"partners_min": 8, "partners_max": 10})
def test_size(case):
    case(partners(7), not_met="7 partners, lead partner included; the call asks for 8 to 10. 1 partner more is enough.")
    case(partners(8), met="8 partners")
    case(partners(10), met="10 partners")
    case(partners(12), not_met="2 partners less are enough")


@cases("partnership.size", terms={"partners_min": 8, "partners_max": 10})
def test_partners_from_countries_that_are_not_admitted_count_in_the_size(case):
    case(led(*partners(7).partners, partner("TR")), met="8 partners")


@cases("partnership.size", terms={"partners_min": 8, "partners_max": 10})
def test_an_organisation_that_is_entered_twice_counts_once_in_the_size(case):
    case(led(*partners(7).partners, partner("PT")), not_met="7 partners")
    case(led(*partners(10).partners, partner("PT", name="CITY IN PT")), met="10 partners")


@cases("partnership.distinct")
def test_distinct(case):
    case(partners(8), met="No organisation stands in the partnership twice")
    case(
        led(*partners(8).partners, partner("GR")),
        not_met="City in GR (GR) 2 times. Each organisation counts once. Remove 1 entry.",
    )
    case(led(partner("GR"), partner("PT"), *[partner("PT", name="CÍTY  IN-PT")] * 2), not_met="Remove 2 entries.")


@cases("partnership.distinct")
def test_the_same_name_in_another_country_or_with_another_seat_is_another_organisation(case):
    case(led(partner("GR"), partner("CY", name="City in GR")), met="No organisation")
    case(led(partner("GR"), partner("GR", seat_city="Elsewhere")), met="No organisation")


@cases("partnership.size", terms={"partners_min": None, "partners_max": None})
def test_size_without_limits(case):
    case(partners(1), not_enforced="does not limit")


@cases("partnership.size", terms={"partners_min": 6, "partners_max": None})
def test_size_with_one_limit(case):
    case(partners(12), met="at least 6")
    case(partners(5), not_met="at least 6")


@cases("partnership.non_city", terms={"non_city_max": 2})
def test_non_city(case):
    case(partners(8), met="Every partner is a city")
    case(led(partner(), university("PL")), to_be_checked="An officer confirms")
    case(led(partner(), university("PL"), university("PT")), to_be_checked="2 partners not a city")
    case(led(partner(), university("PL"), university("PT"), university("IT")), not_met="the call allows 2")


@cases("partnership.non_city", terms={"non_city_max": 2, "agency_counts_as_city": False})
def test_where_agencies_are_no_cities_an_officer_confirms_that_no_partner_is_one(case):
    case(partners(8), to_be_checked="an agency that a city owns is none")


@cases("partnership.non_city", terms={"non_city_max": 0})
def test_a_call_that_allows_none_is_not_one_without_a_limit(case):
    case(led(partner(), university("PL")), not_met="the call allows 0")
    case(partners(8), met="Every partner is a city")


@cases("partnership.non_city", terms={"non_city_max": None})
def test_non_city_without_a_limit(case):
    case(partners(8), not_enforced="does not limit")


@cases("partnership.participations", terms={"participation_max": 2})
def test_participations(case):
    twice = (other("City in PT", "PT"), other("CITY IN PT", "PT"))
    case(partners(8, other_applications=()), met="more than 2 applications")
    case(partners(8, other_applications=twice[:1]), met="more than 2 applications")
    case(partners(8, other_applications=twice), not_met="City in PT (PT) in 3")
    case(partners(8, other_applications=(*twice[:1], other("City in PT", "PT", call="TN-2025"))), met="No city")
    case(partners(8), to_be_checked="are not given")


@cases("partnership.participations", terms={"participation_max": 2})
def test_participations_by_the_list_of_the_closing(case):
    case(partners(8, others_at_closing=at_closing(0, *[1] * 8)), met="more than 2 applications")
    case(partners(8, others_at_closing=at_closing(0, 0, 2)), not_met="in 3")


@cases("partnership.participations", terms={"participation_max": 2})
def test_a_partner_that_is_no_city_does_not_take_part_where_its_city_does(case):
    thrice = (other("City in PT", "PT"),) * 3
    case(led(partner("GR"), university("PT"), other_applications=thrice), met="No city")


@cases("partnership.participations", terms={"participation_max": None})
def test_participations_without_a_limit(case):
    case(partners(8), not_enforced="does not limit")
