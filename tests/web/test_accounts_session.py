"""Who a request belongs to: read from the database each time."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories.accounts import person, sign_in
from tests.web_client import CleanClient
from urbact_calls.database import transaction
from urbact_calls.domain.vocabulary import Role
from urbact_calls.web.access import current_actor


@pytest.fixture
def who(app: Flask, client: CleanClient):
    """Asks the site who the visitor is."""
    from urbact_calls.web.access import public

    @public
    def answer():
        actor = current_actor()
        return {"name": actor.name, "roles": sorted(actor.roles)}

    app.add_url_rule("/who", view_func=answer)
    return lambda: client.get("/who").get_json()


def test_a_visitor_is_nobody(who, session):
    assert who() == {"name": "Visitor", "roles": ["anonymous"]}


def test_a_signed_in_person_has_the_roles_of_the_programme(who, client, session):
    sign_in(client, person(Role.ASSESSOR, Role.EXPERT, name="Anna"))
    assert who() == {"name": "Anna", "roles": ["assessor", "expert"]}
