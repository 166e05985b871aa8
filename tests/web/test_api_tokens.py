"""Tokens: the rights of their owner, until they end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories.accounts import at, person
from tests.factories.api import bearer, token_of
from tests.factories.applications import draft
from tests.factories.calls import open_call
from urbact_calls.accounts.models import User
from urbact_calls.api import commands as api
from urbact_calls.api.models import ApiToken
from urbact_calls.database import db, transaction
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
    assert row.sha256 == api.hash_of(text)


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
    api.revoke_token(db.session.scalars(select(ApiToken.id)).one(), now)

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

    token = db.session.scalars(select(ApiToken).where(ApiToken.sha256 == api.hash_of(made.stdout.strip()))).one()
    assert (made.exit_code, token.user_id) == (0, owner.id)
    assert token.expires_at - token.created_at == timedelta(days=90)
    assert listed.stdout.startswith(f"{number}  owner@example.org  until ")
    assert "last used never" in listed.stdout
    assert revoked.stdout == f"Token {number} is revoked.\n"
    assert f"revoked {datetime.now(UTC):%Y-%m-%d}" in after.stdout


def test_the_command_refuses_who_cannot_sign_in(app):
    person(email="unconfirmed@example.org", confirmed=False)
    runner = app.test_cli_runner()

    assert runner.invoke(args=["token", "create", "nobody@example.org"]).exit_code == 1
    assert runner.invoke(args=["token", "create", "unconfirmed@example.org"]).exit_code == 1
    assert runner.invoke(args=["token", "revoke", "7"]).exit_code == 1
