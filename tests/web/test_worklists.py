"""Where people land: each role sees what waits for it, and nothing of the others."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories.accounts import person, sign_in
from tests.factories.api import token_of
from tests.factories.applications import city, complete_draft, draft
from tests.factories.applications import member as applications_member
from tests.factories.calls import open_call
from tests.factories.experts import applied, network_of, open_search, validated_expert
from tests.factories.networks import founded_network
from tests.factories.organisations import member
from tests.factories.story import story
from tests.query_count import statements
from urbact_calls.accounts.models import User
from urbact_calls.applications.officers import commands as officers
from urbact_calls.assessment.models import Allocation
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import DecisionOutcome, Role
from urbact_calls.domain.words import PARIS
from urbact_calls.jobs import Job
from urbact_calls.worklists.reads.worklist import due_in_words

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


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nowhere"])
def test_every_page_says_where_the_office_can_be_reached(client, path):
    assert 'href="mailto:joint-secretariat@example.org"' in client.get(path).get_data(as_text=True)


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
    own, other = draft(call, now, city("Fót", now, "HU")), draft(call, now, city("Agen", now))

    page = seen_by(client, own.lead)

    assert own.reference in page
    assert other.reference not in page


def test_a_manager_sees_who_asks_to_join(client, now):
    organisation = city("Agen", now)
    manager, other = person(), person()
    member(manager, organisation, is_manager=True)
    member(person(), organisation, accepted=False)

    assert "1 person asks to join your organisation" in seen_by(client, manager)
    assert "asks to join" not in seen_by(client, other)


def test_the_office_sees_requests_that_nobody_can_answer(client, now):
    managed, orphan = city("Agen", now), city("Fót", now, "HU")
    member(person(), managed, is_manager=True)
    for organisation in (managed, orphan):
        member(person(), organisation, accepted=False)

    page = seen_by(client, person(Role.PROGRAMME_OFFICER))

    assert "1 request to join an organisation that has no manager" in page


def test_managers_wait_to_be_confirmed_by_the_office_and_the_point_of_their_country(client, now):
    for organisation in (city("Agen", now), city("Auch", now), city("Fót", now, "HU")):
        member(person(), organisation, is_manager=True)

    pages = {
        "office": seen_by(client, person(Role.PROGRAMME_OFFICER)),
        "its point": seen_by(client, person(Role.NATIONAL_POINT, country="HU")),
        "another point": seen_by(client, person(Role.NATIONAL_POINT, country="PL")),
        "the committee": seen_by(client, person(Role.COMMITTEE)),
    }

    counts = {who: re.findall(r"(\d+) managers? to confirm", page) for who, page in pages.items()}
    assert counts == {"office": ["3"], "its point": ["1"], "another point": [], "the committee": []}


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
    assert "eligible application to allocate" not in seen_by(client, officer)

    tale.lock_sheets()
    assert "sheet to fill in" not in seen_by(client, assessor)
    tale.sign()
    assert "consensus sheet to agree" not in seen_by(client, chair)
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

    page = seen_by(client, applications_member(place.organisation, now))

    assert "/networks/isola/work" in page
    assert "lead partner" not in page


@pytest.mark.parametrize("roles", [(), (Role.PROGRAMME_OFFICER, Role.ASSESSOR, Role.COMMITTEE)])
def test_the_page_asks_the_same_for_one_row_and_three(client, now, roles):
    call = open_call(db.session, now)
    organisation = city("Pula", now, "HR")
    draft(call, now, organisation)
    user = person(*roles)
    member(user, organisation)
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


def words_of(page: str) -> str:
    """The words of a page, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_what_is_due_soonest_stands_first_and_lateness_is_said_in_words(client, now):
    organisation, user = city("Pula", now, "HR"), person(Role.ASSESSOR)
    member(user, organisation)
    for code, hours in (("APN-LATER", 200), ("APN-SOON", 50)):
        draft(open_call(db.session, now, code, closes_at=now + timedelta(hours=hours)), now, organisation)
    old = story(now - timedelta(days=60)).submit().close_call().settle().declare()
    old.assessors = (user, old.assessors[1])
    old.allocate()
    with transaction() as session:
        for allocation in session.scalars(select(Allocation)):
            allocation.due_on = (now.astimezone(PARIS) - timedelta(days=2)).date()

    words = words_of(seen_by(client, user))

    assert words.index("APN-SOON-001") < words.index("APN-LATER-001")
    assert "ISOLA APN-DEMO-001 overdue by 2 days" in words
    # Both roles of this person have their own panel.
    assert "As an applicant" in words
    assert "On the assessment panel" in words


def test_a_long_list_is_cut_and_says_where_all_of_it_is(client, now):
    call, organisation = open_call(db.session, now), city("Pula", now, "HR")
    user = person()
    member(user, organisation)
    for _ in range(12):
        draft(call, now, organisation)

    words = words_of(seen_by(client, user))

    assert "12 drafts are not submitted" in words
    assert "Show all 12 drafts are not submitted" in words
    assert "Show all of them" in words
    assert words.count("It does not count until the lead partner submits it") == 10


def test_an_applicant_sees_in_one_line_whether_the_application_counts(client, now):
    tale = story(now - timedelta(days=5))
    before = words_of(seen_by(client, tale.draft.lead))
    tale.submit()

    after = words_of(seen_by(client, tale.draft.lead))

    assert "Not submitted. It does not count until the lead partner submits it: 2" in before
    assert f"Submitted. It counts. {tale.reference}, received" in after
    assert "What happens next: You can reopen it until the call closes." in after


def test_the_number_of_assessors_is_the_one_of_the_call(client, now):
    tale = story(now - timedelta(days=60), assessors_per_application=3)
    tale.submit().close_call().settle().declare().allocate()

    assert "1 eligible application to allocate" in seen_by(client, tale.officers[0])


def settled(page: str) -> str:
    """A page without what is new in each answer."""
    csrf, number = (
        r'name="csrf.token" (?:value|content)="[^"]*"',
        r'<b class="reference">[0-9a-f]{12}</b>|"reference": "[0-9a-f]{12}"',
    )
    return re.sub(f"{csrf}|{number}", "", page)


def test_nobody_outside_can_tell_a_recorded_decision_from_none(client, now):
    tale = story(now - timedelta(days=60))
    tale.submit().close_call().settle().declare().allocate().lock_sheets().sign()
    readers = [tale.draft.lead, *tale.assessors, tale.chair]
    addresses = (PAGE, "/assessment/desk/", "/applications/", f"/applications/{tale.reference}/")
    asked = [(reader, address) for reader in readers for address in addresses]

    def answers() -> list[str]:
        found = []
        for reader, address in asked:
            sign_in(client, reader)
            found.append(settled(client.get(address).text))
        for reader in readers:
            headers = {"Authorization": f"Bearer {token_of(reader)}"}
            found.append(settled(client.get(f"/api/v1/applications/{tale.reference}", headers=headers).text))
        return found

    before = answers()
    tale.record(DecisionOutcome.NOT_APPROVED)

    assert answers() == before
    assert "Decision pending" in before[len(addresses)]


def test_after_the_announcement_an_assessor_sees_the_outcome_and_comes_to_the_network(client, now):
    tale = story(now - timedelta(days=60))
    tale.submit().close_call().settle().declare().allocate().lock_sheets().sign().record()
    address = f"/applications/{tale.reference}/network"
    sign_in(client, tale.assessors[0])
    assert client.get(address).status_code == 404

    tale.announce()

    for page in (seen_by(client, tale.assessors[0]), client.get("/assessment/desk/").text):
        assert "Network founded" in page
        assert address in page
    assert client.get(address).location == "/networks/isola"
    sign_in(client, person(Role.ASSESSOR))
    assert client.get(address).status_code == 404


def test_an_assessor_is_told_what_an_application_that_was_not_approved_became(client, now):
    tale = story(now - timedelta(days=60))
    tale.submit().close_call().settle().declare().allocate().lock_sheets().sign()
    tale.record(DecisionOutcome.NOT_APPROVED).announce()

    page = seen_by(client, tale.assessors[0])

    assert "Not approved" in page
    assert "The network it became" not in page


def test_an_officer_sees_where_the_applications_of_a_call_stand_and_which_are_his(client, now):
    tale = story(now - timedelta(days=60)).submit().close_call()
    officers.assign(tale.reference, tale.officers[0].id, tale.office[0], tale.now)

    mine, other = (words_of(seen_by(client, officer)) for officer in tale.officers)

    assert "Applications you handle" in mine
    assert "Applications you handle" not in other
    assert "Submitted: 1" in other


def test_the_committee_sees_how_far_the_decisions_are_and_the_auditor_does_not(client, now):
    tale = story(now - timedelta(days=60))
    tale.submit().close_call().settle().declare().allocate().lock_sheets().sign().record()

    assert "Recorded, not announced" in seen_by(client, person(Role.COMMITTEE))
    assert "Recorded, not announced" not in seen_by(client, person(Role.AUDITOR))


def test_an_expert_sees_searches_and_own_applications(client, now):
    tale = story(now - timedelta(days=60))
    tale.submit().close_call().settle().declare().allocate().lock_sheets().sign().record().announce()
    slug = network_of(tale.reference).slug
    profile = validated_expert(now)
    user = db.session.get_one(User, profile.user_id)
    search = open_search(slug, tale.draft.actor, now)

    assert "1 network looks for an expert like you" in seen_by(client, user)
    applied(slug, search, profile, now)

    page = seen_by(client, user)
    assert "looks for an expert" not in page
    assert "Networks you applied to" in page
    page = seen_by(client, tale.draft.lead)
    assert "1 expert waits for your answer" in page
    assert "1 signed agreement to add" in page
    assert "1 network to start" in page


def test_a_late_day_ends_at_midnight_in_paris():
    noon = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)

    told = {days: due_in_words((noon + timedelta(days=days)).date(), noon) for days in (-2, -1, 0, 1, 9)}

    assert {days: due.left for days, due in told.items() if due} == {
        -2: "overdue by 2 days",
        -1: "overdue by 1 day",
        0: "today",
        1: "tomorrow",
        9: "in 9 days",
    }
    late_evening = datetime(2026, 3, 10, 22, 59, 59, tzinfo=UTC)
    due = due_in_words(late_evening.date(), late_evening)
    assert due is not None
    assert due.left == "today"
