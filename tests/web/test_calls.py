"""The pages of calls, for the public and for the Joint Secretariat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.accounts import person, sign_in
from tests.factories.calls import closed_call, historical_call, open_call, upcoming_call
from tests.query_count import statements
from urbact_calls.calls.models import Call
from urbact_calls.calls.reads import by_code
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import CallPhase, Role

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def now() -> datetime:
    """Requests take the instant of the clock, so the calls of these tests stand around it."""
    return datetime.now(UTC)


def test_an_open_call_shows_its_terms_and_the_days_left(client, now):
    open_call(db.session, now, closes_at=now + timedelta(days=22))

    page = client.get("/calls/APN-DEMO").text

    assert "22 days left" in page
    assert "8 to 10" in page
    assert "€850,000" in page
    assert "europa.formez.it" in page
    assert "demonstration value, not a programme figure" in page
    assert "This is a demonstration call" in page
    assert "Start an application" in page
    assert "No document has been published" in page


def test_city_people_start_an_application_from_the_call(client, now):
    from tests.factories.applications import city, member

    open_call(db.session, now)
    organisation = city("Agen", now)
    sign_in(client, member(organisation, now))

    page = client.get("/calls/APN-DEMO").text

    assert 'href="/calls/APN-DEMO/applications"' in page
    assert "Sign in to start" not in page


def test_a_visitor_begins_by_opening_an_account_or_signing_in(client, now):
    open_call(db.session, now)

    page = client.get("/calls/APN-DEMO").text

    assert 'href="/register?next=/calls/APN-DEMO/applications">Start an application' in page
    assert 'href="/sign-in?next=/calls/APN-DEMO/applications">Sign in to start' in page


def test_somebody_without_an_organisation_starts_as_others_do(client, now):
    open_call(db.session, now)
    sign_in(client, person())

    page = client.get("/calls/APN-DEMO").text

    assert 'href="/calls/APN-DEMO/applications">Start an application' in page


@pytest.mark.parametrize("spelling", ["apn-demo", "Apn-Demo", "apn_demo", "APN%20DEMO"])
def test_other_spellings_lead_to_the_call(client, now, spelling):
    open_call(db.session, now)

    answer = client.get(f"/calls/{spelling}")

    assert (answer.status_code, answer.location) == (301, "/calls/APN-DEMO")


def test_unknown_figures_of_a_past_call_say_so(client, now):
    historical_call(db.session, now, "ITN-2024")

    page = client.get("/calls/ITN-2024").text

    assert "Not known" in page
    assert "Start an application" not in page
    assert "demonstration" not in page.lower().replace("demonstration.</strong>", "")


def test_a_call_that_is_not_published_does_not_exist(client, now):
    call = open_call(db.session, now, "APN-SECRET")
    call.published_at = None
    db.session.commit()

    assert client.get("/calls/APN-SECRET").status_code == 404
    assert "APN-SECRET" not in client.get("/calls/").text


def test_calls_are_grouped_by_what_one_can_do(client, now):
    open_call(db.session, now)
    upcoming_call(db.session, now)
    historical_call(db.session, now)

    page = client.get("/calls/").text

    assert page.index("Open now") < page.index("APN-DEMO") < page.index("Coming") < page.index("APN-NEXT")
    assert page.index("Past calls and their results") < page.index("APN-2023")


def test_without_any_call_the_page_says_when_there_will_be_one(client):
    assert "A call appears here once it is published." in client.get("/calls/").text


def test_the_list_of_calls_asks_the_same_for_one_and_three(client, now):
    open_call(db.session, now)
    with statements() as one:
        client.get("/calls/")
    for code in ("APN-B", "APN-C"):
        open_call(db.session, now, code)
    with statements() as three:
        client.get("/calls/")

    assert len(one) == len(three)


@pytest.mark.parametrize(
    "role",
    [
        None,
        *(
            role
            for role in Role
            if role
            not in (
                "anonymous",
                "lead",
                "editor",
                "viewer",
                "system",
                "programme_officer",
                "programme_manager",
                "auditor",
            )
        ),
    ],
)
def test_only_the_joint_secretariat_and_auditors_see_the_dates_of_a_hidden_call(client, now, role):
    call = open_call(db.session, now, "APN-SECRET")
    call.published_at = None
    db.session.commit()
    sign_in(client, person(*([role] if role else [])))

    for address in ("/office/calls/", "/office/calls/APN-SECRET"):
        answer = client.get(address)
        assert answer.status_code == 403
        assert "APN-SECRET" not in answer.text


def test_an_officer_closes_the_demonstration(client, now):
    open_call(db.session, now)
    sign_in(client, person(Role.PROGRAMME_OFFICER))
    assert "Close this demonstration call now" in client.get("/office/calls/APN-DEMO").text

    answer = client.post("/office/calls/APN-DEMO/close")

    assert (answer.status_code, answer.location) == (302, "/office/calls/APN-DEMO")
    call = by_code(db.session(), "APN-DEMO")
    assert call.phase(datetime.now(UTC) + timedelta(seconds=1)) is CallPhase.CLOSED
    assert "Close this demonstration call now" not in client.get("/office/calls/APN-DEMO").text


def test_an_officer_opens_it_again(client, now):
    closed_call(db.session, now)
    sign_in(client, person(Role.PROGRAMME_MANAGER))
    assert "Open it again" in client.get("/office/calls/APN-DEMO").text

    client.post("/office/calls/APN-DEMO/reopen")

    assert by_code(db.session(), "APN-DEMO").phase(datetime.now(UTC)) is CallPhase.OPEN


@pytest.mark.parametrize("roles", [(), (Role.AUDITOR,), (Role.ASSESSOR,), (Role.COMMITTEE,)])
def test_nobody_else_closes_it(client, now, roles):
    before = open_call(db.session, now).closes_at
    sign_in(client, person(*roles))

    assert client.post("/office/calls/APN-DEMO/close").status_code == 403
    assert by_code(db.session(), "APN-DEMO").closes_at == before


def test_an_auditor_reads_the_dates_and_moves_nothing(client, now):
    open_call(db.session, now)
    sign_in(client, person(Role.AUDITOR))

    page = client.get("/office/calls/APN-DEMO")

    assert page.status_code == 200
    assert "Close this demonstration call now" not in page.text


def test_a_real_call_is_not_closed_by_hand(client, now):
    open_call(db.session, now, "APN-2031", is_demonstration=False)
    sign_in(client, person(Role.PROGRAMME_OFFICER))
    assert "Close this demonstration call now" not in client.get("/office/calls/APN-2031").text

    answer = client.post("/office/calls/APN-2031/close")

    assert answer.status_code == 409
    assert "Only the dates of a demonstration call" in answer.text


def test_visitors_are_sent_to_sign_in(client, now):
    open_call(db.session, now)

    assert client.get("/office/calls/APN-DEMO").status_code == 302
    assert client.post("/office/calls/APN-DEMO/close").status_code == 401
    assert db.session.query(Call).one().phase(now) is CallPhase.OPEN


@pytest.mark.database("reference")
def test_where_figures_were_read_stands_in_one_place_of_the_page(client):
    """No figure is headed by the name of a site."""
    page = client.get("/calls/APN-2023").text
    before, _, sources = page.partition('id="sources"')

    assert "Seen on a public page" not in before
    assert "https://" not in before.partition("<main")[2].partition("<h2>Documents")[0]
    assert 'href="#sources"' in before
    for label in ("Partners", "Budget per network", "Countries:", "Networks approved"):
        assert label.removesuffix(":") in sources
    assert "Seen on a public page" in sources
