"""The decision room: who may know what, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import assessment, eligibility
from tests.factories import decisions as make
from tests.factories.accounts import actor_of, person, sign_in
from tests.factories.assessment import GRID, Panel
from tests.factories.calls import open_call
from tests.factories.eligibility import Case
from tests.factories.jobs import work_off
from tests.web.accounts_steps import enter
from tests.web.given_back import OURS, form_to, signed_in_again
from tests.web.test_eligibility_pages import queries_of
from tests.web_client import CleanClient
from urbact_calls.assessment.ranking.commands import seal_ranking
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.decisions.outcomes.reads import unannounced_decision
from urbact_calls.decisions.views import ARE_ANNOUNCED
from urbact_calls.domain.permissions import PROGRAMME_ROLES
from urbact_calls.domain.text import say
from urbact_calls.domain.vocabulary import DecisionOutcome, Role
from urbact_calls.domain.words import PARIS, day

SECRET = "The committee was not convinced by the local need."


@pytest.fixture
def now() -> datetime:
    """Pages take the time of the request; the call of these tests closed a month ago."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(days=60)


@pytest.fixture
def call(session, now: datetime) -> Call:
    return open_call(db.session, now)


@pytest.fixture
def panel(call: Call, now: datetime) -> Panel:
    return assessment.panel(call, now)


@pytest.fixture
def later(call: Call) -> datetime:
    return eligibility.after_closing(call)


@pytest.fixture
def case(call: Call, panel: Panel, now: datetime, later: datetime) -> Case:
    """An assessed application of a sealed ranking."""
    case = assessment.assessed(call, panel, now, ("Agen", "FR"), {"C1": 5})
    seal_ranking(call.code, panel.acting, later)
    return case


def room(call: Call) -> str:
    return f"/decisions/calls/{call.code}/"


def seen_in(page: str) -> str:
    """The version of the decisions that the page shows and its button sends."""
    return page.split('name="seen" value="')[1].split('"')[0]


def typed(meeting: int | str, **changes: str) -> dict[str, str]:
    form = {"meeting": str(meeting), "outcome": "not_approved", "reasons": SECRET, "conditions": ""}
    return form | {"conditions_due_on": "", "seen": ""} | changes


def test_the_way_from_the_meeting_to_the_announcement(client: CleanClient, call: Call, case: Case, panel: Panel):
    sign_in(client, panel.officer)
    today = datetime.now(UTC).date().isoformat()
    assert case.reference not in client.get("/decisions/").text
    assert call.title in client.get("/decisions/").text
    met = client.post(f"{room(call)}meetings", data={"reference": "MC-2026-01", "held_on": today})
    page = client.get(f"/decisions/applications/{case.reference}").text
    assert "MC-2026-01" in page
    meeting = page.split('name="meeting"')[1].split('value="')[1].split('"')[0]

    recorded = client.post(f"/decisions/applications/{case.reference}", data=typed(meeting, outcome="approved"))
    decided = client.get(room(call)).text
    assert "a colleague of the office announces them" in decided
    assert "Announce 1 decision" not in decided
    assert 'name="seen"' not in client.get(f"{room(call)}announcement").text
    sign_in(client, person(Role.PROGRAMME_MANAGER))
    seen = seen_in(client.get(f"{room(call)}announcement").text)
    announced = client.post(f"{room(call)}announcement", data={"seen": seen})

    assert [met.status_code, recorded.status_code, announced.status_code] == [302, 302, 302]
    assert "not announced" in decided
    assert "The line" in decided
    assert "€345,000" in decided
    assert "not announced" not in client.get(room(call)).text
    work_off(datetime.now(UTC))
    assert case.row.state in ("approved", "in_network")


def test_one_looks_once_more_before_one_announces(
    client: CleanClient, call: Call, case: Case, panel: Panel, later: datetime
):
    """Who gets what, and what is founded; nothing is announced by looking."""
    meeting = make.meeting(call.code, panel.acting, later)
    make.recorded(case.reference, meeting, panel.acting, later, DecisionOutcome.APPROVED, SECRET)
    sign_in(client, person(Role.PROGRAMME_MANAGER))

    shown = client.get(f"{room(call)}announcement").text
    letter = client.get(f"/decisions/applications/{case.reference}/letter").text

    assert "A network is founded." in shown
    assert f'href="/decisions/applications/{case.reference}/letter"' in shown
    assert "Announce 1 decision" in shown
    assert SECRET in letter
    assert case.lead.email in letter
    assert "not announced" in client.get(room(call)).text


def test_a_letter_is_shown_only_while_its_decision_waits(
    client: CleanClient, call: Call, case: Case, panel: Panel, later: datetime
):
    sign_in(client, panel.officer)
    address = f"/decisions/applications/{case.reference}/letter"
    assert client.get(address).status_code == 404
    assert "No decision waits to be announced" in client.get(f"{room(call)}announcement").text

    meeting = make.meeting(call.code, panel.acting, later)
    make.recorded(case.reference, meeting, panel.acting, later, DecisionOutcome.APPROVED, SECRET)
    assert client.get(address).status_code == 200
    make.announced(call.code, actor_of(person(Role.PROGRAMME_MANAGER)), later)

    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 decision is announced. The applicant"), (2, "2 decisions are announced. Each")]
)
def test_an_announcement_is_counted_in_words(count: int, said: str):
    assert say(ARE_ANNOUNCED(count=count)).startswith(said)


def test_after_the_session_ended_a_decision_is_shown_again_and_not_sent(
    client: CleanClient, call: Call, case: Case, panel: Panel, later: datetime
):
    meeting = make.meeting(call.code, panel.acting, later)
    address = f"/decisions/applications/{case.reference}"
    enter(client, panel.officer.email)
    form = form_to(client.get(address), address) | typed(meeting)
    client.post("/sign-out")

    refused = client.post(address, data=form, headers=OURS)
    again = signed_in_again(client, refused, panel.officer)

    assert (refused.status_code, again.status_code) == (401, 200)
    assert "What you typed is not sent yet." in again.text
    assert SECRET in again.text
    assert "<dt>Outcome</dt><dd>not_approved</dd>" in again.text
    assert unannounced_decision(db.session(), case.row.id) is None
    assert client.post(address, data=form_to(again, address), headers=OURS).status_code == 302
    assert unannounced_decision(db.session(), case.row.id) is not None


def test_after_the_session_ended_an_announcement_is_shown_again_on_its_page_and_not_sent(
    client: CleanClient, call: Call, case: Case, panel: Panel, later: datetime
):
    make.recorded(case.reference, make.meeting(call.code, panel.acting, later), panel.acting, later)
    colleague = person(Role.PROGRAMME_MANAGER)
    enter(client, colleague.email)
    address = f"{room(call)}announcement"
    form = form_to(client.get(address), address)
    client.post("/sign-out")

    refused = client.post(address, data=form, headers={**OURS, "Referer": f"http://localhost{address}"})
    again = signed_in_again(client, refused, colleague)

    assert (refused.status_code, again.location) == (401, address)
    assert "not announced" in client.get(room(call)).text
    assert form_to(client.get(again.location), address)["seen"] == form["seen"]


def test_bad_input_comes_back_beside_the_field(
    client: CleanClient, call: Call, case: Case, panel: Panel, later: datetime
):
    meeting = make.meeting(call.code, panel.acting, later)
    sign_in(client, panel.officer)
    address = f"/decisions/applications/{case.reference}"

    for wrong in (
        {"outcome": "perhaps"},
        {"outcome": ""},
        {"meeting": "99999999"},
        {"meeting": "x"},
        {"reasons": ""},
        {"reasons": "a" * 4001},
        {"outcome": "approved_with_conditions"},
        {"outcome": "approved_with_conditions", "conditions": "Hurry.", "conditions_due_on": "2027-02-30"},
        {"conditions": "Hurry."},
        {"conditions_due_on": "٢٠٢٧-٠١-٠١"},
    ):
        response = client.post(address, data=typed(meeting) | wrong)

        assert (wrong, response.status_code) == (wrong, 422)
        assert "Nothing is lost" in response.text
    for reference, held_on in (
        ("", "2026-01-01"),
        ("<b>", "2026-01-01"),
        ("MC-2", "yesterday"),
        ("x" * 61, "2026-01-01"),
        ("MC-3", "   "),
        ("MC-3", ""),
    ):
        response = client.post(f"{room(call)}meetings", data={"reference": reference, "held_on": held_on})

        assert (reference, response.status_code) == (reference, 422)
    twice = client.post(f"{room(call)}meetings", data={"reference": "MC-2026-01", "held_on": "2026-01-01"})
    assert twice.status_code == 422
    assert "A meeting with this reference exists." in twice.text


def test_a_record_made_meanwhile_is_shown_beside_what_was_typed(
    client: CleanClient, call: Call, case: Case, panel: Panel, later: datetime
):
    meeting = make.meeting(call.code, panel.acting, later)
    sign_in(client, panel.officer)
    make.recorded(case.reference, meeting, panel.acting, later, reasons="My colleague recorded this.")

    response = client.post(f"/decisions/applications/{case.reference}", data=typed(meeting))

    assert response.status_code == 409
    assert "My colleague recorded this." in response.text
    assert SECRET in response.text


def test_an_unannounced_decision_is_known_to_the_office_and_the_committee_only(
    client: CleanClient, call: Call, case: Case, panel: Panel, later: datetime
):
    meeting = make.meeting(call.code, panel.acting, later)
    make.recorded(case.reference, meeting, panel.acting, later, DecisionOutcome.NOT_APPROVED, SECRET)
    knowing = {Role.PROGRAMME_OFFICER, Role.PROGRAMME_MANAGER, Role.COMMITTEE}

    for role in knowing:
        sign_in(client, person(role))
        assert "not announced" in client.get(room(call)).text, role
    sign_in(client, person(Role.AUDITOR))
    page = client.get(room(call))
    assert (page.status_code, "not announced" in page.text, "Not approved" in page.text) == (200, False, False)
    for user in (
        case.lead,
        panel.anna,
        panel.chair,
        *(person(r) for r in set(PROGRAMME_ROLES) - knowing - {Role.AUDITOR}),
    ):
        sign_in(client, user)
        assert client.get(room(call)).status_code == 404, user.name
        assert client.get("/decisions/").status_code == 403, user.name
        assert client.get(f"/decisions/applications/{case.reference}").status_code == 404, user.name


def test_applicants_and_assessors_learn_nothing_before_the_announcement(
    client: CleanClient, call: Call, case: Case, panel: Panel, later: datetime
):
    meeting = make.meeting(call.code, panel.acting, later)
    make.recorded(case.reference, meeting, panel.acting, later, DecisionOutcome.NOT_APPROVED, SECRET)
    addresses = {
        case.lead: (f"/applications/{case.reference}/", "/applications/", "/dashboard"),
        panel.anna: ("/assessment/desk/", f"/assessment/applications/{case.reference}/consensus", "/dashboard"),
    }

    for user, pages in addresses.items():
        sign_in(client, user)
        for address in pages:
            text = client.get(address).text
            assert (SECRET in text, "Not approved" in text) == (False, False), (user.name, address)
    make.announced(call.code, actor_of(person(Role.PROGRAMME_OFFICER)), later)
    work_off(later)

    sign_in(client, case.lead)
    assert "Not approved" in client.get(f"/applications/{case.reference}/").text


def test_what_is_being_announced_is_as_secret_as_before_until_its_step_is_taken(
    client: CleanClient, call: Call, case: Case, panel: Panel, later: datetime
):
    meeting = make.meeting(call.code, panel.acting, later)
    make.recorded(case.reference, meeting, panel.acting, later, DecisionOutcome.NOT_APPROVED, SECRET)
    make.announced(call.code, actor_of(person(Role.PROGRAMME_MANAGER)), later)
    pages = (
        f"/applications/{case.reference}/",
        "/applications/",
        "/dashboard",
        f"/api/v1/applications/{case.reference}",
    )

    sign_in(client, case.lead)
    for address in pages:
        text = client.get(address).text
        assert (SECRET in text, "Not approved" in text, "not_approved" in text) == (False, False, False), address
    sign_in(client, person(Role.AUDITOR))
    assert ("being announced" in client.get(room(call)).text, "Not approved" in client.get(room(call)).text) == (
        False,
        False,
    )
    assert client.get(f"{room(call)}announcements").status_code == 200
    for role in (Role.PROGRAMME_OFFICER, Role.COMMITTEE):
        sign_in(client, person(role))
        assert "being announced" in client.get(room(call)).text, role
    work_off(later)

    sign_in(client, case.lead)
    assert "Not approved" in client.get(f"/applications/{case.reference}/").text


def test_what_is_being_announced_cannot_be_corrected(
    client: CleanClient, call: Call, case: Case, panel: Panel, later: datetime
):
    meeting = make.meeting(call.code, panel.acting, later)
    make.recorded(case.reference, meeting, panel.acting, later, DecisionOutcome.NOT_APPROVED, SECRET)
    make.announced(call.code, actor_of(person(Role.PROGRAMME_MANAGER)), later)
    sign_in(client, panel.officer)
    address = f"/decisions/applications/{case.reference}"

    answer = client.post(address, data=typed(meeting, outcome="approved"))

    assert answer.status_code == 422
    assert "The decision is being announced; it stays." in client.get(address).text
    assert f'href="{address}"' not in client.get(room(call)).text


def test_the_page_of_announcements_says_who_when_what_and_how_far(
    client: CleanClient, call: Call, case: Case, panel: Panel, later: datetime
):
    meeting = make.meeting(call.code, panel.acting, later)
    make.recorded(case.reference, meeting, panel.acting, later, DecisionOutcome.NOT_APPROVED, SECRET)
    sign_in(client, person(Role.COMMITTEE))
    assert "Nothing is announced yet" in client.get(f"{room(call)}announcements").text
    make.announced(call.code, actor_of(person(Role.PROGRAMME_MANAGER, name="Mia Manager")), later)

    before = client.get(f"{room(call)}announcements").text
    work_off(later)
    after = client.get(f"{room(call)}announcements").text

    for words in ("1 decision announced", "Mia Manager", "0 of 1", "The workers take the steps"):
        assert words in before, words
    for words in ("1 of 1", "All steps are taken."):
        assert words in after, words
    assert SECRET not in after


def test_the_committee_and_the_auditor_change_nothing(
    client: CleanClient, call: Call, case: Case, panel: Panel, later: datetime
):
    meeting = make.meeting(call.code, panel.acting, later)
    for role in (Role.COMMITTEE, Role.AUDITOR):
        sign_in(client, person(role))
        record = client.post(f"/decisions/applications/{case.reference}", data=typed(meeting))
        meet = client.post(f"{room(call)}meetings", data={"reference": "MC-X", "held_on": "2026-01-01"})
        announce = client.post(f"{room(call)}announcement")

        assert [record.status_code, meet.status_code, announce.status_code] == [404, 404, 404], role


def test_the_room_takes_as_many_queries_for_three_applications_as_for_one(
    client: CleanClient, call: Call, panel: Panel, now: datetime, later: datetime
):
    sign_in(client, panel.officer)
    assessment.assessed_row(call, 1, dict.fromkeys(GRID.codes, 5), now, panel.officer.id)
    seal_ranking(call.code, panel.acting, later)
    one = queries_of(client, room(call))
    for number in (2, 3):
        assessment.assessed_row(call, number, dict.fromkeys(GRID.codes, 4), now, panel.officer.id)
    seal_ranking(call.code, panel.acting, later + timedelta(hours=1))

    assert queries_of(client, room(call)) == one


def test_a_closed_call_is_decided_once_its_decisions_are_announced_and_not_before(
    client: CleanClient, call: Call, panel: Panel, case: Case, later: datetime
):
    with transaction() as session:
        session.get_one(Call, call.id).is_demonstration = False
    make.recorded(case.reference, make.meeting(call.code, panel.acting, later), panel.acting, later)
    waiting = {path: client.get(path).text for path in ("/", "/calls/", f"/calls/{call.code}")}

    make.announced(call.code, actor_of(person(Role.PROGRAMME_MANAGER)), later)
    work_off(later)

    words = f"announced on {day(later.astimezone(PARIS).date())}"
    for path, before in waiting.items():
        assert words not in before
        assert words in client.get(path).text
    assert all("The decisions are not announced yet." in waiting[path] for path in ("/", "/calls/"))
