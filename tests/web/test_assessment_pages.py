"""The pages of the panel: what an assessor sees and when, what nobody else may see, and how much they cost."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories import assessment as make
from tests.factories import eligibility
from tests.factories.accounts import actor_of, person, sign_in
from tests.factories.assessment import GRID, REASONS, Panel, scores
from tests.factories.calls import open_call
from tests.factories.eligibility import SECRET, Case
from tests.factories.jobs import work_off
from tests.kept_worlds import Kept
from tests.web.test_eligibility_pages import queries_of
from tests.web_client import CleanClient
from urbact_calls.accounts.models import User
from urbact_calls.assessment import reads as assessment
from urbact_calls.assessment.allocation import commands as allocation
from urbact_calls.assessment.models import CriterionPoints
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.permissions import PROGRAMME_ROLES
from urbact_calls.domain.vocabulary import ConflictAnswer, Role

# What only an assessor writes; it must not be found where it does not belong.
ANNAS = "Anna alone found that the budget is a little thin for ten partners."


@pytest.fixture(scope="module")
def now() -> datetime:
    """Pages take the time of the request; the call of these tests closed a month ago."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(days=60)


@pytest.fixture
def call(kept: Kept, now: datetime) -> Call:
    return kept(open_call, db.session, now)


@pytest.fixture
def panel(kept: Kept, call: Call, now: datetime) -> Panel:
    return kept(make.panel, call, now)


@pytest.fixture
def case(kept: Kept, call: Call, panel: Panel, now: datetime) -> Case:
    return kept(eligibility.eligible, call, now)


@pytest.fixture
def later(call: Call) -> datetime:
    return eligibility.after_closing(call)


def pages(case: Case) -> dict[str, str]:
    """Every address of the assessment about one application."""
    base = f"/assessment/applications/{case.reference}"
    partner = queries_letters(case)[0]
    return {
        "declaration": f"{base}/declaration",
        "sheet": f"{base}/sheet",
        "letter": f"{base}/letters/{partner}",
        "consensus": f"{base}/consensus",
    }


def queries_letters(case: Case) -> list[int]:
    from urbact_calls.eligibility.reports.reads.report import partners_with_letters

    db.session.rollback()
    return [partner.id for partner in partners_with_letters(db.session(), case.row.id)]


def statuses(client: CleanClient, user: User, case: Case) -> dict[str, int]:
    sign_in(client, user)
    return {name: client.get(address, buffered=True).status_code for name, address in pages(case).items()}


def typed(points: str = "4", reasons: str = REASONS, **changes: str) -> dict[str, str]:
    form = {f"{code}_points": points for code in GRID.codes} | {f"{code}_comment": reasons for code in GRID.codes}
    return form | {"recommendation": "", "version": "1"} | changes


def test_before_the_declaration_only_names_and_cities_are_shown(
    client: CleanClient, case: Case, panel: Panel, later: datetime
):
    make.allocated(case, panel, later)
    sign_in(client, panel.anna)

    response = client.get(pages(case)["sheet"], follow_redirects=True)

    assert response.request.path == pages(case)["declaration"]
    assert case.row.title in response.text
    assert "Škofja Loka" in response.text
    assert SECRET not in response.text
    assert client.get(pages(case)["letter"]).status_code == 404


def test_a_sheet_has_the_points_of_the_scale_of_its_call(
    client: CleanClient, call: Call, case: Case, panel: Panel, later: datetime
):
    with transaction() as session:
        stored = session.get_one(Call, call.id)
        stored.terms = replace(stored.terms, scale_max=3)
    make.allocated(case, panel, later)
    sign_in(client, panel.anna)
    client.post(pages(case)["declaration"], data={"answer": "none", "note": ""})

    too_many = client.post(pages(case)["sheet"], data=typed("4"))
    most = client.post(
        pages(case)["sheet"], data=typed("3", version=sheet_version(client, case)), follow_redirects=True
    )

    assert (too_many.status_code, most.status_code) == (422, 200)
    assert most.text.count('name="C1_points"') == 4
    assert '<b class="sheet-total">100</b> of 100 points scored so far' in most.text


def test_after_the_declaration_the_application_stands_beside_the_sheet(
    client: CleanClient, case: Case, panel: Panel, later: datetime
):
    make.allocated(case, panel, later)
    sign_in(client, panel.anna)

    response = client.post(pages(case)["declaration"], data={"answer": "none", "note": ""}, follow_redirects=True)

    assert response.status_code == 200
    assert SECRET in response.text
    assert "Your sheet" in response.text
    assert client.get(pages(case)["letter"], buffered=True).data.startswith(b"%PDF-")


def test_a_conflict_needs_its_words_and_takes_every_page_away(
    client: CleanClient, case: Case, panel: Panel, later: datetime
):
    make.allocated(case, panel, later)
    make.declared(case, later, panel.anna)
    sign_in(client, panel.anna)
    silent = client.post(pages(case)["declaration"], data={"answer": "conflict", "note": ""})

    told = client.post(pages(case)["declaration"], data={"answer": "conflict", "note": "My brother leads it."})

    assert (silent.status_code, told.status_code, told.location) == (422, 302, "/assessment/desk/")
    assert "Say in a few words what the conflict is." in silent.text
    assert set(statuses(client, panel.anna, case).values()) == {404}
    assert client.post(pages(case)["sheet"], data=typed()).status_code == 404
    assert client.post(f"{pages(case)['sheet']}/transitions/submit_sheet").status_code == 404
    assert client.post(f"{pages(case)['consensus']}/transitions/sign", data={"version": "1"}).status_code == 404
    assert case.row.title not in client.get("/assessment/desk/").text


def test_a_sheet_is_saved_reviewed_and_locked(client: CleanClient, case: Case, panel: Panel, later: datetime):
    make.allocated(case, panel, later)
    make.declared(case, later, panel.anna)
    sign_in(client, panel.anna)

    begun = client.post(pages(case)["sheet"], data={"C1_points": "5", "C1_comment": "Short.", "version": "1"})
    refused = client.post(f"{pages(case)['sheet']}/transitions/submit_sheet", data={"version": "2"})
    saved = client.post(pages(case)["sheet"], data=typed(version="2", lock="1"))
    locked = client.post(f"{pages(case)['sheet']}/transitions/submit_sheet", data={"version": "3"})

    assert (begun.status_code, refused.status_code, saved.status_code, locked.status_code) == (302, 409, 302, 302)
    assert saved.location.endswith("#lock")
    assert "Points and reasons are missing for" in refused.text
    page = client.get(pages(case)["sheet"]).text
    assert "Locked on" in page
    assert "80</b> of 100 points" in page


def test_no_point_at_all_is_a_score_and_no_gap(client: CleanClient, case: Case, panel: Panel, later: datetime):
    make.allocated(case, panel, later)
    make.declared(case, later, panel.anna)
    sign_in(client, panel.anna)

    gap = client.post(pages(case)["sheet"], data=typed("0", C1_points=""))
    refused = client.post(f"{pages(case)['sheet']}/transitions/submit_sheet", data={"version": "2"})
    saved = client.post(pages(case)["sheet"], data=typed("0", version="2"))
    written = client.get(pages(case)["sheet"]).text
    locked = client.post(f"{pages(case)['sheet']}/transitions/submit_sheet", data={"version": "3"})

    assert [answer.status_code for answer in (gap, refused, saved, locked)] == [302, 409, 302, 302]
    assert "Points and reasons are missing for" in refused.text
    chosen = [tag for tag in re.findall("<input[^>]*>", written) if "_points" in tag and " checked" in tag]
    assert [re.findall('value="(.)"', tag) for tag in chosen] == [["0"]] * len(GRID.codes)
    assert ">0</b> of 100 points" in client.get(pages(case)["sheet"]).text


def test_a_sheet_of_an_old_window_comes_back_with_both_texts(
    client: CleanClient, case: Case, panel: Panel, later: datetime
):
    make.allocated(case, panel, later)
    make.declared(case, later, panel.anna)
    sign_in(client, panel.anna)
    client.post(pages(case)["sheet"], data=typed(C1_comment="The first window says that all is well."))

    response = client.post(pages(case)["sheet"], data=typed(C1_comment="The second window disagrees with that."))

    assert response.status_code == 409
    assert "The first window says that all is well." in response.text
    assert "The second window disagrees with that." in response.text
    again = client.post(pages(case)["sheet"], data=typed(version="2", C1_comment="Both joined into one text."))
    assert again.status_code == 302


def sheet_version(client: CleanClient, case: Case) -> str:
    return client.get(pages(case)["sheet"]).text.split('name="version" type="hidden" value="')[1].split('"')[0]


def test_what_is_right_on_a_sheet_is_kept_although_something_else_is_not(
    client: CleanClient, case: Case, panel: Panel, later: datetime
):
    make.allocated(case, panel, later)
    make.declared(case, later, panel.anna)
    sign_in(client, panel.anna)

    response = client.post(pages(case)["sheet"], data=typed(C2_points="6", C3_comment="a" * 1501))

    assert response.status_code == 422
    assert "Your other answers are saved." in response.text
    db.session.rollback()
    kept = {row.criterion: (row.points, row.comment) for row in db.session.scalars(select(CriterionPoints))}
    assert (kept["C1"], kept["C2"], kept["C3"]) == ((4, REASONS), (None, REASONS), (4, ""))
    version = response.text.split('name="version" type="hidden" value="')[1].split('"')[0]
    assert version == sheet_version(client, case)
    assert client.post(pages(case)["sheet"], data=typed(version=version)).status_code == 302


def test_what_is_right_on_the_consensus_sheet_is_kept_although_something_else_is_not(
    client: CleanClient, case: Case, panel: Panel, later: datetime
):
    make.scored(case, panel, later, scores(), scores())
    sign_in(client, panel.anna)

    response = client.post(pages(case)["consensus"], data=typed(C2_points="6"))

    assert response.status_code == 422
    assert "Your other answers are saved." in response.text
    page = client.get(pages(case)["consensus"]).text
    assert 'name="C1_points" value="4" checked' in page
    assert 'name="C2_points" value="4" checked' not in page


def test_bad_input_in_a_sheet_is_answered_beside_the_field(
    client: CleanClient, case: Case, panel: Panel, later: datetime
):
    make.allocated(case, panel, later)
    make.declared(case, later, panel.anna)
    sign_in(client, panel.anna)

    for points in ("6", "-1", "4.5", "٣", "x", "1e0", "99999999999999999999"):
        response = client.post(pages(case)["sheet"], data=typed(C2_points=points, version=sheet_version(client, case)))

        assert (points, response.status_code) == (points, 422)
        assert "Choose one of the points." in response.text
        assert REASONS in response.text
    for version in ("", "x", "-1", "٣", "9" * 30):
        assert client.post(pages(case)["sheet"], data=typed(version=version)).status_code == 409
    long = client.post(pages(case)["sheet"], data=typed(C3_comment="a" * 1501, version=sheet_version(client, case)))
    assert long.status_code == 422
    assert "a" * 1501 in long.text


def test_the_other_sheet_is_hidden_until_all_are_locked(client: CleanClient, case: Case, panel: Panel, later: datetime):
    make.allocated(case, panel, later)
    make.declared(case, later, panel.anna, panel.aron)
    make.locked(case, panel.anna, scores(reasons=ANNAS), later)

    for user in (panel.aron, panel.chair, panel.officer):
        sign_in(client, user)
        for address in (pages(case)["consensus"], pages(case)["sheet"], "/assessment/desk/"):
            assert ANNAS not in client.get(address).text, (user.name, address)
    sign_in(client, panel.aron)
    assert client.post(pages(case)["consensus"], data=typed()).status_code == 404

    make.locked(case, panel.aron, scores(), later)
    work_off(later)

    for user in (panel.aron, panel.chair, panel.officer, panel.anna):
        sign_in(client, user)
        assert ANNAS in client.get(pages(case)["consensus"]).text, user.name


def test_the_consensus_from_agreement_to_the_last_signature(
    client: CleanClient, case: Case, panel: Panel, later: datetime
):
    make.scored(case, panel, later, scores(5, 5, 5, 5, 5), scores(2, 5, 5, 5, 5))
    sign_in(client, panel.anna)
    assert "To talk about: 2 and 5" in client.get(pages(case)["consensus"]).text

    assert client.post(pages(case)["consensus"], data=typed()).status_code == 302
    version = str(make.consensus_version(case))
    for user in (panel.anna, panel.aron, panel.chair):
        sign_in(client, user)
        assert "Sign the consensus sheet" in client.get(pages(case)["consensus"]).text
        response = client.post(f"{pages(case)['consensus']}/transitions/sign", data={"version": version})
        assert response.status_code == 302

    page = client.get(pages(case)["consensus"]).text
    assert "Sign the consensus sheet" not in page
    assert "80</b> of 100 points" in page
    assert assessment.case_facts(db.session(), case.row.id).consensus_signed is True
    assert "Decision pending" in client.get("/assessment/desk/").text


def test_a_consensus_sheet_saved_by_a_colleague_is_not_overwritten(
    client: CleanClient, case: Case, panel: Panel, later: datetime
):
    make.scored(case, panel, later, scores(), scores())
    make.agreed(case, panel, later, scores(reasons="Anna wrote this down for all three of us in the meeting."))
    sign_in(client, panel.aron)

    response = client.post(
        pages(case)["consensus"], data=typed(reasons="Aron typed this at the same time as Anna did.")
    )

    assert response.status_code == 409
    assert "Anna wrote this down" in response.text
    assert "Aron typed this" in response.text
    stale = client.post(f"{pages(case)['consensus']}/transitions/sign", data={"version": "1"})
    assert stale.status_code == 409


def test_an_applicant_and_every_stranger_find_nothing(client: CleanClient, case: Case, panel: Panel, later: datetime):
    make.scored(case, panel, later, scores(reasons=ANNAS), scores())
    reading = {Role.PROGRAMME_OFFICER, Role.PROGRAMME_MANAGER, Role.AUDITOR}
    strangers = [case.lead, panel.third, *(person(role) for role in set(PROGRAMME_ROLES) - reading)]

    for user in strangers:
        assert set(statuses(client, user, case).values()) == {404}, user.name
        assert client.get("/assessment/").status_code == 403
    sign_in(client, case.lead)
    for address in (f"/applications/{case.reference}/", "/applications/", "/dashboard"):
        page = client.get(address).text
        for leak in ("Anna Assessor", "Aron Assessor", "Chiara Chair", ANNAS):
            assert leak not in page, (address, leak)


def test_the_office_builds_the_panel_and_allocates(client: CleanClient, call: Call, case: Case, later: datetime):
    assessor, chair = person(Role.ASSESSOR, name="Anna Assessor"), person(Role.PANEL_CHAIR)
    sign_in(client, person(Role.PROGRAMME_OFFICER))
    address = f"/assessment/calls/{call.code}"

    for user, role in ((assessor, "assessor"), (chair, "panel_chair")):
        response = client.post(f"{address}/panel", data={"member": f"{user.id}:{role}", "country": "FR"})
        assert response.status_code == 302
    page = client.get(f"{address}/").text
    assert "Anna Assessor (country of the lead partner)" in page
    base = f"/assessment/applications/{case.reference}"
    due = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()

    past = client.post(f"{base}/allocations", data={"assessor": str(assessor.id), "due_on": "2020-01-01"})
    chair_too = client.post(f"{base}/allocations", data={"assessor": str(chair.id), "due_on": due})
    nobody = client.post(f"{base}/allocations", data={"assessor": "x", "due_on": "31.12.2030"})
    done = client.post(f"{base}/allocations", data={"assessor": str(assessor.id), "due_on": due})

    assert [past.status_code, chair_too.status_code, nobody.status_code, done.status_code] == [422, 422, 422, 302]
    assert "The day by which the sheet is due has passed." in past.text
    assert "Choose a person of the list." in nobody.text
    assert "31.12.2030" in nobody.text
    allocation = assessment.active_allocations(db.session(), case.row.id)[0]
    busy = client.post(f"{address}/panel/{assessor.id}/removal")
    taken = client.post(f"{base}/allocations/{allocation.id}/removal")
    assert (busy.status_code, taken.status_code) == (409, 302)
    assert client.post(f"{address}/panel/{assessor.id}/removal").status_code == 302


def test_the_office_reopens_a_sheet_with_a_reason(client: CleanClient, case: Case, panel: Panel, later: datetime):
    make.scored(case, panel, later, scores(), scores())
    allocation = assessment.active_allocations(db.session(), case.row.id)[0]
    sign_in(client, panel.officer)
    address = f"/assessment/applications/{case.reference}/sheets/{allocation.id}/transitions/reopen_sheet"

    version = str(allocation.sheet.version)
    db.session.rollback()

    shown = client.get(f"/assessment/calls/{case.row.call.code}/").text

    assert f'name="version" value="{version}"' in shown
    assert client.post(address, data={"version": version, "reason": ""}).status_code == 409
    assert client.post(address, data={"version": "1", "reason": "A slip of the pen."}).status_code == 409
    assert client.post(address, data={"version": version, "reason": "A slip of the pen."}).status_code == 302


def test_the_ranking_is_seen_and_sealed_by_the_office_and_seen_by_the_chair(
    client: CleanClient, call: Call, panel: Panel, now: datetime
):
    for number, given in enumerate((5, 4, 4), start=1):
        make.assessed_row(call, number, dict.fromkeys(GRID.codes, given), now, panel.officer.id)
    address = f"/assessment/calls/{call.code}/ranking"
    sign_in(client, panel.chair)
    assert "Night Gardens 1" in client.get(address).text
    assert client.post(f"{address}/seal").status_code == 404
    sign_in(client, panel.officer)

    assert client.post(f"{address}/seal").status_code == 302
    page = client.get(address).text

    assert page.count("tied") == 2
    assert "fingerprint" in page
    assert client.post(f"{address}/seal").status_code == 409
    for user in (panel.anna, person(Role.PANEL_CHAIR), person(Role.COMMITTEE), person()):
        sign_in(client, user)
        assert client.get(address).status_code == 404, user.name


def test_lists_take_as_many_queries_for_three_applications_as_for_one(
    client: CleanClient, call: Call, panel: Panel, now: datetime
):
    def of_all_lists() -> dict[str, int]:
        found = {}
        for user, address in (
            (panel.anna, "/assessment/desk/"),
            (panel.chair, "/assessment/desk/"),
            (panel.officer, f"/assessment/calls/{call.code}/"),
            (panel.officer, f"/assessment/calls/{call.code}/ranking"),
            (panel.officer, "/assessment/"),
        ):
            sign_in(client, user)
            found[f"{user.name} {address}"] = queries_of(client, address)
        return found

    sheet = {"C1": 5}
    make.assessed(call, panel, now, ("Agen", "FR"), sheet)
    one = of_all_lists()
    make.assessed(call, panel, now, ("Vic", "ES"), sheet)
    make.assessed(call, panel, now, ("Genk", "BE"), sheet)

    assert of_all_lists() == one


def test_which_conflict_an_assessor_declared_is_for_the_office_alone(
    client: CleanClient, call: Call, case: Case, panel: Panel, later: datetime
):
    make.allocated(case, panel, later)
    note = "My sister works for the lead partner."
    anna = actor_of(panel.anna)
    allocation.declare(case.reference, answer=ConflictAnswer.CONFLICT, note=note, actor=anna, now=later)

    def read_by(role: Role) -> str:
        sign_in(client, person(role))
        return client.get(f"/assessment/calls/{call.code}/").text

    assert note in read_by(Role.PROGRAMME_OFFICER)
    assert note not in read_by(Role.AUDITOR)
