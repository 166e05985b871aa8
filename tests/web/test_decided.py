"""What was decided stays on the page of an application: why, and who proposed, declared, recorded and announced it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from tests.factories import assessment, regions
from tests.factories import decisions as decide
from tests.factories import eligibility as make
from tests.factories.accounts import actor_of, person, sign_in
from tests.factories.applications import city, draft, row
from tests.factories.assessment import REASONS as COMMENT
from tests.factories.calls import open_call
from tests.factories.eligibility import Case
from tests.factories.jobs import work_off
from tests.kept_worlds import Kept
from tests.web.test_eligibility_pages import IS_CITY, queries_of
from tests.web_client import CleanClient
from urbact_calls.accounts.models import User
from urbact_calls.applications.models import ApplicationAccess
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.assessment.ranking.commands import seal_ranking
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import DecisionOutcome, FindingOutcome, Role

SECRET = "The committee was not convinced by the local need."


@pytest.fixture
def now() -> datetime:
    """Pages take the time of the request; the calls of these tests closed before today."""
    return datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture
def call(kept: Kept, now: datetime) -> Call:
    return kept(open_call, db.session, now)


@pytest.fixture
def later(call: Call) -> datetime:
    return make.after_closing(call)


@pytest.fixture
def refused(kept: Kept, call: Call, now: datetime) -> Case:
    """An application that two officers declared not eligible."""
    return kept(_declared_not_eligible, call, now)


@pytest.fixture
def decided(kept: Kept, call: Call, now: datetime) -> tuple[Case, int]:
    """An assessed application of a sealed ranking, and a meeting that decides on it."""
    return kept(_assessed, call, now)


def _declared_not_eligible(call: Call, now: datetime) -> Case:
    case, later = make.checked(call, now), make.after_closing(call)
    first, second = (actor_of(make.officer(name)) for name in ("Petra Proposer", "Dora Declarer"))
    make.settle(case, IS_CITY, first, later, FindingOutcome.NOT_MET)
    regions.confirm_all_regions(case.reference, first, later)
    take_transition(case.reference, "propose_ineligible", first, later, "A first look says no.")
    take_transition(case.reference, "declare_ineligible", second, later, "The lead partner is no city.")
    return case


def _assessed(call: Call, now: datetime) -> tuple[Case, int]:
    panel, later = assessment.panel(call, now), make.after_closing(call)
    case = assessment.assessed(call, panel, now, ("Agen", "FR"), {"C1": 5})
    seal_ranking(call.code, panel.acting, later)
    return case, decide.meeting(call.code, panel.acting, later)


def announced(decided: tuple[Case, int], call: Call, at: datetime, outcome: DecisionOutcome) -> None:
    """One officer records, another one announces."""
    case, meeting = decided
    recorder, announcer = (actor_of(make.officer(name)) for name in ("Rita Recorder", "Anton Announcer"))
    decide.recorded(case.reference, meeting, recorder, at, outcome, SECRET)
    decide.announced(call.code, announcer, at)
    work_off(at)


def page(client: CleanClient, user: User, case: Case) -> str:
    sign_in(client, user)
    return unescape(client.get(f"/applications/{case.reference}/").text)


def with_a_place_in(reference: str, user: User, now: datetime) -> User:
    with transaction() as session:
        session.add(
            ApplicationAccess(application_id=row(reference).id, user_id=user.id, role=Role.EDITOR, granted_at=now)
        )
    return user


def test_a_declaration_stays_with_its_reason_its_findings_and_who_declared_it(client: CleanClient, refused: Case):
    for user in (refused.lead, make.officer(), person(Role.AUDITOR)):
        text = page(client, user, refused)

        assert "What was decided" in text
        assert "Declared by Dora Declarer, " in text
        assert "The lead partner is no city." in text
        assert "Not met: The lead partner is a city, in a country whose partners may lead:" in text
        assert "Seen in the letters on file." in text


def test_who_proposed_a_declaration_and_why_stays_inside_the_office(client: CleanClient, refused: Case):
    for user, knows in ((refused.lead, False), (make.officer(), True), (person(Role.AUDITOR), True)):
        text = page(client, user, refused)

        assert ("Proposed by Petra Proposer, " in text, "A first look says no." in text) == (knows, knows)


def test_an_announced_decision_stays_with_its_reasons_the_panel_and_its_people(
    client: CleanClient, call: Call, decided: tuple[Case, int], later: datetime
):
    case, _ = decided
    announced(decided, call, later, DecisionOutcome.APPROVED_WITH_CONDITIONS)

    for user in (case.lead, make.officer(), person(Role.AUDITOR)):
        text = page(client, user, case)

        assert "Approved with conditions" in text
        assert "The Monitoring Committee, meeting " in text
        assert SECRET in text
        assert "Conditions, to be met by 31 January 2027" in text
        assert "Name a second contact." in text
        assert "of 100 points" in text
        assert COMMENT in text
        assert "Recorded by Rita Recorder, " in text
        assert "Announced by Anton Announcer, " in text
        assert ("Anna Assessor" in text, "Chiara Chair" in text) == (False, False)


def test_each_announced_decision_stays_and_the_last_stands_first(
    client: CleanClient, call: Call, decided: tuple[Case, int], later: datetime
):
    case, _ = decided
    announced(decided, call, later + timedelta(hours=1), DecisionOutcome.RESERVE)
    second = decide.meeting(call.code, actor_of(make.officer()), later, "MC-2026-02")
    announced((case, second), call, later + timedelta(days=1), DecisionOutcome.APPROVED_WITH_CONDITIONS)
    officer = actor_of(make.officer("Mia Met"))
    take_transition(case.reference, "conditions_met", officer, later + timedelta(days=2), "The contact is named.")

    text = page(client, case.lead, case).partition('id="decisions"')[2].partition("</section>")[0]

    titles = ("Conditions met", "Approved with conditions", "Reserve list", "Declared eligible")
    assert [line for line in titles if f"<h3>{line}</h3>" in text] == list(titles)
    assert sorted(titles, key=text.index) == list(titles)
    assert text.count(COMMENT) == text.partition("Reserve list")[0].count(COMMENT)
    assert "The contact is named." in text
    assert "Declared by Mia Met, " in text


def test_what_is_recorded_only_stands_on_no_page_of_an_application(
    client: CleanClient, call: Call, decided: tuple[Case, int], later: datetime
):
    case, meeting = decided
    decide.recorded(case.reference, meeting, actor_of(make.officer()), later, DecisionOutcome.NOT_APPROVED, SECRET)

    for user in (case.lead, make.officer(), person(Role.AUDITOR)):
        assert SECRET not in page(client, user, case)


def test_a_partner_who_does_not_lead_does_not_read_the_reasons_of_a_decision(
    client: CleanClient, call: Call, decided: tuple[Case, int], now: datetime, later: datetime
):
    case, _ = decided
    announced(decided, call, later, DecisionOutcome.NOT_APPROVED)

    text = page(client, with_a_place_in(case.reference, person(), now), case)

    assert ("Not approved" in text, SECRET in text, COMMENT in text) == (True, False, False)


def test_an_officer_who_takes_part_in_a_rival_does_not_read_the_reasons_of_a_decision(
    client: CleanClient, call: Call, decided: tuple[Case, int], now: datetime, later: datetime
):
    case, _ = decided
    announced(decided, call, later, DecisionOutcome.NOT_APPROVED)
    rival = draft(call, now, city("Rival", now)).reference

    text = page(client, with_a_place_in(rival, make.officer(), now), case)

    assert (case.reference in text, SECRET in text, COMMENT in text) == (True, False, False)


def test_an_account_that_was_removed_is_said_to_be(client: CleanClient, refused: Case):
    with transaction() as session:
        officer = session.query(User).where(User.name == "Dora Declarer").one()
        session.delete(officer)

    assert "Declared by an account that was removed, " in page(client, refused.lead, refused)


def test_a_page_takes_as_many_queries_for_two_decisions_as_for_one(
    client: CleanClient, call: Call, decided: tuple[Case, int], later: datetime
):
    case, _ = decided
    officer = make.officer()
    announced(decided, call, later, DecisionOutcome.RESERVE)
    sign_in(client, officer)
    one = queries_of(client, f"/applications/{case.reference}/")
    second = decide.meeting(call.code, actor_of(officer), later, "MC-2026-02")
    announced((case, second), call, later + timedelta(days=1), DecisionOutcome.POSTPONED)

    assert queries_of(client, f"/applications/{case.reference}/") == one
