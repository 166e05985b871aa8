"""The rules of `eligibility/rules/lead_partner.py`."""

from dataclasses import replace

from tests.domain.eligibility.cases import cases
from tests.domain.eligibility.dossiers import at_closing, led, looked_up, other, partner, partners, university
from urbact_calls.domain.terms import LabelRegister, LabelRequirement

LABEL = LabelRequirement(LabelRegister.GOOD_PRACTICE, 2024)
PROJECT = LabelRequirement(LabelRegister.UIA_PROJECT)


@cases("lead_partner.is_city", terms={"ipa_can_lead": False})
def test_is_city(case):
    case(led(partner("GR"), partner("PT")), to_be_checked="an officer confirms its status")
    case(led(partner("NO"), partner("PT")), to_be_checked="an officer confirms its status")
    case(led(university("GR"), partner("PT")), not_met="University in GR (GR) is not a city")
    case(led(partner("RS"), partner("PT")), not_met="in an IPA country")


@cases("lead_partner.is_city", terms={"ipa_can_lead": False})
def test_a_lead_from_a_country_that_is_not_admitted_is_the_fault_of_another_rule(case):
    case(led(partner("UA"), partner("PT")), to_be_checked="an officer confirms its status")
    case(led(partner("TR"), partner("PT")), to_be_checked="an officer confirms its status")


@cases("lead_partner.is_city", call="TN-2025", terms={"ipa_can_lead": True})
def test_ipa_and_ndici_cities_lead_where_the_call_says_so(case):
    case(led(partner("RS"), partner("PT")), to_be_checked="an officer confirms its status")
    case(led(partner("UA"), partner("PT")), to_be_checked="an officer confirms its status")


@cases("lead_partner.is_city", call="TN-2025", terms={"ipa_can_lead": False})
def test_ndici_cities_follow_the_same_switch(case):
    case(led(partner("UA"), partner("PT")), not_met="in an NDICI country")


@cases("lead_partner.holds_label", terms={"lead_label": LABEL})
def test_holds_label(case):
    case(partners(6, lead_labels=looked_up("Climate Taskforce")), met="“Climate Taskforce”")
    case(partners(6, lead_labels=looked_up(None)), met="title not known to us")
    case(partners(6, lead_labels=looked_up()), not_met="31 of 116 labels of 2024 are in our register")
    case(partners(6), to_be_checked="was not looked up")


@cases("lead_partner.holds_label", terms={"lead_label": PROJECT})
def test_holds_label_of_an_innovative_project(case):
    found = looked_up(register=LabelRegister.UIA_PROJECT)
    case(partners(6, lead_labels=looked_up("RUDI", register=LabelRegister.UIA_PROJECT)), met="“RUDI”")
    case(partners(6, lead_labels=replace(found, known=82, granted=86)), not_met="82 of 86 implemented UIA projects")
    case(partners(6, lead_labels=looked_up("Climate Taskforce")), to_be_checked="was not looked up")


@cases("lead_partner.holds_label", terms={"lead_label": None})
def test_holds_label_where_the_call_asks_for_none(case):
    case(partners(8), not_enforced="asks for no label")


@cases("lead_partner.leads_once", terms={"lead_max": 1})
def test_leads_once(case):
    lodz = partner("PL", name="Urząd Miasta", seat_city="Łódź")
    case(led(lodz, other_applications=()), met="leads 1 application")
    case(
        led(lodz, other_applications=(other("Lodz", "PL"),)), not_met="leads 2 applications in this call; 1 is allowed"
    )
    case(led(lodz, other_applications=(other("urzad miasta", "PL"),)), not_met="Another application")
    case(led(lodz, other_applications=(other("Lodz", "GR"),)), met="leads 1 application")
    case(led(lodz, other_applications=(other("Łódź", "PL", call="TN-2025"),)), met="leads 1 application")
    case(led(lodz), to_be_checked="are not given")


@cases("lead_partner.leads_once", terms={"lead_max": 1})
def test_leads_once_by_the_list_of_the_closing(case):
    case(partners(8, others_at_closing=at_closing(0, *[3] * 8)), met="leads 1 application in this call")
    case(partners(8, others_at_closing=at_closing(1)), not_met="1 is allowed. Also led: A0.")
    case(partners(8, others_at_closing=at_closing(12)), not_met="leads 13 applications in this call")
    case(partners(8, others_at_closing=at_closing(12)), not_met="A8, A9 and 2 more.")


@cases("lead_partner.leads_once", terms={"lead_max": None})
def test_leads_once_without_a_limit(case):
    case(partners(8, other_applications=()), not_enforced="does not limit")
