"""The reference data is whole, and the look-ups find what they should."""

from datetime import UTC, date, datetime

import pytest

from tests.domain.eligibility.dossiers import partner
from urbact_calls.domain.eligibility.city_names import fold, spellings
from urbact_calls.domain.money import Euro
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.terms import TERM_NAMES, LabelRegister, LabelRequirement
from urbact_calls.domain.vocabulary import Confidence, CountryGroup, NetworkType
from urbact_calls.reference.countries import country_name, iso_codes, programme_countries
from urbact_calls.reference.gazetteer import places
from urbact_calls.reference.known_calls import call_codes, historic_terms, source_addresses, terms_of_type
from urbact_calls.reference.known_networks import known_networks, known_partners, regions
from urbact_calls.reference.registers import look_up, register
from urbact_calls.reference.tables import document

LABEL = LabelRequirement(LabelRegister.GOOD_PRACTICE, 2024)
PROJECT = LabelRequirement(LabelRegister.UIA_PROJECT)


def titles(requirement, **facts):
    return [label.title for label in look_up(requirement, partner(**facts)).labels]


@pytest.mark.parametrize("call", document("calls.json")["calls"], ids=lambda call: call["code"])
def test_a_call_closes_at_its_hour_in_paris(call):
    stated = datetime.fromisoformat(call["closes_at_utc"]["v"])

    assert historic_terms(call["code"]).closes_at == stated


@pytest.mark.parametrize("code", call_codes())
def test_every_term_has_a_confidence_and_every_source_an_address(code):
    terms = historic_terms(code)

    assert set(terms.provenance) == set(TERM_NAMES)
    assert {each.source for each in terms.provenance.values()} - {""} <= set(source_addresses())


def test_an_unknown_figure_is_not_limited_and_not_confirmed():
    terms = historic_terms("APN-2023")

    assert (terms.per_country_max, terms.provenance["per_country_max"].confidence) == (None, Confidence.UNKNOWN)
    assert "per_country_max" in terms.unconfirmed()
    assert "partners_min" not in terms.unconfirmed()


def test_the_terms_of_2023_are_those_published():
    terms = historic_terms("APN-2023")

    assert (terms.partners_min, terms.partners_max, terms.countries_min) == (8, 10, 7)
    assert (terms.budget_ceiling, terms.expertise_envelope) == (Euro.whole(850_000), Euro.whole(144_500))
    assert (terms.network_start, terms.network_end) == (date(2023, 6, 1), date(2025, 12, 31))
    assert terms.opens_at == datetime(2023, 1, 8, 23, tzinfo=UTC)
    assert terms.curable == ("documents.lead_letter", "documents.partner_letters")


def test_a_type_without_a_published_call_starts_from_the_newest_call_with_its_own_limits_of_texts():
    others = [code for code in call_codes() if code != "TN-2025"]

    terms, newest = terms_of_type(NetworkType.TN, others), historic_terms("AN-2026")

    assert (terms.network_type, terms.text_limits) == (NetworkType.TN, KINDS[NetworkType.TN].limits)
    assert (terms.code, terms.partners_max, terms.lead_label) == ("AN-2026", newest.partners_max, newest.lead_label)
    assert terms_of_type(NetworkType.TN) == historic_terms("TN-2025")


def test_there_is_no_call_of_another_code():
    with pytest.raises(KeyError):
        historic_terms("APN-2099")


def test_the_programme_has_36_countries():
    groups = [country.group for country in programme_countries().values()]

    assert {group: groups.count(group) for group in CountryGroup} == {
        CountryGroup.MS: 27,
        CountryGroup.PARTNER_STATES: 2,
        CountryGroup.IPA: 5,
        CountryGroup.NDICI: 2,
    }
    for code, country in programme_countries().items():
        assert historic_terms("TN-2025").group_of(code) is country.group


def test_countries_are_those_of_iso_3166():
    assert {"GR", "GB", "TR", "AQ"} <= iso_codes()
    assert not {"EL", "UK", "XK", "EU"} & iso_codes()
    assert (country_name("GR"), country_name("TR"), country_name("ZZ")) == ("Greece", "Türkiye", "ZZ")


def test_registers_hold_what_they_say():
    labels = register(LabelRegister.GOOD_PRACTICE)

    assert (sum(label.year == 2024 for label in labels), sum(label.year == 2017 for label in labels)) == (31, 35)
    assert len(register(LabelRegister.UIA_PROJECT)) == 82


def test_a_label_is_found_by_folded_name_and_country_and_year():
    assert titles(LABEL, country="LT", name="x", seat_city="VILNIUS") == ["Climate Neutral Communities"]
    assert titles(LABEL, country="LV", name="x", seat_city="Vilnius") == []
    assert titles(LABEL, country="HR", name="Sibenik", seat_city="") == ["Fortress of Culture"]
    assert titles(LABEL, country="IT", name="Adelfia", seat_city="Adelfia") == []
    assert titles(LABEL, country="PT", name="x", seat_city="Penafiel") == titles(
        LABEL, country="PT", name="CIM do Tâmega e Sousa", seat_city=""
    )


def test_a_project_is_found_wherever_the_city_sits_if_it_was_implemented():
    assert titles(PROJECT, country="GB", name="x", seat_city="Birmingham") == ["USE-IT!"]
    assert titles(PROJECT, country="DE", name="x", seat_city="Munich") == []
    assert titles(PROJECT, country="HU", name="x", seat_city="Budapest") == ["E-Co-Housing", "CUP4Creativity"]
    assert titles(PROJECT, country="BE", name="Leiedal", seat_city="Kortrijk") == ["RE/SOURCED"]


def test_a_look_up_says_how_complete_the_register_is():
    found, projects = look_up(LABEL, partner()), look_up(PROJECT, partner())

    assert (found.known, found.granted, found.labels) == (31, 116, ())
    assert (projects.known, projects.granted) == (82, 86)
    assert look_up(None, partner()) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Łódź", "LODZ"),
        ("Tønder", "tonder"),
        ("Đakovo", "Dakovo"),
        ("Ħamrun", "hamrun"),
        ("Żebbuġ", "Zebbug"),
        ("Straße", "STRASSE"),
        ("İzmir", "izmir"),
        ("Saint-Quentin", "Saint Quentin"),
        ("Αθήνα", "ΑΘΗΝΑ"),
        ("Σέρρες", "ΣΕΡΡΕΣ"),
        ("Bras\u0327ov", "Brașov"),
        ("’s-Hertogenbosch", "'s-hertogenbosch"),
    ],
)
def test_the_same_name_folds_to_the_same_word(one, other):
    assert fold(one) == fold(other) != ""


def test_an_empty_name_names_nobody():
    assert spellings(" () - ") == frozenset()
    assert titles(LABEL, name="-", seat_city="") == []


def test_tables_are_whole():
    assert (len(known_networks()), len(known_partners()), len(regions())) == (60, 326, 242)
    assert {network.call for network in known_networks()} == {"APN-2023", "ITN-2024", "TN-2025"}
    assert {each.network for each in known_partners()} <= {network.slug for network in known_networks()}
    assert sum(1 for _ in places()) == 63_946
