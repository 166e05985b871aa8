"""Where people land: each role sees what waits for it, and nothing of the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.accounts import person, sign_in
from tests.factories.applications import city as a_city
from tests.factories.applications import complete_draft, draft, member
from tests.factories.calls import open_call
from tests.factories.networks import founded_network
from tests.factories.organisations import member as place_of
from tests.factories.story import story
from tests.query_count import statements
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import Role
from urbact_calls.jobs import Job

pytestmark = pytest.mark.usefixtures("session")

PAGE = "/dashboard"


@pytest.fixture
def now() -> datetime:
    """Requests take the instant of the clock, so the calls of these tests stand around it."""
    return datetime.now(UTC)


def dead_job(key: str, now: datetime) -> None:
    with transaction() as session:
        session.add(
            Job(key=key, kind="network.found", args={}, state="dead", policy="retry", next_at=now, created_at=now)
        )


def seen_by(client, user) -> str:
    sign_in(client, user)
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return answer.text


def test_visitors_sign_in_first(client):
    assert client.get(PAGE).status_code == 302


def test_somebody_new_is_asked_for_the_city(client):
    page = seen_by(client, person())

    assert "Nothing waits for you now." in page
    assert "Which city do you work for?" in page


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in ("anonymous", "lead", "editor", "viewer", "system")]
)
def test_every_role_has_a_dashboard(client, role):
    assert "Nothing waits for you now." in seen_by(client, person(role))


def test_city_people_see_their_drafts_and_not_those_of_others(client, now):
    call = open_call(db.session, now)
    own, other = draft(call, now, a_city("Fót", now, "HU")), draft(call, now, a_city("Agen", now))

    page = seen_by(client, own.lead)

    assert own.reference in page
    assert other.reference not in page


def test_a_manager_sees_who_asks_to_join(client, now):
    organisation = a_city("Agen", now)
    manager, other = person(), person()
    place_of(manager, organisation, is_manager=True)
    place_of(person(), organisation, accepted=False)

    assert "1 person asks to join your organisation" in seen_by(client, manager)
    assert "asks to join" not in seen_by(client, other)


def test_the_office_sees_requests_that_nobody_can_answer(client, now):
    managed, orphan = a_city("Agen", now), a_city("Fót", now, "HU")
    place_of(person(), managed, is_manager=True)
    for organisation in (managed, orphan):
        place_of(person(), organisation, accepted=False)

    page = seen_by(client, person(Role.PROGRAMME_OFFICER))

    assert "1 request to join an organisation that has no manager" in page


def test_what_waits_moves_from_desk_to_desk(client, now):
    # The story happens in the past: its call has closed when the pages are opened.
    tale = story(now - timedelta(days=60))
    officer, assessor, chair = tale.officers[0], tale.assessors[0], tale.chair
    committee = person(Role.COMMITTEE)

    tale.submit().close_call()
    assert "1 application to declare eligible or not" in seen_by(client, officer)

    tale.settle().declare()
    assert "1 eligible application to allocate" in seen_by(client, officer)

    tale.allocate()
    page = seen_by(client, assessor)
    assert "2 declarations of interest" not in page
    assert "1 declaration of interest to give" in page
    assert "to allocate" not in seen_by(client, officer)

    tale.lock_sheets()
    assert "sheet to fill in" not in seen_by(client, assessor)
    tale.sign()
    assert "consensus" not in seen_by(client, chair)
    assert "1 assessed application to rank" in seen_by(client, officer)
    assert "waits for your decision" not in seen_by(client, committee)

    tale.record()
    assert "1 decision to announce" in seen_by(client, officer)
    assert "decision to announce" not in seen_by(client, tale.draft.lead)

    tale.announce()
    page = seen_by(client, tale.draft.lead)
    assert "ISOLA" in page
    assert "lead partner" in page
    assert "/networks/isola/work" in page
    assert "to announce" not in seen_by(client, officer)


def test_a_recorded_decision_does_not_show_on_the_dashboard_of_the_applicant(client, now):
    tale = story(now - timedelta(days=60))
    tale.submit().close_call().settle().declare().allocate().lock_sheets().sign().record()

    page = seen_by(client, tale.draft.lead)

    assert "Decision pending" in page
    assert "Approved" not in page


def test_dead_jobs_are_shown_to_those_who_can_wake_them(client, now):
    dead_job("network.found:X:1", now)

    assert "1 job of the workers that is dead or uncertain" in seen_by(client, person(Role.PROGRAMME_OFFICER))
    assert "1 job of the workers" in seen_by(client, person(Role.ADMINISTRATOR))
    assert "job of the workers" not in seen_by(client, person(Role.AUDITOR))


def test_members_of_a_network_find_it(client, now):
    _, network = founded_network(open_call(db.session, now), now)
    place = network.members[2]

    page = seen_by(client, member(place.organisation, now))

    assert "/networks/isola/work" in page
    assert "lead partner" not in page


@pytest.mark.parametrize("roles", [(), (Role.PROGRAMME_OFFICER, Role.ASSESSOR, Role.COMMITTEE)])
def test_the_page_asks_the_same_for_one_row_and_three(client, now, roles):
    call = open_call(db.session, now)
    organisation = a_city("Pula", now, "HR")
    draft(call, now, organisation)
    user = person(*roles)
    place_of(user, organisation)
    dead_job("network.found:1", now)
    sign_in(client, user)
    with statements() as one:
        client.get(PAGE)
    for number in (2, 3):
        draft(call, now, organisation)
        dead_job(f"network.found:{number}", now)
    complete_draft(call, now)
    with statements() as three:
        client.get(PAGE)

    assert len(one) == len(three)
