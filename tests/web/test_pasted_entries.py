"""What people paste and type as they are used to: kept as they meant it, or refused beside the field in words.

The examples of each kind stand in `tests/js/entries.json`; here is what a form and the interface make of them.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from html import unescape
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from tests.corpus import CLEANED, EMOJI
from tests.factories import applications as make
from tests.factories.accounts import PASSWORD, at, person, sign_in
from tests.factories.api import bearer, city_partner, dossier
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from tests.factories.organisations import organisation
from tests.web_client import CleanClient
from urbact_calls.accounts import reads as accounts
from urbact_calls.applications.models import PartnerSection, SavedSection
from urbact_calls.database import db
from urbact_calls.domain.entries import tidy
from urbact_calls.organisations.models import Organisation

FORM = "application/x-www-form-urlencoded"
LODZ = {"name": "Łódź", "seat_city": "Łódź", "country": "PL", "category": "CITY_MUNICIPALITY", "nuts2": "PL71"}
REGISTER = {"name": "Anna Kowalska", "email": "anna@city.example.org", "password": PASSWORD, "notice": "y"}


@pytest.fixture
def draft(session, now: datetime) -> Draft:
    return make.draft(open_call(db.session, now), now)


def post(client: CleanClient, path: str, form: dict[str, str]):
    """Sent as it is typed, line ends too."""
    return client.post(path, data=urlencode(form).encode(), content_type=FORM)


def faults(page: str) -> dict[str, str]:
    """What a page says beside its fields, by their names."""
    said = re.findall(r'id="([\w-]+)-error"[^>]*>((?:<span[^>]*>.*?</span>|.)*?)</(?:p|span)>', page, re.DOTALL)
    return {name: " ".join(unescape(re.sub("<[^>]*>", " ", words)).split()) for name, words in said}


def save(lead: CleanClient, draft: Draft, section: str, form: dict[str, str]):
    return post(lead, f"/applications/{draft.reference}/sections/{section}", {**form, "version": "0"})


def kept() -> dict[str, str]:
    db.session.rollback()
    return db.session.scalars(select(SavedSection)).one().answers


@pytest.mark.parametrize(
    ("typed", "stored"), [("12,000", "12000"), ("40.000", "40000"), ("1 200", "1200"), ("1’200", "1200"), ("", "")]
)
def test_inhabitants_are_as_many_as_were_typed(lead: CleanClient, draft: Draft, typed: str, stored: str):
    partner = make.row(draft.reference).partners[0].id
    path = f"/applications/{draft.reference}/partners/{partner}/sections/organisation"

    assert post(lead, path, {"population": typed, "name_en": "Agen", "version": "0"}).status_code == 302

    db.session.rollback()
    assert db.session.scalars(select(PartnerSection)).one().answers["population"] == stored


@pytest.mark.parametrize("typed", ["-5", "−12,000", "–1", "- 3"])
def test_no_town_has_fewer_than_no_inhabitants(lead: CleanClient, draft: Draft, typed: str):
    partner = make.row(draft.reference).partners[0].id
    path = f"/applications/{draft.reference}/partners/{partner}/sections/organisation"

    answer = post(lead, path, {"population": typed, "version": "0"})

    assert (answer.status_code, list(faults(answer.text))) == (422, ["population"])
    assert f'value="{typed}"' in answer.text


@pytest.mark.parametrize(
    ("section", "field", "typed", "said"),
    [
        ("work_plan", "work_packages-0-start", "1,000", "Type a number from 1 to 60."),
        ("work_plan", "work_packages-0-start", "1.5", "Type a whole number in digits."),
        ("leadership", "team-0-fte", "1,500", "could mean two things: 1500 or 1.5."),
        ("leadership", "team-0-fte", "2.750", "could mean two things: 2750 or 2.75."),
        ("work_plan", "work_packages-0-cost", "2.750", "could mean two things: 2750 or 2.75."),
        ("work_plan", "work_packages-0-cost", "about 5", "for example 1500 or 1500.50"),
        ("work_plan", "work_packages-0-cost", "−5", "The amount cannot be below zero."),
    ],
)
def test_a_figure_that_is_refused_says_why_beside_its_cell(
    lead: CleanClient, draft: Draft, section: str, field: str, typed: str, said: str
):
    answer = save(lead, draft, section, {field: typed})

    assert answer.status_code == 422
    assert said in faults(answer.text)[field]
    assert f'value="{typed}"' in answer.text


@pytest.mark.parametrize("typed", [*CLEANED, *EMOJI], ids=ascii)
def test_what_is_pasted_is_cleaned_and_the_section_saved(lead: CleanClient, draft: Draft, typed: str):
    answer = save(lead, draft, "identity", {"title": typed, "abstract": f"Before\r\n{typed}\r\nafter"})

    assert answer.status_code == 302
    cleaned = CLEANED.get(typed, typed)
    assert kept()["title"] == tidy(cleaned, is_line=True)
    lines = [line for line in kept()["abstract"].split("\n") if line]
    assert lines == ["Before", *cleaned.split("\n"), "after"]


@pytest.mark.parametrize(
    ("typed", "place"),
    [("One\r\ntwo \ue000", "character 5 of line 2 (U+E000)"), ("a\x07b", "character 2"), ("a\ufffd", "character 2")],
    ids=ascii,
)
def test_what_cannot_be_stored_is_shown_with_its_place(lead: CleanClient, draft: Draft, typed: str, place: str):
    answer = save(lead, draft, "identity", {"title": "Fine", "abstract": typed})

    assert answer.status_code == 422
    assert place in faults(answer.text)["abstract"]
    assert 'value="Fine"' in answer.text


@pytest.mark.parametrize("name", ["Łó\u3164dź", "\u061cŁódź\u200e", "ŁÓDŹ\u00ad", "L\u2060odz"], ids=ascii)
def test_a_name_with_characters_that_nobody_sees_is_no_other_organisation(client: CleanClient, session, now, name: str):
    at(client, now)
    organisation("Łódź", seat_city="Łódź")
    sign_in(client, person())

    answer = post(client, "/organisations/new", {**LODZ, "name": name})

    assert answer.status_code == 422
    assert "is here already" in faults(answer.text)["name"]
    assert len(db.session.scalars(select(Organisation)).all()) == 1


@pytest.mark.parametrize(("field", "script"), [("name", "Cyrillic"), ("seat_city", "Cyrillic")])
def test_a_name_with_letters_of_another_alphabet_in_a_word_is_refused(client, session, now, field: str, script: str):
    at(client, now)
    sign_in(client, person())

    answer = post(client, "/organisations/new", {**LODZ, field: "Wаrszawa"})

    assert answer.status_code == 422
    assert faults(answer.text) == {field: f"Error: {_mixed('Wаrszawa', 'а', script)}"}


def _mixed(word: str, letter: str, script: str) -> str:
    return f"“{word}” has letters of two alphabets: “{letter}” is {script}. Type the whole word in one alphabet."


@pytest.mark.parametrize(
    ("section", "field"),
    [
        ("work_plan", "work_packages-0-responsible"),
        ("leadership", "team-0-person"),
        ("methodology", "meetings-0-place"),
    ],
)
def test_a_name_in_a_section_is_read_as_any_name(lead: CleanClient, draft: Draft, section: str, field: str):
    answer = save(lead, draft, section, {field: "Wаrszawa"})

    assert answer.status_code == 422
    assert faults(answer.text)[field] == f"Error: {_mixed('Wаrszawa', 'а', 'Cyrillic')}"


def test_free_text_keeps_letters_of_two_alphabets_in_a_word(lead: CleanClient, draft: Draft):
    assert save(lead, draft, "identity", {"title": "Wаrszawa", "abstract": "Wаrszawa"}).status_code == 302

    assert (kept()["title"], kept()["abstract"]) == ("Wаrszawa", "Wаrszawa")


@pytest.mark.parametrize("name", ["София", "Αθήνα", "Община София Sofia Municipality", "Šiauliai", "modem", "Q"])
def test_a_name_of_whole_words_stays_as_it_is(client, session, now, name: str):
    at(client, now)
    sign_in(client, person())

    assert post(client, "/organisations/new", {**LODZ, "name": name}).status_code == 302

    db.session.rollback()
    assert db.session.scalars(select(Organisation)).one().name == name


@pytest.mark.parametrize("name", ["Plato", "Øya", "Ng", "Наталія", "Zoë-Łucja d’Arc"])
def test_a_person_may_have_one_name_of_any_alphabet(client, session, now, name: str):
    at(client, now)

    assert post(client, "/register", {**REGISTER, "name": name}).status_code == 302

    db.session.rollback()
    assert accounts.by_email(db.session(), REGISTER["email"]).name == name


def test_a_person_whose_name_would_look_like_another_is_refused(client, session, now):
    at(client, now)

    answer = post(client, "/register", {**REGISTER, "name": "Аnna Kowalska"})

    assert answer.status_code == 422
    assert "Аnna" in faults(answer.text)["name"]


def test_a_name_of_nothing_that_one_sees_is_none(lead: CleanClient, draft: Draft):
    form = {"name": "\u200b\u3164", "seat_city": "B", "country": "FR", "category": "CITY_METRO", "version": "1"}

    answer = post(lead, f"/applications/{draft.reference}/partners/new", form)

    assert answer.status_code == 422
    assert "Type the name." in faults(answer.text)["name"]


def test_a_dossier_is_read_as_the_form_reads(client: CleanClient, session, now):
    at(client, now)
    lead = make.member(make.city("Agen", now), now)
    open_call(db.session, now)
    work = [{"objective": "\uf0b7 One\u2028two\u200b", "start": "1", "end": "12", "cost": "2.730,25"}]
    sent = dossier(
        city_partner("Agen", "FR", role="lead"),
        title="Green\u00ad ports\u2060",
        acronym="PORTS",
        sections={"work_plan": {"work_packages": json.dumps(work)}},
    )

    answer = client.post("/api/v1/applications", json=sent, headers=bearer(lead, now))

    assert answer.status_code == 201, answer.text
    sections = {each.code: each.answers for each in make.row("APN-DEMO-001").sections}
    assert sections["identity"]["title"] == "Green ports"
    [row] = json.loads(sections["work_plan"]["work_packages"])
    assert (row["objective"], row["cost"]) == ("• One\ntwo", "2730.25")


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        ({"title": "a\ue000b"}, "title", "character 2 (U+E000)"),
        ({"partners": [city_partner("Аgen", "FR", role="lead")]}, "partners[0].name", "two alphabets"),
        (
            {"partners": [city_partner("Agen", "FR", role="lead"), city_partner("Win 9 000 EUR, see a.org", "IT")]},
            "partners[1].name",
            "A name holds no",
        ),
        (
            {"sections": {"work_plan": {"work_packages": json.dumps([{"cost": "2.750"}])}}},
            "sections.work_plan.work_packages",
            "could mean two things: 2750 or 2.75",
        ),
    ],
)
def test_what_the_form_refuses_a_dossier_may_not_bring(client: CleanClient, session, now, changes, place, said):
    at(client, now)
    lead = make.member(make.city("Agen", now), now)
    open_call(db.session, now)
    sent = dossier(city_partner("Agen", "FR", role="lead"), title="Ports", acronym="PORTS")

    answer = client.post("/api/v1/applications", json={**sent, **changes}, headers=bearer(lead, now))

    document = answer.get_json(force=True)
    assert (answer.status_code, document["place"]) == (422, place)
    assert said in answer.get_data(as_text=True)
