"""The pages on which the office makes a call, confirms its terms and publishes it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from tests import corpus
from tests.factories.accounts import actor_of, person, sign_in
from tests.factories.calls import open_call
from tests.query_count import statements
from urbact_calls.calls.definition import commands as definition
from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.domain.money import Euro, Rate
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.term_words import WORDS, TermKind
from urbact_calls.domain.terms import CallTerms, LabelRegister, LabelRequirement
from urbact_calls.domain.vocabulary import CostCategory, CountryGroup, NetworkType, Role
from urbact_calls.networks import commands as networks

pytestmark = pytest.mark.usefixtures("session")
CODE = "TN-2037"
PAGE = f"/office/calls/{CODE}"
ONE_OF_EACH_KIND = {words.kind: name for name, words in reversed(WORDS.items())}


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)


@pytest.fixture
def officer(client):
    user = person(Role.PROGRAMME_OFFICER, name="Olga Officer")
    sign_in(client, user)
    return client


def make(now, code=CODE, network_type=NetworkType.TN) -> Call:
    definition.create(
        code=code,
        title="Transfer Networks 2037",
        network_type=network_type,
        copied_from=None,
        opens_at=now + timedelta(days=30),
        closes_at=now + timedelta(days=120),
        actor=Actor(None, "Somebody"),
        now=now,
    )
    return stored(code)


def stored(code: str = CODE) -> Call:
    db.session.rollback()
    return db.session.scalars(select(Call).where(Call.code == code)).one()


def terms(code: str = CODE) -> CallTerms:
    return stored(code).terms


def fields_of(page: str) -> MultiDict[str, str]:
    """What a browser would send back from the form of a term, untouched."""
    form = page[page.index('name="version"') - 200 : page.index("Save and confirm")]
    found: MultiDict[str, str] = MultiDict()
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        is_choice = 'type="radio"' in tag or 'type="checkbox"' in tag
        if name and name[1] != "csrf_token" and (not is_choice or " checked" in tag):
            found.add(name[1], value[1] if value else "")
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        found.add(name, chosen[1] if chosen else "")
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\s*(.*?)</textarea>', form, re.DOTALL):
        found.add(name, text)
    return found


NEW = {
    "network_type": "TN",
    "copied_from": "",
    "code": "tn-2037",
    "title": "Transfer Networks 2037",
    "opens_day": "2037-01-12",
    "opens_hour": "09:00",
    "closes_day": "2037-03-31",
    "closes_hour": "15:00",
}


def test_an_officer_makes_a_call(officer):
    assert "New call" in officer.get("/office/calls/").text
    assert officer.get("/office/calls/new").status_code == 200

    answer = officer.post("/office/calls/new", data=NEW)

    assert (answer.status_code, answer.location) == (302, PAGE)
    # Summer time has begun by 31 March, and not yet on 12 January.
    assert stored().opens_at == datetime(2037, 1, 12, 8, tzinfo=UTC)
    assert stored().closes_at == datetime(2037, 3, 31, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"code": "TN"}, "Type a code of letters"),
        ({"code": "TN-DEMO"}, "belong to the demonstration"),
        ({"title": ""}, "Type a title"),
        ({"network_type": "GP"}, "Not a valid choice"),
        ({"copied_from": "APN-2023"}, "alid choice"),
        ({"closes_day": ""}, "Type the day"),
        ({"closes_hour": "3 pm"}, "Type the hour as 15:00"),
        ({"closes_day": "2037-01-11"}, "opens before it closes"),
        ({"opens_day": "2037-03-29", "opens_hour": "02:30"}, "does not exist"),
    ],
)
def test_a_form_that_cannot_be_read_keeps_what_was_typed(officer, changed, words):
    answer = officer.post("/office/calls/new", data=NEW | changed)

    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="09:00"' in answer.text or "opens_hour" in changed
    assert db.session.scalar(select(func.count(Call.id))) == 0


def test_the_page_of_a_call_lists_what_is_missing_with_links(officer, now):
    make(now)

    page = officer.get(PAGE).text

    # What would be refused is not offered: the page says what stands in its way.
    assert ("Publish the call" in page, "in the way of publishing it" in page) == (False, True)
    for name in terms().unconfirmed():
        assert f'href="{PAGE}/terms/{name}"' in page


@pytest.mark.parametrize("name", list(WORDS))
def test_every_term_comes_back_from_its_form_as_it_was(officer, now, name):
    make(now)
    before = getattr(terms(), name)
    page = officer.get(f"{PAGE}/terms/{name}")
    sent = fields_of(page.text)
    sent["source"] = "Terms of Reference, page 4"

    answer = officer.post(f"{PAGE}/terms/{name}/confirmation", data=sent)

    assert (answer.status_code, answer.location) == (302, PAGE), answer.text
    assert getattr(terms(), name) == before
    assert terms().is_confirmed(name)
    assert "Olga Officer" in officer.get(f"{PAGE}/terms/{name}").text


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("title", {"value": "Città di domani"}, "Città di domani"),
        ("partners_max", {"value": "9"}, 9),
        ("partners_max", {"value": ""}, None),
        ("budget_ceiling", {"value": "1 500,50"}, Euro(150_050)),
        ("balance_share", {"value": "66,67 %"}, Rate(6667)),
        ("network_start", {"value": ""}, None),
        ("ipa_can_lead", {"value": "no"}, False),
        ("admitted_groups", {"value": ["MS", "IPA"]}, (CountryGroup.MS, CountryGroup.IPA)),
        (
            "lead_label",
            {"value": "good_practice", "value_year": "2029"},
            LabelRequirement(LabelRegister.GOOD_PRACTICE, 2029),
        ),
        ("lead_label", {"value": ""}, None),
        ("tie_break", {"value": "c2, C1"}, ("C2", "C1")),
        ("closes_at", {"value": "2037-10-30", "value_hour": "15:00"}, datetime(2037, 10, 30, 14, tzinfo=UTC)),
    ],
)
def test_a_term_is_typed_as_its_kind(officer, now, name, typed, value):
    make(now)

    answer = officer.post(f"{PAGE}/terms/{name}", data={"version": str(stored().version), "source": "A page", **typed})

    assert (answer.status_code, getattr(terms(), name)) == (302, value), answer.text


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("title", {"value": " "}, "cannot be left open"),
        ("partners_max", {"value": "many"}, "whole number"),
        ("partners_max", {"value": "-1"}, "from 1 to 100"),
        ("budget_ceiling", {"value": "1.500"}, "could mean two things"),
        ("balance_share", {"value": "101"}, "from 0 to 100"),
        ("network_start", {"value": "2037-02-30"}, "does not exist"),
        ("ipa_can_lead", {}, "alid choice"),
        ("admitted_groups", {"value": ["MARS"]}, "valid choice"),
        ("admitted_groups", {}, "at least one group"),
        ("lead_label", {"value": "good_practice"}, "Type the year"),
        ("tie_break", {"value": "C9"}, "codes of criteria"),
        ("closes_at", {"value": "2037-03-29", "value_hour": "02:30"}, "does not exist"),
        ("country_groups", {"value_MS": "FR, XX"}, "no ISO 3166 code"),
        ("country_groups", {"value_MS": "FR", "value_IPA": "FR"}, "in one group"),
        (
            "cost_categories",
            {f"value_{each.value}": "flat_rate_of_staff" for each in CostCategory},
            "Type the flat rate",
        ),
    ],
)
def test_a_value_of_another_kind_is_refused_and_kept(officer, now, name, typed, words):
    version = make(now).version

    answer = officer.post(f"{PAGE}/terms/{name}", data={"version": str(version), "source": "My source", **typed})

    assert answer.status_code == 422
    assert words in answer.text
    assert "My source" in answer.text
    assert stored().version == version


def test_who_saw_older_terms_reads_both_values(officer, now):
    version = make(now).version
    officer.post(f"{PAGE}/terms/partners_max", data={"version": str(version), "value": "9", "source": "Theirs"})

    answer = officer.post(f"{PAGE}/terms/partners_max", data={"version": str(version), "value": "7", "source": "Mine"})

    assert answer.status_code == 409
    assert "9 partners" in answer.text
    assert 'value="7"' in answer.text
    assert 'value="Mine"' in answer.text
    again = fields_of(answer.text)
    assert officer.post(f"{PAGE}/terms/partners_max", data=again).status_code == 302
    assert terms().partners_max == 7


def test_terms_are_confirmed_together_and_the_call_is_published(officer, now):
    make(now)
    refused = officer.post(f"{PAGE}/publish", data={"version": str(stored().version)})
    assert (refused.status_code, "Nobody has confirmed" in refused.text) == (409, True)
    sent = {"version": str(stored().version), "names": list(terms().unconfirmed()), "source": "Terms of Reference"}
    assert officer.post(f"{PAGE}/confirmations", data=sent | {"source": ""}).status_code == 422
    assert officer.post(f"{PAGE}/confirmations", data=sent).status_code == 302
    assert "Publish the call" in officer.get(PAGE).text

    answer = officer.post(f"{PAGE}/publish", data={"version": str(stored().version)})

    assert (answer.status_code, answer.location) == (302, PAGE)
    assert "Transfer Networks 2037" in officer.get("/calls/").text
    assert "Save and confirm" not in officer.get(f"{PAGE}/terms/partners_max").text
    frozen = stored().version
    late = officer.post(f"{PAGE}/terms/partners_max", data={"version": str(frozen), "value": "5", "source": "x"})
    assert (late.status_code, stored().version) == (422, frozen)
    assert "its terms are fixed" in late.text


def test_a_publication_by_an_older_page_is_refused(officer, now):
    version = make(now).version
    officer.post(f"{PAGE}/terms/partners_max", data={"version": str(version), "value": "9", "source": "x"})

    assert officer.post(f"{PAGE}/publish", data={"version": str(version)}).status_code == 409
    sent = {"version": str(version), "names": ["title"], "source": "x"}
    assert officer.post(f"{PAGE}/confirmations", data=sent).status_code == 409


@pytest.mark.parametrize("role", [None, *(role for role in Role if role in ("assessor", "committee", "expert"))])
def test_an_unpublished_call_is_nobodys_business(client, now, role):
    make(now)
    sign_in(client, person(*([role] if role else [])))

    for address in (f"/calls/{CODE}", f"/calls/{CODE}/dates.ics", f"/calls/{CODE}/subscriptions/sent"):
        assert client.get(address).status_code == 404
    assert client.post(f"/calls/{CODE}/subscriptions", data={"email": "a@example.org"}).status_code == 404
    assert client.get(f"/calls/{CODE}/applications").status_code in (403, 404)
    for page in ("/", "/calls/", "/get-involved/city", "/dashboard"):
        assert "2037" not in client.get(page).text
    assert client.get(f"{PAGE}/terms/title").status_code == 403


def test_the_call_of_2026_shows_the_office_what_is_missing_and_nobody_else(client, now):
    networks.load(now)
    db.session.rollback()
    assert client.get("/calls/AN-2026").status_code == 404
    assert "AN-2026" not in client.get("/calls/").text
    sign_in(client, person(Role.PROGRAMME_OFFICER))

    page = client.get("/office/calls/AN-2026").text

    assert "Terms that nobody has confirmed" in page
    assert "/office/calls/AN-2026/terms/budget_ceiling" in page


def test_an_auditor_reads_and_changes_nothing(client, now):
    version = make(now).version
    sign_in(client, person(Role.AUDITOR))

    assert "Publish the call" not in client.get(PAGE).text
    assert "Save and confirm" not in client.get(f"{PAGE}/terms/title").text
    for address in ("/terms/title", "/terms/title/confirmation", "/confirmations", "/publish"):
        assert client.post(f"{PAGE}{address}", data={"version": str(version), "value": "x"}).status_code == 403
    assert stored().version == version


def test_terms_and_calls_that_do_not_exist(officer, now):
    make(now)

    assert officer.get(f"{PAGE}/terms/provenance").status_code == 404
    assert officer.post(f"{PAGE}/terms/code", data={}).status_code == 404
    assert officer.get("/office/calls/TN-NONE/terms/title").status_code == 404


def test_the_page_of_a_call_asks_the_same_however_many_terms_are_confirmed(officer, now):
    def confirm(name: str) -> None:
        user = person(Role.PROGRAMME_OFFICER)
        definition.confirm_terms(
            CODE, names=[name], source="x", version=stored().version, actor=actor_of(user), now=now
        )

    make(now)
    confirm("title")
    with statements() as one:
        officer.get(PAGE)
    for name in ("partners_max", "partners_min"):
        confirm(name)
    with statements() as three:
        officer.get(PAGE)

    assert len(one) == len(three)


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("kind", list(TermKind))
def test_no_field_of_a_term_breaks_on_anything(officer, now, kind, everything):
    name = ONE_OF_EACH_KIND[kind]
    make(now)
    good = fields_of(officer.get(f"{PAGE}/terms/{name}").text)
    good["source"] = "A source"
    bad = set()
    # What every kind has is tried with one of them, and of the fields of a table the first three.
    own = [field for field in dict.fromkeys(good) if field.startswith("value")][:3]
    fields = list(dict.fromkeys(good)) if kind == TermKind.TEXT else own
    entries = everything if kind in (TermKind.TEXT, TermKind.RATE, TermKind.INSTANT) else everything[::4]
    for field in fields:
        for entry in entries:
            sent = good.copy()
            sent["version"] = str(stored().version) if field != "version" else good["version"]
            sent[field] = entry
            status = officer.post(f"{PAGE}/terms/{name}", data=sent).status_code
            if status not in corpus.ALLOWED_STATUSES:
                bad.add((field, entry[:40], status))
    assert bad == set()
    assert officer.get(PAGE).status_code == 200


def test_no_field_of_a_new_call_breaks_on_anything(officer, everything):
    bad = set()
    for field in NEW:
        # The other fields are of the same kinds as these.
        is_tried_with_all = field in ("code", "title", "closes_day", "closes_hour")
        for entry in everything if is_tried_with_all else everything[::4]:
            status = officer.post("/office/calls/new", data=NEW | {field: entry}).status_code
            if status not in corpus.ALLOWED_STATUSES:
                bad.add((field, entry[:40], status))
    for body, content_type in corpus.RAW_BODIES:
        status = officer.post("/office/calls/new", data=body, content_type=content_type).status_code
        if status not in corpus.ALLOWED_STATUSES:
            bad.add(("body", content_type, status))
    assert bad == set()
    assert officer.get("/office/calls/").status_code == 200


def test_a_published_call_keeps_the_terms_it_was_published_with(officer, now):
    call = open_call(db.session, now, "APN-2031", is_demonstration=False)

    answer = officer.post(
        "/office/calls/APN-2031/terms/partners_max", data={"version": str(call.version), "value": "12", "source": "x"}
    )

    assert (answer.status_code, terms("APN-2031").partners_max) == (422, 10)
