"""The pages of the eligibility check: who sees them, what comes back, how many queries they take."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from sqlalchemy import event

from tests.factories import eligibility as make
from tests.factories.accounts import person, sign_in
from tests.factories.applications import draft
from tests.factories.calls import open_call
from tests.factories.eligibility import SECRET, Case
from tests.factories.story import story
from tests.kept_worlds import Kept
from tests.web_client import CleanClient
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.permissions import PROGRAMME_ROLES
from urbact_calls.domain.vocabulary import Role
from urbact_calls.eligibility.reports.reads import report as reads

IS_CITY = "lead_partner.is_city"


@pytest.fixture
def now() -> datetime:
    """Pages take the time of the request; the call of these tests closed before today."""
    return datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture
def call(kept: Kept, now: datetime) -> Call:
    return kept(open_call, db.session, now)


@pytest.fixture
def case(kept: Kept, call: Call, now: datetime) -> Case:
    return kept(make.checked, call, now)


@pytest.fixture
def officer(client: CleanClient, case: Case) -> CleanClient:
    sign_in(client, make.officer("Olga Officer"))
    return client


def settle_form(**changes: str) -> dict[str, str]:
    return {"outcome": "met", "note": "The city stands in the national register.", "seen": "", **changes}


def queries_of(client: CleanClient, address: str) -> int:
    """How many statements a page sends."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(db.engine, "before_cursor_execute", counted)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", counted)
    return count


def test_the_list_shows_the_applications_of_the_call(officer: CleanClient, case: Case):
    page = officer.get("/eligibility/").text

    assert case.reference in page
    assert "5 to check" in page


def test_a_filter_in_the_address_narrows_the_list(officer: CleanClient, case: Case):
    assert case.reference in officer.get("/eligibility/?findings=open&state=submitted").text
    assert "No application matches these filters" in officer.get("/eligibility/?findings=met").text


@pytest.mark.parametrize("typed", ["-", "%", "_", "***", ".", "…"])
def test_signs_alone_find_no_application_and_that_is_said(officer: CleanClient, case: Case, typed: str):
    page = officer.get("/eligibility/", query_string={"q": typed}).text

    assert "No application matches these filters" in page
    assert case.reference not in page.partition("<form")[2]


@pytest.mark.parametrize("typed", ["łódź", "ŁÓDŹ", "Łódź", "ódź"])
def test_an_application_is_found_by_its_lead_city_in_any_case(officer: CleanClient, case: Case, typed: str):
    with transaction() as session:
        session.merge(case.row).partners[0].organisation.seat_city = "Łódź"

    assert case.reference in officer.get("/eligibility/", query_string={"q": typed}).text


def test_a_list_survives_a_strange_address(officer: CleanClient, case: Case):
    for after in ("-1", "x", "9" * 20, "²"):
        page = officer.get("/eligibility/", query_string={"after": after, "state": "no", "call": "NONE"})

        assert case.reference in page.text, after


def test_the_report_shows_findings_dossier_and_letters(officer: CleanClient, case: Case):
    page = officer.get(f"/eligibility/{case.reference}/").text

    assert "Official report" in page
    assert "The lead partner is a city, in a country whose partners may lead" in page
    assert SECRET in page
    assert page.count(f"/eligibility/{case.reference}/letters/") == 10
    # Five declarations for the whole network, and one of each of the ten partners.
    assert page.count("<p>Declared.</p>") == 5 + 10


def test_a_letter_comes_as_a_file(officer: CleanClient, case: Case):
    partner = reads.partners_with_letters(db.session(), case.row.id)[0]

    response = officer.get(f"/eligibility/{case.reference}/letters/{partner.id}", buffered=True)

    assert response.status_code == 200
    assert response.data.startswith(b"%PDF-")
    assert response.headers["Content-Disposition"].startswith("attachment")


def test_a_number_that_no_row_can_have_has_no_page(officer: CleanClient, case: Case):
    assert officer.get(f"/eligibility/{case.reference}/letters/{'9' * 20}").status_code == 404
    assert officer.post(f"/assessment/calls/{case.row.call.code}/panel/{'9' * 20}/removal").status_code == 404


def test_an_officer_settles_a_finding(officer: CleanClient, case: Case):
    response = officer.post(f"/eligibility/{case.reference}/findings/{IS_CITY}", data=settle_form())

    assert response.status_code == 302
    page = officer.get(response.location).text
    assert "The city stands in the national register." in page
    assert "Olga Officer" in page


def test_a_settlement_without_a_note_comes_back_with_what_was_chosen(officer: CleanClient, case: Case):
    response = officer.post(
        f"/eligibility/{case.reference}/findings/{IS_CITY}", data=settle_form(outcome="not_met", note="")
    )

    assert response.status_code == 422
    assert "Say in a few words what you have seen." in response.text
    assert 'value="not_met" checked' in response.text


def test_a_settlement_on_an_old_page_is_answered_with_both_versions(officer: CleanClient, case: Case):
    address = f"/eligibility/{case.reference}/findings/{IS_CITY}"
    officer.post(address, data=settle_form(note="The first officer wrote this."))

    response = officer.post(address, data=settle_form(note="The second officer typed this."))

    assert response.status_code == 409
    assert "The first officer wrote this." in response.text
    assert "The second officer typed this." in response.text


def test_no_note_makes_the_page_fail(officer: CleanClient, case: Case):
    address = f"/eligibility/{case.reference}/findings/{IS_CITY}"
    for typed in (b"\x00", "\u202e".encode(), b"\xed\xa0\x80", b"a" * 100_000):
        response = officer.post(address, data={"outcome": "met", "note": typed, "seen": ""})

        assert response.status_code == 422, typed[:10]
    response = officer.post(address, data=settle_form(note="<script>alert(1)</script>"))

    assert response.status_code == 302
    assert "<script>alert(1)</script>" not in officer.get(f"/eligibility/{case.reference}/").text


def test_an_auditor_reads_and_does_not_settle(client: CleanClient, case: Case):
    sign_in(client, person(Role.AUDITOR))

    assert "Keep what I found" not in client.get(f"/eligibility/{case.reference}/").text
    response = client.post(f"/eligibility/{case.reference}/findings/{IS_CITY}", data=settle_form())
    assert response.status_code == 404


def test_nobody_else_learns_that_there_is_a_report(client: CleanClient, case: Case):
    reading = {Role.PROGRAMME_OFFICER, Role.PROGRAMME_MANAGER, Role.AUDITOR}
    for role in set(PROGRAMME_ROLES) - reading:
        sign_in(client, person(role))
        response = client.get(f"/eligibility/{case.reference}/")

        assert (role, response.status_code, SECRET in response.text) == (role, 404, False)
        assert (role, client.get("/eligibility/").status_code) == (role, 403)


def test_the_lead_applicant_does_not_see_what_the_office_wrote(client: CleanClient, case: Case):
    sign_in(client, case.lead)

    assert client.get(f"/eligibility/{case.reference}/").status_code == 404


def test_a_draft_is_private(client: CleanClient, call: Call, now: datetime):
    private = draft(call, now)
    sign_in(client, make.officer())

    assert client.get(f"/eligibility/{private.reference}/").status_code == 404
    assert private.reference not in client.get("/eligibility/").text


def test_the_list_takes_as_many_queries_for_three_applications_as_for_one(
    client: CleanClient, call: Call, now: datetime
):
    make.submitted(call, now, "Agen")
    make.make_official_reports(call)
    sign_in(client, make.officer())
    one = queries_of(client, "/eligibility/")
    make.submitted(call, now, "Vic", "ES")
    make.submitted(call, now, "Genk", "BE")
    make.make_official_reports(call)

    assert queries_of(client, "/eligibility/") == one


def tokens(page: str) -> list[str]:
    return [unescape(each) for each in re.findall(r'name="ticked"[^>]*value="([^"]*)"', page)]


def test_an_officer_confirms_all_ticked_regions_in_one_act(officer: CleanClient, case: Case):
    page = officer.get(f"/eligibility/{case.reference}/").text
    assert "10 partners to confirm" in page

    answer = officer.post(f"/eligibility/{case.reference}/regions", data={"ticked": tokens(page)})

    assert answer.status_code == 302
    page = officer.get(f"/eligibility/{case.reference}/").text
    assert "All are confirmed" in page
    assert "Olga Officer" in page
    assert tokens(page) == []


def test_a_region_that_nobody_saw_is_not_confirmed(officer: CleanClient, case: Case):
    path = f"/eligibility/{case.reference}/regions"

    assert officer.post(path, data={"ticked": ["1|PL71|transition"]}).status_code == 409
    assert officer.post(path, data={}).status_code == 422
    assert "10 partners to confirm" in officer.get(f"/eligibility/{case.reference}/").text


def test_an_officer_corrects_a_region_with_a_reason(officer: CleanClient, case: Case):
    partner = case.row.partners[0]
    path = f"/eligibility/{case.reference}/regions/{partner.id}"
    form = {"nuts2": "FRI1", "reason": "Agen lies in Aquitaine.", "seen": f"{partner.id}||transition"}

    assert officer.post(path, data=form | {"reason": ""}).status_code == 422
    assert officer.post(path, data=form | {"nuts2": "PL71"}).status_code == 422
    assert officer.post(path, data=form | {"seen": "x"}).status_code == 409
    assert officer.post(path.removesuffix(str(partner.id)) + "999999", data=form).status_code == 404
    assert officer.post(path, data=form).status_code == 302

    page = officer.get(f"/eligibility/{case.reference}/").text
    assert "Aquitaine (FRI1)" in page
    assert "Agen lies in Aquitaine." in page
    assert "9 partners to confirm" in page


def test_the_verdict_says_which_regions_it_waits_for(officer: CleanClient, case: Case):
    page = officer.get(f"/applications/{case.reference}/").text

    assert "Confirm the region of these partners first: Agen, Isernia" in page


def test_a_closed_verdict_names_the_rules_by_their_titles_and_leads_to_the_findings(officer: CleanClient, case: Case):
    address = f"/applications/{case.reference}/"
    report = f"/eligibility/{case.reference}/"
    title = reads.case_facts(db.session(), case.row.id).titles[make.open_codes(case)[0]]
    page = unescape(officer.get(address).text)
    refused = unescape(officer.post(f"{address}transitions/propose_eligible", data={"seen": "2"}).text)

    for answer in (page, refused):
        assert f"findings (“{title}”" in answer
        assert f'href="{report}#findings-head"' in answer
        assert f'href="{report}#regions"' in answer
        assert make.open_codes(case)[0] not in answer


def test_only_an_officer_is_led_to_the_verdict(client: CleanClient, officer: CleanClient, case: Case):
    assert "Propose or declare" in officer.get(f"/eligibility/{case.reference}/").text
    sign_in(client, person(Role.AUDITOR))

    page = client.get(f"/eligibility/{case.reference}/").text

    assert ("Propose or declare" in page, "Where the application stands" in page) == (False, True)


def test_once_declared_the_check_says_that_nothing_is_left_to_do(client: CleanClient, session, now: datetime):
    tale = story(now).submit().close_call().settle().declare()
    sign_in(client, tale.officers[0])

    page = client.get(f"/eligibility/{tale.reference}/").text

    assert "Nothing is left to do in this check: eligibility was declared on " in page
    assert "Propose or declare" not in page
