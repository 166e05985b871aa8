"""The working page of a network: who sees it, who changes what."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from scripts.bench.client import hidden
from tests.factories.accounts import person, sign_in
from tests.factories.applications import city, member
from tests.factories.calls import open_call
from tests.factories.networks import founded_network, past_network
from tests.kept_worlds import Kept
from tests.query_count import statements
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import Role
from urbact_calls.networks.models import LocalGroup

pytestmark = pytest.mark.usefixtures("session")

WORK = "/networks/isola/work"
TEXT = f"{WORK}/text"


@pytest.fixture
def founded(kept: Kept, now):
    return kept(founded_network, kept(open_call, db.session, now), now)


def contact_address(place):
    return f"{WORK}/local-groups/{place.id}"


def test_the_lead_sees_members_and_why_the_network_cannot_start_yet(client, founded):
    draft, _ = founded
    sign_in(client, draft.lead)

    page = client.get(WORK).text

    assert "Škofja Loka" in page
    assert "Appoint a lead expert first." in page
    assert ("Searches and experts</a>" in page, "Go to the agreements</a>" in page) == (True, True)
    assert "Agreements still missing: Agen," in page
    assert "Change summary and theme" in page


def test_a_member_sees_the_page_and_changes_its_own_group_only(client, now, founded):
    _, network = founded
    place, other = network.members[3], network.members[4]
    sign_in(client, member(place.organisation, now))

    page = client.get(WORK).text

    assert contact_address(place) in page
    assert contact_address(other) not in page
    assert "Change summary and theme" not in page
    assert "Start the network" not in page
    assert client.get(TEXT).status_code == 404
    assert client.get(contact_address(other)).status_code == 404


@pytest.mark.parametrize("role", [Role.PROGRAMME_OFFICER, Role.PROGRAMME_MANAGER, Role.AUDITOR])
def test_the_office_and_auditors_read_it(client, founded, role):
    sign_in(client, person(role))

    assert client.get(WORK).status_code == 200
    assert client.get(TEXT).status_code == 404


@pytest.mark.parametrize("roles", [(), (Role.ASSESSOR,), (Role.COMMITTEE,), (Role.ADMINISTRATOR,), (Role.EXPERT,)])
def test_strangers_do_not_know_of_it(client, founded, roles):
    sign_in(client, person(*roles))

    for address in (WORK, TEXT, contact_address(founded[1].members[0])):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "ISOLA" not in answer.text
    assert client.post("/networks/isola/transitions/activate").status_code == 404


def test_visitors_sign_in_first(client, founded):
    assert client.get(WORK).location == f"/sign-in?next={WORK}"


def test_nobody_works_in_a_network_of_the_past(client, now):
    place = city("Łódź", now, "PL")
    past_network("Quiet Nights", now, place)
    sign_in(client, member(place, now))

    assert client.get("/networks/quiet-nights/work").status_code == 404


def test_the_lead_changes_the_text(client, founded):
    sign_in(client, founded[0].lead)

    answer = client.post(TEXT, data={"theme": "Mobility", "summary": "Less noise.\r\n\r\nMore.", "version": "1"})

    assert answer.location == WORK
    page = client.get("/networks/isola").text
    assert "Mobility" in page
    assert '<p class="lead">Less noise.</p>' in page


def test_an_edit_conflict_keeps_both_texts(client, founded):
    sign_in(client, founded[0].lead)
    client.post(TEXT, data={"theme": "Housing", "summary": "First.", "version": "1"})

    answer = client.post(TEXT, data={"theme": "Food", "summary": "Second, ħ and 😀.", "version": "1"})

    assert answer.status_code == 409
    for words in ("First.", "Second, ħ and 😀.", "Housing", "Food"):
        assert words in answer.text
    assert hidden(answer.text, "version") == "2"
    assert "First." in client.get("/networks/isola").text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("theme", "x" * 201),
        ("summary", "x" * 2001),
        ("theme", "a\x07b"),
        ("summary", "abc\ufffd"),
    ],
)
def test_bad_input_comes_back_with_a_message(client, founded, field, typed):
    sign_in(client, founded[0].lead)
    form = {"theme": "Mobility", "summary": "A summary", "version": "1", field: typed}

    answer = client.post(TEXT, data=form)

    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert "A summary" in answer.text or field == "summary"
    assert "Mobility" in answer.text or field == "theme"


@pytest.mark.parametrize("version", ["", "0", "-1", "7", "one", "9" * 30])
def test_a_form_of_another_version_is_an_edit_conflict(client, founded, version):
    sign_in(client, founded[0].lead)

    answer = client.post(TEXT, data={"theme": "Food", "summary": "", "version": version})

    assert answer.status_code == 409
    assert "Food" in answer.text


def test_a_member_names_its_contact_and_the_public_reads_it(client, now, founded):
    place = founded[1].members[3]
    sign_in(client, member(place.organisation, now))

    seen = hidden(client.get(contact_address(place)).text, "seen")
    form = {"coordinator": "Hanna Å", "contact": "group@example.org", "seen": seen}
    answer = client.post(contact_address(place), data=form)
    late = client.post(contact_address(place), data=form | {"coordinator": "Hans"})

    assert answer.location == WORK
    assert late.status_code == 409
    assert "Hans" in late.text
    assert "Hanna Å, group@example.org" in client.get("/networks/isola").text


@pytest.mark.parametrize(("coordinator", "contact"), [("Hanna", "x" * 201), ("Hаnna", "group@example.org")])
def test_a_contact_that_cannot_be_kept_comes_back(client, now, founded, coordinator, contact):
    place = founded[1].members[3]
    sign_in(client, member(place.organisation, now))

    answer = client.post(contact_address(place), data={"coordinator": coordinator, "contact": contact})

    assert answer.status_code == 422
    assert f'value="{contact}"' in answer.text
    assert f'value="{coordinator}"' in answer.text


@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999"])
def test_a_member_that_is_not_there(client, founded, number):
    sign_in(client, founded[0].lead)

    assert client.get(f"{WORK}/local-groups/{number}").status_code == 404


def test_a_refused_step_says_why(client, founded):
    sign_in(client, founded[0].lead)

    answer = client.post("/networks/isola/transitions/activate", data={"version": "1"})

    assert answer.status_code == 409
    assert "Appoint a lead expert first." in answer.text
    assert client.post("/networks/isola/transitions/explode").status_code == 404


def test_the_page_asks_the_same_however_many_members_there_are(client, now, founded):
    draft, network = founded
    sign_in(client, draft.lead)
    with statements() as ten:
        client.get(WORK)
    with transaction() as session:
        session.execute(update(LocalGroup).values(contact="group@example.org"))
        for place in session.merge(network).members[1:]:
            session.delete(place)
    with statements() as one:
        client.get(WORK)

    assert len(ten) == len(one)


def test_the_way_leads_from_the_application_to_the_network(client, founded):
    draft, _ = founded
    sign_in(client, draft.lead)

    page = client.get(f"/applications/{draft.reference}/").text

    assert f"/applications/{draft.reference}/network" in page
    assert client.get(f"/applications/{draft.reference}/network").location == WORK


def test_strangers_do_not_learn_what_an_application_became(client, founded):
    draft, _ = founded
    sign_in(client, person())

    assert client.get(f"/applications/{draft.reference}/network").status_code == 404
