"""Writing an application through its pages: what is shown, kept, refused, and given back."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from werkzeug.http import parse_options_header

from tests.factories import applications as make
from tests.factories.accounts import at, person, sign_in
from tests.factories.applications import Draft
from tests.factories.calls import closed_call, open_call
from tests.factories.organisations import member
from tests.query_count import statements
from tests.web_client import CleanClient
from urbact_calls.applications.models import Application, Document, SavedSection
from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import Role


@pytest.fixture
def call(session, now: datetime) -> Call:
    return open_call(db.session, now)


@pytest.fixture
def draft(call: Call, now: datetime) -> Draft:
    return make.draft(call, now)


def pages_of(reference: str) -> list[str]:
    base = f"/applications/{reference}"
    return [
        f"{base}/",
        f"{base}/sections/identity",
        f"{base}/sections/declarations",
        f"{base}/partners",
        f"{base}/budget",
        f"{base}/documents",
    ]


def queries_of(client: CleanClient, path: str) -> int:
    """How many statements one page asks of the database."""
    with statements() as sent:
        assert client.get(path).status_code == 200
    return len(sent)


# --- who sees what ----------------------------------------------------------------------------------------------------


def test_every_page_of_a_draft_opens_for_its_people(lead: CleanClient, draft: Draft):
    pages = ["/applications/", "/calls/APN-DEMO/applications", *pages_of(draft.reference)]

    assert {page: lead.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)


@pytest.mark.parametrize("role", [None, Role.PROGRAMME_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR, Role.COMMITTEE])
def test_a_draft_does_not_exist_for_anybody_else(client: CleanClient, call: Call, now: datetime, role: Role | None):
    secret = make.complete_draft(call, now)
    at(client, now)
    sign_in(client, person(*([role] if role else [])))

    answers = {page: client.get(page) for page in pages_of(secret.reference)}

    assert {page: answer.status_code for page, answer in answers.items()} == dict.fromkeys(answers, 404)
    assert all("ISOLA" not in answer.text for answer in answers.values())
    assert "ISOLA" not in client.get("/applications/").text


def test_a_person_without_an_organisation_finds_or_enters_it_first_and_comes_back(
    client: CleanClient, call: Call, now: datetime
):
    at(client, now)
    sign_in(client, person())

    answer = client.get("/calls/APN-DEMO/applications")

    assert answer.location == "/organisations/new?next=/calls/APN-DEMO/applications"
    assert 'name="next" value="/calls/APN-DEMO/applications"' in client.get(answer.location).text


def test_a_list_asks_the_same_number_of_questions_for_one_and_for_three(lead: CleanClient, draft: Draft, now: datetime):
    one = queries_of(lead, "/applications/")
    for code in ("APN-TWO", "APN-SIX"):
        make.draft(open_call(db.session, now, code), now, draft.organisation)

    assert queries_of(lead, "/applications/") == one


def test_each_page_asks_the_same_number_of_questions_for_one_and_for_ten_partners(
    client: CleanClient, call: Call, now: datetime
):
    at(client, now)
    alone = make.draft(call, now, make.city("Malagar", now, "ES"))
    complete = make.complete_draft(call, now)

    sign_in(client, alone.lead)
    few = [queries_of(client, page) for page in pages_of(alone.reference)]
    sign_in(client, complete.lead)
    many = [queries_of(client, page) for page in pages_of(complete.reference)]

    # A partner without lines and letters saves nothing: the questions are asked for all of them at once.
    assert many == few


def test_the_list_goes_on_after_the_last_one_shown(lead: CleanClient, draft: Draft, call: Call, now: datetime):
    for _ in range(26):
        make.draft(call, now, draft.organisation)
    db.session.execute(Application.__table__.update().where(Application.number > 1).values(created_by=draft.lead.id))
    db.session.commit()

    first = lead.get("/applications/").text
    second = lead.get("/applications/?after=APN-DEMO-003").text

    assert "after=APN-DEMO-003" in first
    assert ("APN-DEMO-002" in second, "APN-DEMO-001" in second, "APN-DEMO-003" in second) == (True, True, False)


# --- starting ---------------------------------------------------------------------------------------------------------


def test_a_start_leads_to_the_new_draft(lead: CleanClient, draft: Draft):
    answer = lead.post("/calls/APN-DEMO/applications", data={"organisation": str(draft.organisation.id)})

    assert (answer.status_code, answer.location) == (302, "/applications/APN-DEMO-002/sections/identity")
    assert "Not yet submitted" in lead.get(answer.location).text


def test_the_same_start_sent_twice_starts_one_draft_and_another_one_on_purpose_stays_possible(
    lead: CleanClient, draft: Draft
):
    def opened() -> str:
        page = lead.get("/calls/APN-DEMO/applications").text
        return re.findall(r'name="seen" type="hidden" value="([0-9]+)"', page)[0]

    def started(seen: str) -> str:
        form = {"organisation": str(draft.organisation.id), "seen": seen}
        return str(lead.post("/calls/APN-DEMO/applications", data=form).location)

    seen = opened()

    assert {started(seen), started(seen)} == {"/applications/APN-DEMO-002/sections/identity"}
    assert started(opened()) == "/applications/APN-DEMO-003/sections/identity"


def test_the_same_start_for_another_organisation_starts_another_draft(lead: CleanClient, draft: Draft, now: datetime):
    other = make.city("Isernia", now, "IT", "less developed")
    member(draft.lead, other)
    form = {"organisation": str(draft.organisation.id), "seen": "1"}

    first = lead.post("/calls/APN-DEMO/applications", data=form).location
    second = lead.post("/calls/APN-DEMO/applications", data=form | {"organisation": str(other.id)}).location

    assert [each.split("/")[2] for each in (first, second)] == ["APN-DEMO-002", "APN-DEMO-003"]


@pytest.mark.parametrize("organisation", ["", "x", "0", "9" * 30, "-1"])
def test_somebody_elses_organisation_is_refused(lead: CleanClient, organisation: str):
    answer = lead.post("/calls/APN-DEMO/applications", data={"organisation": organisation})

    assert answer.status_code == 422
    assert "Choose one of your organisations." in answer.text


def test_nothing_is_started_in_a_closed_call(lead: CleanClient, draft: Draft, now: datetime):
    closed_call(db.session, now, "APN-OLD")

    answer = lead.post("/calls/APN-OLD/applications", data={"organisation": str(draft.organisation.id)})

    assert answer.status_code == 409
    assert db.session.scalars(select(Application.reference)).all() == [draft.reference]


# --- sections ---------------------------------------------------------------------------------------------------------


def test_save_goes_on_to_the_next_part_and_says_when(lead: CleanClient, draft: Draft):
    answer = lead.post(
        f"/applications/{draft.reference}/sections/identity", data={"title": "Breaking Isolation", "version": "0"}
    )

    assert answer.location == f"/applications/{draft.reference}/sections/challenge"
    assert "Saved 10:00:00: Project identity." in lead.get(answer.location).text
    assert "Saved 10:00:00" in lead.get(f"/applications/{draft.reference}/sections/identity").text


def test_a_stale_save_gives_both_texts_and_every_typed_character(lead: CleanClient, draft: Draft):
    path = f"/applications/{draft.reference}/sections/identity"
    lead.post(path, data={"title": "Theirs <b>", "abstract": "Same", "version": "0"})

    answer = lead.post(path, data={"title": "Mine & more", "acronym": "MINE", "abstract": "Same", "version": "0"})

    assert answer.status_code == 409
    assert "Theirs &lt;b&gt;" in answer.text
    assert 'value="Mine &amp; more"' in answer.text
    assert 'value="MINE"' in answer.text
    assert "Title of the network was changed by two people" in answer.text
    assert "Abstract was changed by two people" not in answer.text
    assert 'name="version" type="hidden" value="1"' in answer.text
    assert db.session.scalars(select(SavedSection)).one().answers["title"] == "Theirs <b>"


def test_an_edit_conflict_is_ended_by_keeping_mine_theirs_or_both(lead: CleanClient, draft: Draft):
    path = f"/applications/{draft.reference}/sections/identity"
    lead.post(path, data={"title": "Theirs", "acronym": "THEIRS", "abstract": "Their words", "version": "0"})

    answer = lead.post(
        path,
        data={
            "version": "1",
            "title": "Mine",
            "keep-title": "mine",
            "acronym": "MINE",
            "keep-acronym": "theirs",
            "abstract": "Their words and mine",
            "keep-abstract": "mine",
        },
    )

    assert answer.status_code == 302
    kept = db.session.scalars(select(SavedSection)).one().answers
    assert (kept["title"], kept["acronym"], kept["abstract"]) == ("Mine", "THEIRS", "Their words and mine")


def test_the_side_that_was_written_on_is_proposed(lead: CleanClient, draft: Draft):
    """Of two answers that differ, the one I never touched is theirs."""
    path = f"/applications/{draft.reference}/sections/identity"
    seen = dict.fromkeys(("seen-title", "seen-acronym"), "e3b0c44298fc1c14")  # the mark of an empty answer
    lead.post(path, data={"title": "Theirs", "version": "0"})

    page = lead.post(path, data={"title": "", "acronym": "MINE", "version": "0", **seen}).text

    assert 'name="keep-title" value="theirs" checked' in page
    assert 'name="keep-acronym" value="mine" checked' in page


@pytest.mark.parametrize("version", ["", "x", "-1", "１", "9223372036854775808", "1" * 400])
def test_a_version_that_cannot_be_read_overwrites_nothing(lead: CleanClient, draft: Draft, version: str):
    path = f"/applications/{draft.reference}/sections/identity"
    lead.post(path, data={"title": "Theirs", "version": "0"})

    answer = lead.post(path, data={"title": "Mine", "version": version})

    assert answer.status_code == 409
    assert db.session.scalars(select(SavedSection)).one().answers["title"] == "Theirs"


def test_what_was_typed_too_late_comes_back(lead: CleanClient, draft: Draft, call: Call):
    path = f"/applications/{draft.reference}/sections/challenge"
    lead.post(path, data={"challenge": "In time", "version": "0"})
    at(lead, call.closes_at + timedelta(seconds=1))

    answer = lead.post(path, data={"challenge": "Too late, and long to type", "version": "1"})

    assert answer.status_code == 409
    assert "Too late, and long to type" in answer.text
    assert "Not saved: the call closed on" in answer.text
    assert "The last saved text is of 10:00:00." in answer.text


def test_after_closing_fields_are_text(lead: CleanClient, draft: Draft, call: Call):
    path = f"/applications/{draft.reference}/sections/challenge"
    lead.post(path, data={"challenge": "In time", "version": "0"})
    at(lead, call.closes_at + timedelta(seconds=1))

    pages = {page: lead.get(page).text for page in [path, *pages_of(draft.reference)]}

    assert "In time" in pages[path]
    assert "<textarea" not in pages[path]
    assert [page for page, text in pages.items() if 'type="submit">Save' in text] == []
    assert "Not submitted before the call closed" in pages[f"/applications/{draft.reference}/"]


# --- budget -----------------------------------------------------------------------------------------------------------


def test_the_grid_is_added_up_without_being_saved(lead: CleanClient, draft: Draft):
    partner = make.row(draft.reference).partners[0].id

    answer = lead.post(
        f"/applications/{draft.reference}/budget",
        data={f"amount-{partner}-STAFF": "1000.01", "version": "1", "add_up": "1"},
    )

    # Office and administration are 15 % of staff, down to the cent; ERDF pays 70 % of a transition region.
    assert answer.status_code == 200
    assert [figure for figure in ("150", "1,150.01", "805", "345.01") if f">{figure}</td>" not in answer.text] == []
    assert make.row(draft.reference).partners[0].budget_lines == []


def test_an_unknown_rate_is_said(client: CleanClient, call: Call, now: datetime):
    unknown = make.draft(call, now, make.city("Nowhere", now, "FR", region_category=None))
    at(client, now)
    sign_in(client, unknown.lead)
    partner = make.row(unknown.reference).partners[0].id
    client.post(f"/applications/{unknown.reference}/budget", data={f"amount-{partner}-STAFF": "10", "version": "1"})

    page = client.get(f"/applications/{unknown.reference}/budget").text

    assert "Without 1 partner: rate not known" in page


def test_a_stale_budget_gives_both_figures_and_every_typed_cell(lead: CleanClient, draft: Draft):
    partner, path = make.row(draft.reference).partners[0].id, f"/applications/{draft.reference}/budget"
    staff, equipment = f"amount-{partner}-STAFF", f"amount-{partner}-EQUIPMENT"
    lead.post(path, data={staff: "100", "version": "1"})

    answer = lead.post(path, data={staff: "200,50", equipment: "7", "version": "1"})

    assert answer.status_code == 409
    assert f'name="{staff}" value="200,50"' in answer.text
    assert f'name="{equipment}" value="7"' in answer.text
    assert ("€100</td>" in answer.text, "€200.50</td>" in answer.text) == (True, True)

    settled = lead.post(
        path,
        data={staff: "200,50", f"keep-{staff}": "theirs", equipment: "7", f"keep-{equipment}": "mine", "version": "2"},
    )

    assert settled.status_code == 302
    lines = make.row(draft.reference).partners[0].budget_lines
    assert {line.category: line.amount_cents for line in lines} == {"STAFF": 100_00, "EQUIPMENT": 7_00}


def test_a_cell_that_i_left_as_it_was_is_proposed_as_theirs(client: CleanClient, call: Call, now: datetime):
    complete = make.complete_draft(call, now)
    at(client, now)
    sign_in(client, complete.lead)
    application = make.row(complete.reference)
    first, second = (f"amount-{partner.id}-STAFF" for partner in application.partners[:2])
    path, version = f"/applications/{complete.reference}/budget", str(application.version)
    seen = f"{first}=3000000 {second}=3000000"
    client.post(path, data={first: "31000", "version": version})

    page = client.post(path, data={first: "30000", second: "32000", "version": version, "seen": seen}).text

    proposals = dict(re.findall(r'name="keep-([^"]+)".*?value="theirs"( selected)?', page))
    assert proposals == {first: " selected", second: ""}


# --- letters ----------------------------------------------------------------------------------------------------------


def upload(client: CleanClient, draft: Draft, content: bytes, name: str = "Lettre signée.pdf"):
    partner = make.row(draft.reference).partners[0].id
    return client.post(
        f"/applications/{draft.reference}/documents/{partner}",
        data={f"p{partner}-letter": (io.BytesIO(content), name)},
        content_type="multipart/form-data",
    )


def test_a_letter_comes_back_as_a_file_to_keep(lead: CleanClient, draft: Draft):
    partner = make.row(draft.reference).partners[0].id
    assert upload(lead, draft, make.pdf()).status_code == 302

    answer = lead.get(f"/applications/{draft.reference}/documents/{partner}")

    assert answer.data == make.pdf()
    answer.close()
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Επιστολή δέσμευσης.pdf", "Επιστολή δέσμευσης.pdf"),
        ("Писмо – Община „София“.pdf", "Писмо – Община „София“.pdf"),
        ("Zu\u0308rich.PDF", "Zürich.pdf"),
        ("Łódź 🏙 100 %;x=1.pdf", "Łódź 🏙 100 %;x=1.pdf"),
        ('a"b\\c.pdf', None),
    ],
)
def test_a_file_comes_back_under_the_name_it_was_given(lead: CleanClient, draft: Draft, name: str, shown: str | None):
    partner = make.row(draft.reference).partners[0].id
    assert upload(lead, draft, make.pdf(), name).status_code == 302

    with lead.get(f"/applications/{draft.reference}/documents/{partner}") as answer:
        disposition, options = parse_options_header(answer.headers["Content-Disposition"])

    kept = db.session.scalars(select(Document.filename)).one()
    assert (disposition, options["filename"]) == ("attachment", kept)
    assert shown in (None, kept)
    assert kept.replace('"', "&#34;") in lead.get(f"/applications/{draft.reference}/documents").text


def test_a_letter_is_as_private_as_its_application(client: CleanClient, lead: CleanClient, draft: Draft):
    partner = make.row(draft.reference).partners[0].id
    upload(lead, draft, make.pdf())
    sign_in(client, person(Role.PROGRAMME_OFFICER))

    assert client.get(f"/applications/{draft.reference}/documents/{partner}").status_code == 404


def test_a_refused_letter_leaves_the_one_that_was_here(lead: CleanClient, draft: Draft):
    upload(lead, draft, make.pdf(2))

    answer = upload(lead, draft, b"not a letter")

    assert answer.status_code == 415
    assert "This is not a PDF." in answer.text
    assert db.session.scalars(select(Document.size)).one() == len(make.pdf(2))
