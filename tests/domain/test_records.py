"""Terms, dossiers and reports come back from JSON exactly, and a dossier has one fingerprint."""

import json
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from tests.domain.eligibility.dossiers import at_closing, grid, led, looked_up, other, paid, partner, partners
from urbact_calls.domain.dossier import Dossier, Schedule
from urbact_calls.domain.eligibility.rulebook import RULEBOOK, examine
from urbact_calls.domain.money import Euro
from urbact_calls.domain.serialization import canonical, from_json, to_json
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.text import Text, say
from urbact_calls.domain.vocabulary import CostCategory
from urbact_calls.reference.known_calls import call_codes, demo_terms, historic_terms

FULL = led(
    partner("GR"),
    partner("RS", region_category=None, letter_of_commitment=None),
    acronym="ŁÓDKA",
    title="A boat",
    submitted_at=datetime(2023, 3, 31, 12, 59, 59, 999_000, tzinfo=UTC),
    budget_total=Euro(1_001),
    other_applications=(other("Lamia", "GR"),),
    practices=("Bee path",),
    sections={"challenge": {"challenge": "text"}},
    sections_missing=("Work plan",),
    declarations={"no_exclusion": True},
    language="en",
    budget=grid((1, CostCategory.STAFF, 1_001), financing=(paid(1, 800, 201),)),
    schedule=Schedule(start=date(2023, 6, 1), end=date(2025, 12, 31)),
    lead_labels=looked_up("Bee path", None),
)


@pytest.mark.parametrize("dossier", [FULL, partners(8)])
def test_a_dossier_comes_back_from_json(dossier):
    assert from_json(Dossier, json.loads(json.dumps(to_json(dossier)))) == dossier


@pytest.mark.parametrize("code", call_codes())
def test_the_terms_of_every_call_come_back_from_json(code):
    assert from_json(CallTerms, json.loads(json.dumps(to_json(historic_terms(code))))) == historic_terms(code)


@pytest.mark.parametrize("code", call_codes())
def test_what_a_report_says_comes_back_from_json_and_reads_the_same(code):
    terms = historic_terms(code)
    said = [
        text
        for each in examine(FULL, terms, RULEBOOK).findings
        for text in (each.title, each.message, each.fix)
        if text
    ]

    kept = [Text.from_json(json.loads(json.dumps(text.to_json()))) for text in said]

    assert (kept, [say(text) for text in kept]) == (said, [say(text) for text in said])


def test_not_given_stays_different_from_empty():
    unknown, none = partners(8), partners(8, other_applications=())

    assert from_json(Dossier, to_json(unknown)).other_applications is None
    assert from_json(Dossier, to_json(none)).other_applications == ()
    assert unknown.fingerprint != none.fingerprint


def test_what_dossiers_were_stored_without_is_left_out_while_nothing_is_given():
    """What was handed in before keeps its fingerprint."""
    known = partners(8, others_at_closing=at_closing(1, 2))

    assert "others_at_closing" not in to_json(FULL)
    assert from_json(Dossier, to_json(known)) == known


def test_what_is_known_of_the_others_is_known_of_each_partner():
    with pytest.raises(ValueError, match="of each partner"):
        partners(8, others_at_closing=at_closing(0, partners=7))


def test_the_fingerprint_is_of_the_facts_and_not_of_their_spelling():
    composed = led(partner("PL", name="Łódź"))
    decomposed = led(partner("PL", name=unicodedata.normalize("NFD", "Łódź")))
    elsewhere = replace(FULL, submitted_at=FULL.submitted_at.astimezone(timezone(timedelta(hours=2))))

    assert decomposed.fingerprint == composed.fingerprint
    assert elsewhere.fingerprint == FULL.fingerprint
    assert replace(FULL, budget_total=Euro(1_000)).fingerprint != FULL.fingerprint


def test_the_canonical_text_is_sorted_and_counts_money_in_cents():
    text = canonical(FULL)

    assert text.startswith('{"acronym":"ŁÓDKA","budget":')
    assert '"budget_total":1001' in text


def test_a_record_that_was_not_written_here_is_refused():
    with pytest.raises(KeyError):
        from_json(Dossier, {"call": "APN-2023"})
    with pytest.raises(TypeError):
        from_json(Dossier, {**to_json(FULL), "acronym": 7})


def test_a_dossier_has_exactly_one_lead():
    with pytest.raises(ValueError, match="this one has 0"):
        Dossier(call="APN-2023", partners=(partner("GR"),))


def test_instants_of_terms_are_in_utc():
    with pytest.raises(ValueError, match="must be an instant in UTC"):
        replace(historic_terms("APN-2023"), closes_at=datetime(2023, 3, 31, 15, tzinfo=timezone(timedelta(hours=2))))


def test_the_demonstration_call_is_confirmed_and_says_that_it_is_one():
    terms = demo_terms(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 15, 14, tzinfo=UTC))

    assert (terms.code, terms.unconfirmed()) == ("APN-DEMO", ())
    assert (terms.network_start, terms.network_end) == (date(2027, 3, 1), date(2029, 9, 30))
    assert terms.provenance["non_city_max"] == historic_terms("APN-2023").provenance["non_city_max"]
    assert terms.provenance["lead_max"].source == "demonstration value, not a programme figure"
