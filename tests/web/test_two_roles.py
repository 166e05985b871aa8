"""Somebody of the programme who takes part in one application of a call: what is left of the office in that call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from tests.factories import decisions as make
from tests.factories.accounts import actor_of, person, sign_in
from tests.factories.applications import row
from tests.factories.assessment import GRID, assessed_row
from tests.factories.calls import open_call
from tests.web_client import CleanClient
from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application, ApplicationAccess
from urbact_calls.applications.officers import commands as officers
from urbact_calls.applications.reads.interests import actor_of as interested
from urbact_calls.applications.submission.reads.facts import relation_to
from urbact_calls.assessment.panel.commands import add_to_panel
from urbact_calls.assessment.ranking.commands import seal_ranking
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.vocabulary import ApplicationState, Role
from urbact_calls.workflow.lives import offers

OFFICES = (Role.PROGRAMME_OFFICER, Role.PROGRAMME_MANAGER, Role.AUDITOR)


@pytest.fixture
def now() -> datetime:
    """Pages take the time of the request; the call of these tests closed a month ago."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(days=60)


@pytest.fixture
def call(session, now: datetime) -> Call:
    return open_call(db.session, now)


@pytest.fixture
def colleague(session) -> Actor:
    """An officer who takes part in nothing."""
    return actor_of(person(Role.PROGRAMME_OFFICER, name="Otto Officer"))


@pytest.fixture
def own_and_other(call: Call, colleague: Actor, now: datetime) -> tuple[str, str]:
    """Two assessed applications of a sealed ranking."""
    assert colleague.user_id is not None
    own = assessed_row(call, 1, dict.fromkeys(GRID.codes, 5), now, colleague.user_id)
    other = assessed_row(call, 2, dict.fromkeys(GRID.codes, 4), now, colleague.user_id)
    seal_ranking(call.code, colleague, now)
    return own, other


def taking_part(reference: str, role: Role, now: datetime) -> User:
    """Somebody with an office, who may read in an application."""
    user, application_id = person(role), row(reference).id
    with transaction() as session:
        place = ApplicationAccess(application_id=application_id, user_id=user.id, role=Role.VIEWER, granted_at=now)
        session.add(place)
    return user


@pytest.mark.parametrize("role", OFFICES)
def test_the_other_applications_of_the_call_are_still_checked(client: CleanClient, call, own_and_other, now, role):
    own, other = own_and_other
    sign_in(client, taking_part(own, role, now))

    listed = client.get("/eligibility/", query_string={"call": call.code}).text

    assert (own in listed, other in listed) == (False, True)
    answers = [client.get(f"/eligibility/{reference}/").status_code for reference in own_and_other]
    assert answers == [404, 200]


@pytest.mark.parametrize("role", [*OFFICES, Role.COMMITTEE])
def test_ranking_and_decisions_of_the_whole_call_are_closed(
    client: CleanClient, call, own_and_other, colleague, now, role
):
    own, other = own_and_other
    meeting = make.meeting(call.code, colleague, now)
    make.recorded(other, meeting, colleague, now)
    sign_in(client, taking_part(own, role, now))

    pages = [
        f"/assessment/calls/{call.code}/",
        f"/assessment/calls/{call.code}/ranking",
        f"/assessment/applications/{other}/consensus",
        f"/decisions/calls/{call.code}/",
        f"/decisions/applications/{other}",
    ]
    assert [client.get(page).status_code for page in pages] == [404] * len(pages)
    for page in ("/assessment/", "/decisions/", "/dashboard"):
        text = client.get(page).text
        assert f"/decisions/calls/{call.code}" not in text, page
        assert f"/assessment/calls/{call.code}" not in text, page


def test_the_same_pages_are_open_to_a_colleague(client: CleanClient, call, own_and_other):
    sign_in(client, person(Role.PROGRAMME_OFFICER))

    pages = [f"/assessment/calls/{call.code}/ranking", f"/decisions/calls/{call.code}/", "/decisions/"]
    assert [client.get(page).status_code for page in pages] == [200, 200, 200]
    assert call.code in client.get("/decisions/").text


@pytest.mark.parametrize(
    ("state", "role", "steps"),
    [
        (ApplicationState.APPROVED_WITH_CONDITIONS, Role.PROGRAMME_OFFICER, {"conditions_met", "conditions_missed"}),
        (ApplicationState.NOT_APPROVED, Role.PROGRAMME_MANAGER, {"reinstate_assessment"}),
    ],
)
def test_steps_after_the_decision_on_another_application_are_for_a_colleague(own_and_other, now, state, role, steps):
    own, other = own_and_other
    with transaction() as session:
        decided = update(Application).where(Application.reference == other)
        session.execute(decided.values(state=state, decided_at=now))

    def offered(user: User) -> set[str]:
        application, actor = row(other), interested(db.session(), user.id, user.name, frozenset({role}), now)
        relation = relation_to(db.session(), actor, application)
        return {offer.name for offer in offers(db.session(), application, actor, now, relation=relation)}

    assert offered(taking_part(own, role, now)) == set()
    assert offered(person(role)) == steps


def test_whoever_takes_part_is_not_given_the_application_to_handle(client: CleanClient, own_and_other, colleague, now):
    own, _ = own_and_other
    officer = taking_part(own, Role.PROGRAMME_OFFICER, now)

    with pytest.raises(Refused) as problem:
        officers.assign(own, officer.id, colleague, now)

    assert problem.value.refusals[0].code == "handling.not_in_the_office"


def test_nobody_puts_oneself_on_a_panel(session, call, now):
    officer = person(Role.PROGRAMME_OFFICER, Role.ASSESSOR)

    with pytest.raises(Refused) as problem:
        add_to_panel(call.code, user_id=officer.id, is_chair=False, country=None, actor=actor_of(officer), now=now)

    assert problem.value.refusals[0].code == "panel.own"
