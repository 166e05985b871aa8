"""Who a request belongs to: read from the database each time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.factories.accounts import person, sign_in
from tests.factories.organisations import member, organisation
from tests.web_client import CleanClient
from urbact_calls.accounts.commands import accounts
from urbact_calls.database import db
from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.vocabulary import Role
from urbact_calls.web.access import current_actor, public

# The page that says who asks is added to the app.
pytestmark = pytest.mark.own_app

Who = Callable[[], dict[str, Any]]
VISITOR = {"name": "Visitor", "roles": ["anonymous"], "organisations": []}


@pytest.fixture
def who(app: Flask, client: CleanClient, session) -> Who:
    """Asks the site who the visitor is."""

    @public
    def answer() -> dict[str, Any]:
        actor = current_actor()
        return {"name": actor.name, "roles": sorted(actor.roles), "organisations": sorted(actor.organisation_ids)}

    app.add_url_rule("/who", view_func=answer)
    return lambda: client.get("/who").get_json()


def test_a_visitor_is_nobody(who):
    assert who() == VISITOR


def test_a_signed_in_person_has_roles_and_organisations(who, client):
    anna = person(Role.ASSESSOR, Role.EXPERT, name="Anna")
    here, asked = organisation(), organisation()
    member(anna, here)
    member(anna, asked, accepted=False)

    sign_in(client, anna)

    assert who() == {"name": "Anna", "roles": ["assessor", "expert"], "organisations": [here.id]}


def test_a_change_of_roles_counts_from_the_next_request(who, client, now):
    anna = person(Role.ASSESSOR)
    sign_in(client, anna)
    assert who()["roles"] == ["assessor"]

    accounts.revoke(anna.id, Role.ASSESSOR, SYSTEM, now)
    assert who()["roles"] == []
    accounts.grant(anna.id, Role.COMMITTEE, None, SYSTEM, now)
    assert who()["roles"] == ["committee"]


def test_a_closed_account_is_out_at_once(who, client, now):
    anna = person()
    sign_in(client, anna)
    assert who()["name"] == anna.name

    accounts.disable(anna.id, SYSTEM, now)
    assert who() == VISITOR
    accounts.enable(anna.id, SYSTEM, now)
    assert who() == VISITOR, "an old session must not come back to life"


def test_a_session_that_was_ended_elsewhere_is_over(who, client, now):
    anna = person()
    sign_in(client, anna)

    accounts.sign_out_everywhere(anna.id, now)

    assert who() == VISITOR


@pytest.mark.parametrize("key", ["", "1", "1.0", "٣", "\x00", "9" * 30, "a key that nobody was given", "x" * 5000])
def test_a_strange_session_is_a_visitor(who, client, key):
    with client.session_transaction() as planted:
        planted["_user_id"] = key

    assert who() == VISITOR


@pytest.mark.parametrize(("role", "asks"), [(Role.EXPERT, 2), (Role.ASSESSOR, 2)])
def test_a_request_asks_who_it_is_and_for_whom_and_of_an_office_what_it_takes_part_in(who, client, role, asks):
    anna = person(role)
    for _ in range(3):
        member(anna, organisation())
    sign_in(client, anna)
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))

    who()

    assert [statement.split()[0] for statement in asked if "SELECT" in statement] == ["SELECT"] * asks


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client, session):
    someone = person()

    answer = client.post("/sign-in", data={"email": someone.email, "password": "seven herons cross a quiet harbour"})

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Cookie" in answer.headers["Vary"]
