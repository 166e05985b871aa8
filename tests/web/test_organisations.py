"""The pages of organisations, and who sees them."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from sqlalchemy import event

from tests.corpus import ALLOWED_STATUSES, RAW_BODIES, structures
from tests.factories.accounts import at, person, sign_in
from tests.factories.organisations import member, organisation
from tests.web_client import CleanClient
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import Role
from urbact_calls.organisations import reads as organisations
from urbact_calls.organisations.reads import employers

GOOD = {"name": "Łódź", "seat_city": "Łódź", "country": "PL", "category": "CITY_MUNICIPALITY", "nuts2": "PL71"}


@pytest.fixture(autouse=True)
def _here(session, client: CleanClient, now) -> None:
    at(client, now)


def test_a_person_enters_an_organisation_and_lands_on_its_page(client):
    sign_in(client, person(name="Anna"))

    answer = client.post("/organisations/new", data=GOOD)

    assert answer.location == "/organisations/lodz/"
    page = client.get(answer.location).text
    assert "Łódź" in page
    assert "Less developed" in page
    assert "Anna" in page


def test_an_organisation_that_is_here_is_offered_for_joining(client):
    known = organisation("Lodz", seat_city="Łódź")
    sign_in(client, person())

    answer = client.post("/organisations/new", data=GOOD)

    assert answer.status_code == 422
    assert "name-error" in answer.text
    assert f'action="/organisations/{known.slug}/requests"' in answer.text
    assert 'value="Łódź"' in answer.text
    assert '<option selected value="PL71">' in answer.text


def test_a_colleague_asks_and_is_accepted(app, client):
    manager, asking = person(), person(name="Asking Person")
    here = organisation("Town Hall")
    member(manager, here, is_manager=True)
    sign_in(client, asking)
    at_manager = app.test_client()
    sign_in(at_manager, manager)

    assert "Ask to join" in client.get("/organisations/?q=town+hall").text
    client.post(f"/organisations/{here.slug}/requests")
    assert "Waits for an answer" in client.get("/organisations/").text
    assert client.get(f"/organisations/{here.slug}/").status_code == 404
    assert "Asking Person" in at_manager.get(f"/organisations/{here.slug}/").text
    at_manager.post(f"/organisations/{here.slug}/requests/{asking.id}/accept")

    assert client.get(f"/organisations/{here.slug}/").status_code == 200
    assert employers(asking.id) == {here.id}


def test_a_member_who_is_no_manager_accepts_nobody(client):
    colleague, asking = person(), person(name="Asking Person")
    here = organisation()
    member(person(), here, is_manager=True)
    member(colleague, here)
    member(asking, here, accepted=False)
    sign_in(client, colleague)

    assert "Asking Person" not in client.get(f"/organisations/{here.slug}/").text
    for path in ("requests/{}/accept", "requests/{}/decline", "members/{}/manager", "members/{}/remove"):
        assert client.post(f"/organisations/{here.slug}/{path.format(asking.id)}").status_code == 404
    assert employers(asking.id) == frozenset()


def test_a_manager_of_one_organisation_decides_nothing_in_another(client):
    manager, asking = person(), person()
    own, other = organisation(), organisation()
    member(manager, own, is_manager=True)
    member(asking, other, accepted=False)
    sign_in(client, manager)

    assert client.post(f"/organisations/{other.slug}/requests/{asking.id}/accept").status_code == 404
    assert client.post(f"/organisations/{own.slug}/requests/{asking.id}/accept").status_code == 404
    assert employers(asking.id) == frozenset()


@pytest.mark.parametrize("role", [None, Role.EXPERT, Role.ASSESSOR, Role.COMMITTEE, Role.ADMINISTRATOR])
def test_strangers_do_not_see_who_works_where(client, role):
    here = organisation()
    member(person(name="Secret Person", email="secret@example.org"), here, is_manager=True)
    sign_in(client, person(*([role] if role else [])))

    own = client.get(f"/organisations/{here.slug}/")
    missing = client.get("/organisations/there-is-none/")
    found = client.get(f"/organisations/?q={here.name}")

    assert (own.status_code, missing.status_code) == (404, 404)
    assert "secret@example.org" not in own.text + found.text


@pytest.mark.parametrize("typed", ["%", "___", "***", "…", "🙂"])
def test_signs_alone_find_no_organisation_and_that_is_said(client, typed):
    here = organisation("The Only One")
    sign_in(client, person())

    page = client.get("/organisations/", query_string={"q": typed}).text

    assert here.name not in page
    assert "There is no letter and no digit in what you typed." in page


@pytest.mark.parametrize("role", [Role.PROGRAMME_OFFICER, Role.PROGRAMME_MANAGER])
def test_the_office_answers_requests(client, role):
    asking, here = person(name="Asking Person"), organisation()
    member(asking, here, accepted=False)
    sign_in(client, person(role))

    assert "Asking Person" in client.get("/organisations/").text
    assert client.post(f"/organisations/{here.slug}/requests/{asking.id}/accept").status_code == 302
    assert employers(asking.id) == {here.id}


def test_a_visitor_is_asked_to_sign_in(client):
    here = organisation()

    assert client.get("/organisations/").status_code == 302
    assert client.get(f"/organisations/{here.slug}/").status_code == 302
    assert client.post("/organisations/new", data=GOOD).status_code == 401
    assert client.post(f"/organisations/{here.slug}/requests").status_code == 401


def test_a_manager_leaves_and_sees_no_more(client):
    manager, colleague, here = person(), person(), organisation()
    member(manager, here, is_manager=True)
    member(colleague, here, is_manager=True)
    sign_in(client, manager)

    assert client.post(f"/organisations/{here.slug}/members/{manager.id}/remove").location == "/organisations/"
    assert client.get(f"/organisations/{here.slug}/").status_code == 404


def test_lists_ask_the_database_as_often_for_three_as_for_one(client):
    officer, here = person(Role.PROGRAMME_OFFICER), organisation()
    sign_in(client, officer)
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    counts = []
    for _ in range(3):
        member(officer, organisation())
        member(person(), organisation(), accepted=False)
        member(person(), here)
        asked.clear()
        client.get("/organisations/?q=town")
        client.get(f"/organisations/{here.slug}/")
        counts.append(len(asked))

    assert counts[0] == counts[2]


@pytest.mark.parametrize("field", [*GOOD, "is_another", "q"])
def test_anything_in_any_field(client, field, everything):
    sign_in(client, person())
    for entry in everything:
        if field == "q":
            answer = client.get(f"/organisations/?{urlencode({'q': entry[:3000]})}")
        else:
            body = urlencode({**GOOD, field: entry}).encode()
            answer = client.post("/organisations/new", data=body, content_type="application/x-www-form-urlencoded")

        assert answer.status_code in ALLOWED_STATUSES, (field, entry[:80])
        if answer.status_code == 422 and field != "is_another":
            assert "-error" in answer.text


def test_forms_of_another_shape(client):
    sign_in(client, person())
    for variant in structures(GOOD):
        assert client.post("/organisations/new", data=dict(variant)).status_code in ALLOWED_STATUSES
    for body, content_type in RAW_BODIES:
        assert client.post("/organisations/new", data=body, content_type=content_type).status_code in ALLOWED_STATUSES


def test_a_name_that_grows_when_folded_still_fits(client):
    sign_in(client, person())

    answer = client.post("/organisations/new", data={**GOOD, "name": "ﷺ" * 100})

    assert answer.status_code == 422
    assert organisations.search(db.session(), "ﷺ").rows == []
