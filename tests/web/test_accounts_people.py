"""The administrator's pages: finding people, giving and taking roles, closing accounts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import event

from tests.factories.accounts import at, person, sign_in
from tests.web.accounts_steps import enter
from tests.web.given_back import OURS, form_to, signed_in_again
from tests.web_client import CleanClient
from urbact_calls.accounts import reads as accounts
from urbact_calls.accounts.models import User
from urbact_calls.database import db
from urbact_calls.domain.permissions import PROGRAMME_ROLES
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import Role
from urbact_calls.record.models import FieldChange


@pytest.fixture
def administrator(session, client: CleanClient, now) -> User:
    """The administrator who is signed in."""
    user = person(Role.ADMINISTRATOR, name="Ada Minister")
    at(client, now)
    sign_in(client, user)
    return user


def roles_of(user: User) -> dict[str, str | None]:
    db.session.rollback()
    return {grant.role: grant.country for grant in accounts.by_id(db.session(), user.id).grants}


def test_people_are_found_by_a_part_of_name_or_address(client, administrator):
    person(name="Łucja Nowak", email="l.nowak@lodz.example.org")
    person(name="Somebody Else", email="else@example.org")

    for typed in ("now", "NOWAK", "lodz.example", "łucja"):
        page = client.get("/accounts/", query_string={"q": typed}).text
        assert "l.nowak@lodz.example.org" in page, typed
        assert "else@example.org" not in page


@pytest.mark.parametrize("typed", ["", "ex", "  e ", "%%%", "___", "' OR 1=1", "x" * 5000])
def test_a_search_of_fewer_than_three_letters_or_of_signs_finds_nobody(client, administrator, typed):
    person(email="else@example.org")

    answer = client.get("/accounts/", query_string={"q": typed})

    assert answer.status_code == 200
    assert "else@example.org" not in answer.text


def test_a_search_for_what_cannot_be_stored_is_refused(client, administrator):
    person(email="else@example.org")

    answer = client.get("/accounts/", query_string={"q": "\x00abc"})

    assert answer.status_code == 400
    assert "else@example.org" not in answer.text


def test_a_list_asks_the_database_as_often_for_three_people_as_for_one(client, administrator):
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    counts = []
    for number in range(3):
        person(Role.ASSESSOR, Role.EXPERT, name=f"Findable {number}")
        asked.clear()
        client.get("/accounts/?q=findable")
        counts.append(len(asked))

    assert counts[0] == counts[2]


def test_a_role_is_given_and_recorded(client, administrator, now):
    someone = person()

    client.post(f"/accounts/{someone.id}/roles", data={"role": "assessor", "country": "PL"})

    assert roles_of(someone) == {"assessor": None}
    change = db.session.query(FieldChange).filter_by(subject_kind=SubjectKind.ACCOUNT, subject_id=someone.id).one()
    assert (change.field, change.after, change.actor_id, change.at) == (
        "role.assessor",
        {"value": True},
        administrator.id,
        now,
    )


def test_after_the_session_ended_a_role_is_shown_again_and_not_given(client, administrator):
    someone = person()
    address = f"/accounts/{someone.id}/roles"
    enter(client, administrator.email)
    form = form_to(client.get(f"/accounts/{someone.id}"), address) | {"role": "national_point", "country": "PT"}
    client.post("/sign-out")

    refused = client.post(address, data=form, headers=OURS)
    again = signed_in_again(client, refused, administrator)

    assert (refused.status_code, again.status_code) == (401, 200)
    assert "<dt>Role</dt><dd>national_point</dd><dt>Country</dt><dd>PT</dd>" in again.text
    assert roles_of(someone) == {}
    assert client.post(address, data=form_to(again, address), headers=OURS).status_code == 302
    assert roles_of(someone) == {"national_point": "PT"}


def test_a_national_point_has_a_country(client, administrator):
    someone = person()

    refused = client.post(f"/accounts/{someone.id}/roles", data={"role": "national_point", "country": ""})
    assert refused.status_code == 422
    assert "country-error" in refused.text
    client.post(f"/accounts/{someone.id}/roles", data={"role": "national_point", "country": "PT"})
    assert roles_of(someone) == {"national_point": "PT"}


@pytest.mark.parametrize("role", ["", "lead", "system", "anonymous", "x", "ADMINISTRATOR"])
def test_only_roles_of_the_programme_are_given(client, administrator, role):
    someone = person()

    assert client.post(f"/accounts/{someone.id}/roles", data={"role": role}).status_code == 422
    assert roles_of(someone) == {}


def test_administrators_give_no_role_to_themselves(client, administrator):
    answer = client.post(f"/accounts/{administrator.id}/roles", data={"role": "programme_officer"})

    assert answer.status_code == 422
    assert roles_of(administrator) == {"administrator": None}


def test_the_last_administrator_stays(client, administrator):
    closed = person(Role.ADMINISTRATOR)
    client.post(f"/accounts/{closed.id}/disable")

    assert client.post(f"/accounts/{administrator.id}/roles/administrator/revoke").status_code == 409
    assert client.post(f"/accounts/{administrator.id}/disable").status_code == 409
    assert roles_of(administrator) == {"administrator": None}


def test_one_of_two_administrators_may_go(client, administrator):
    person(Role.ADMINISTRATOR)

    assert client.post(f"/accounts/{administrator.id}/roles/administrator/revoke").status_code == 302
    assert roles_of(administrator) == {}
    assert client.get("/accounts/").status_code == 403


def test_a_closed_account_is_opened_again(client, administrator):
    someone = person()

    client.post(f"/accounts/{someone.id}/disable")
    assert "Closed" in client.get(f"/accounts/{someone.id}").text
    client.post(f"/accounts/{someone.id}/enable")
    assert "Closed" not in client.get(f"/accounts/{someone.id}").text


@pytest.mark.parametrize(
    "path", ["/accounts/2147483647", "/accounts/99999999999999999999", "/accounts/x", "/accounts/-1"]
)
def test_an_account_that_does_not_exist_is_not_found(client, administrator, path):
    assert client.get(path).status_code == 404
    assert client.post(f"{path}/disable").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMINISTRATOR, Role.ANONYMOUS)])
def test_nobody_but_administrators_sees_accounts(client, session, role):
    visitor = person(role) if role in PROGRAMME_ROLES else person()
    other = person(name="Secret Person", email="secret@example.org")
    sign_in(client, visitor)

    for path in ("/accounts/?q=secret", f"/accounts/{other.id}"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "secret@example.org" not in answer.text
    for path in ("roles", "roles/assessor/revoke", "disable", "enable"):
        assert client.post(f"/accounts/{other.id}/{path}", data={"role": "assessor"}).status_code == 403
    assert roles_of(other) == {}


def test_in_production_the_page_shows_a_role_that_waits_for_a_second_administrator(client, administrator, monkeypatch):
    settings = client.application.extensions["settings"]
    monkeypatch.setitem(client.application.extensions, "settings", replace(settings, two_administrators=True))
    someone, second = person(), person(Role.ADMINISTRATOR)

    client.post(f"/accounts/{someone.id}/roles", data={"role": "committee", "country": ""})
    own_page = client.get(f"/accounts/{someone.id}").text
    before = roles_of(someone)
    sign_in(client, second)
    page = client.get(f"/accounts/{someone.id}").text
    client.post(f"/accounts/{someone.id}/roles", data={"role": "committee", "country": ""})

    assert "Wait for a second administrator" in own_page
    assert "Ada Minister asked" in own_page
    assert ("Give it too" in own_page, "Give it too" in page) == (False, True)
    assert (before, roles_of(someone)) == ({}, {"committee": None})
