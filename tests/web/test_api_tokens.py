"""Tokens: the rights of their owner, until they end."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories.accounts import PASSWORD, at, person, sign_in
from tests.factories.api import bearer, token_of
from tests.factories.applications import draft
from tests.factories.calls import open_call
from urbact_calls.accounts.commands import accounts, tokens
from urbact_calls.accounts.models import ApiToken, User
from urbact_calls.accounts.reads import hash_of
from urbact_calls.database import db, transaction
from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.vocabulary import Role

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def world(now, client):
    """A draft whose lead applicant holds a token; requests arrive at the instant of the test."""
    at(client, now)
    return draft(open_call(db.session, now), now)


def address(world) -> str:
    return f"/api/v1/applications/{world.reference}"


def test_a_token_opens_what_its_owner_may_read(client, world, now):
    assert client.get(address(world), headers=bearer(world.lead, now)).status_code == 200


def test_only_its_hash_is_stored(world, now):
    text = token_of(world.lead, now)

    row = db.session.scalars(select(ApiToken)).one()

    assert text.startswith("urbact_")
    assert len(text) >= 43
    assert text not in str(vars(row))
    assert row.sha256 == hash_of(text)


def test_a_stranger_cannot_tell_it_from_nothing(client, world, now):
    headers = bearer(person(Role.EXPERT), now)

    foreign = client.get(address(world), headers=headers)
    missing = client.get("/api/v1/applications/APN-DEMO-999", headers=headers)

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.get_json(force=True) | {"reference": ""} == missing.get_json(force=True) | {"reference": ""}


def test_a_draft_is_nobody_elses_business(client, world, now):
    assert client.get(address(world), headers=bearer(person(Role.PROGRAMME_OFFICER), now)).status_code == 404


def test_it_ends_after_ninety_days(client, world, now):
    headers = bearer(world.lead, now - timedelta(days=90))
    just_in_time = bearer(world.lead, now - timedelta(days=90) + timedelta(seconds=1))

    assert client.get(address(world), headers=headers).status_code == 401
    assert client.get(address(world), headers=just_in_time).status_code == 200


def test_a_revoked_one_opens_nothing(client, world, now):
    headers = bearer(world.lead, now)
    tokens.revoke_token(db.session.scalars(select(ApiToken.id)).one(), now)

    answer = client.get(address(world), headers=headers)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.mimetype == "application/problem+json"


def test_one_of_a_closed_account_opens_nothing(client, world, now):
    headers = bearer(world.lead, now)
    with transaction() as session:
        session.get_one(User, world.lead.id).disabled_at = now

    assert client.get(address(world), headers=headers).status_code == 401


@pytest.mark.parametrize(
    "header", ["Bearer nothing", "Bearer", "", "Basic bGVhZDp4", "Bearer \x00", "Bearer a b", "Bearer é", "x" * 5000]
)
def test_what_is_no_token_opens_nothing_not_even_what_is_public(client, header):
    answer = client.get("/api/v1/calls", environ_overrides={"HTTP_AUTHORIZATION": header})

    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_its_last_use_is_noted_once_an_hour(client, world, now):
    headers = bearer(world.lead, now)

    def used(moment: datetime) -> datetime | None:
        at(client, moment)
        client.get("/api/v1/calls", headers=headers)
        return db.session.scalars(select(ApiToken.last_used_at)).one()

    assert used(now) == now
    assert used(now + timedelta(minutes=59)) == now
    assert used(now + timedelta(hours=1)) == now + timedelta(hours=1)


def test_the_command_makes_lists_and_revokes(app):
    owner = person(email="owner@example.org")
    runner = app.test_cli_runner()

    made = runner.invoke(args=["token", "create", "OWNER@example.org"])
    number = db.session.scalars(select(ApiToken.id)).one()
    listed = runner.invoke(args=["token", "list"])
    revoked = runner.invoke(args=["token", "revoke", str(number)])
    after = runner.invoke(args=["token", "list"])

    token = db.session.scalars(select(ApiToken).where(ApiToken.sha256 == hash_of(made.stdout.strip()))).one()
    assert (made.exit_code, token.user_id) == (0, owner.id)
    assert token.expires_at - token.created_at == timedelta(days=90)
    assert listed.stdout.startswith(f"{number}  owner@example.org  Command line, ")
    assert "last used never" in listed.stdout
    assert revoked.stdout == f"Token {number} is revoked.\n"
    assert f"revoked {datetime.now(UTC):%Y-%m-%d}" in after.stdout


def test_the_command_refuses_who_cannot_sign_in(app):
    person(email="unconfirmed@example.org", confirmed=False)
    runner = app.test_cli_runner()

    assert runner.invoke(args=["token", "create", "nobody@example.org"]).exit_code == 1
    assert runner.invoke(args=["token", "create", "unconfirmed@example.org"]).exit_code == 1
    assert runner.invoke(args=["token", "revoke", "7"]).exit_code == 1


# On the account page


def made(answer) -> str:
    return re.search(r"<code>(urbact_[\w-]+)</code>", answer.text)[1]


def test_a_person_makes_a_token_and_sees_it_once(client, now):
    someone = person()
    at(client, now)
    sign_in(client, someone)

    token = made(client.post("/account/tokens", data={"token_name": "  Figures of   our city "}))

    row = db.session.scalars(select(ApiToken)).one()
    assert (row.user_id, row.name, row.sha256) == (someone.id, "Figures of our city", hash_of(token))
    assert client.get("/api/v1/applications", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    page = client.get("/account").text
    assert "Figures of our city" in page
    assert "never used" not in page
    assert token not in page


def test_a_person_revokes_a_token(client, now):
    at(client, now)
    sign_in(client, person())
    token = made(client.post("/account/tokens", data={"token_name": "Figures"}))
    path = re.search(r'action="(/account/tokens/\d+/revoke)"', client.get("/account").text)[1]

    answer = client.post(path, follow_redirects=True)

    assert "The token is revoked: Figures." in answer.text
    assert "/revoke" not in answer.text
    assert client.get("/api/v1/calls", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_nobody_revokes_a_token_of_somebody_else(client, now):
    at(client, now)
    headers = bearer(person(), now)
    number = db.session.scalars(select(ApiToken.id)).one()
    sign_in(client, person())

    foreign, missing = client.post(f"/account/tokens/{number}/revoke"), client.post("/account/tokens/999999/revoke")

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert client.get("/api/v1/calls", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Say which program will use the token."),
        ("Figures", "There is a token with this name."),
        ("x" * 81, "80 characters"),
        ("...", "Type a name with letters."),
    ],
)
def test_a_name_that_cannot_be_comes_back_with_the_reason(client, now, name, words):
    at(client, now)
    sign_in(client, person())
    client.post("/account/tokens", data={"token_name": "Figures"})

    answer = client.post("/account/tokens", data={"token_name": name})

    assert (answer.status_code, words in answer.text) == (422, True)
    assert f'value="{name}"' in answer.text
    assert db.session.query(ApiToken).count() == 1


def test_a_name_is_free_again_when_its_token_has_ended(client, now):
    at(client, now)
    sign_in(client, person())
    client.post("/account/tokens", data={"token_name": "Figures"})
    tokens.revoke_token(db.session.scalars(select(ApiToken.id)).one(), now)

    assert client.post("/account/tokens", data={"token_name": "Figures"}).status_code == 200


def test_an_account_has_at_most_twenty(client, now):
    someone = person()
    at(client, now)
    sign_in(client, someone)
    for _ in range(tokens.MOST_IN_FORCE):
        token_of(someone, now)

    answer = client.post("/account/tokens", data={"token_name": "One more"})

    assert (answer.status_code, "There are 20 tokens" in answer.text) == (422, True)


def test_a_change_of_password_ends_all_of_its_owner_and_no_other(client, now):
    someone = person()
    own, foreign = bearer(someone, now), bearer(person(), now)
    at(client, now)
    sign_in(client, someone)

    client.post("/account/password", data={"current": PASSWORD, "password": "four lanterns under a patient bridge"})

    assert client.get("/api/v1/calls", headers=own).status_code == 401
    assert client.get("/api/v1/calls", headers=foreign).status_code == 200


def test_a_closed_account_has_none_when_it_is_opened_again(client, now):
    someone = person()
    headers = bearer(someone, now)
    at(client, now)

    accounts.disable(someone.id, SYSTEM, now)
    accounts.enable(someone.id, SYSTEM, now)

    assert client.get("/api/v1/calls", headers=headers).status_code == 401


def test_one_made_before_tokens_had_names_has_its_number(client, now):
    someone = person()
    bearer(someone, now)
    with transaction() as session:
        row = session.scalars(select(ApiToken)).one()
        row.name = None
    at(client, now)
    sign_in(client, someone)

    assert f"Token {row.id}" in client.get("/account").text
