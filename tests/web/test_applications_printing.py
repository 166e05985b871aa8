"""Papers: what the PDF of an application and a letter to sign say, how they are built, and who may have them."""

from __future__ import annotations

import io
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from tests.factories import applications as make
from tests.factories.accounts import at, person, sign_in
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from tests.factories.jobs import work_off
from tests.web_client import CleanClient, in_a_child
from urbact_calls import confined, typesetting
from urbact_calls.applications.documents.commands import KEPT_FOR
from urbact_calls.applications.documents.jobs import forget_documents
from urbact_calls.applications.models import ApplicationDocument, PlannedCost, SavedSection
from urbact_calls.applications.submission import commands as submission
from urbact_calls.applications.submission.models import Submission
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import Role
from urbact_calls.job_sets import start_due
from urbact_calls.jobs import Job

# How a paper looks and what waits for a child does not depend on the database; what is read from it for a paper does,
# and is asked on both further on.
ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TEXT = "<script>alert('Łódź')</script> & Ελληνικά, Кириллица, Škofja Loka, Fót, Brăila"


@pytest.fixture
def by_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers are set as the program does it."""
    monkeypatch.setattr(typesetting, "run", in_a_child)


@pytest.fixture
def call(session, now: datetime) -> Call:
    return open_call(db.session, now)


@pytest.fixture
def draft(call: Call, now: datetime) -> Draft:
    return make.complete_draft(call, now)


def base(draft: Draft) -> str:
    return f"/applications/{draft.reference}"


def write(draft: Draft, text: str) -> None:
    """Puts a text in the first long answer of the form."""
    with transaction() as session:
        sections = session.scalars(
            select(SavedSection)
            .where(SavedSection.application_id == make.row(draft.reference).id)
            .order_by(SavedSection.id)
        ).all()
        section = next(each for each in sections if each.code == "challenge")
        code = next(code for code, answer in section.answers.items() if answer.startswith("We write"))
        section.answers = {**section.answers, code: text}


def made(client: CleanClient, draft: Draft, now: datetime) -> PdfReader:
    """The PDF as somebody gets it who asks for it and waits."""
    client.post(f"{base(draft)}/pdf")
    work_off(now)
    answer = client.get(f"{base(draft)}/application.pdf", buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    return PdfReader(io.BytesIO(answer.data))


def text_of(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def structure_of(reader: PdfReader) -> list[Any]:
    """The elements that assistive technology reads."""
    found: list[Any] = []
    waiting: list[Any] = [reader.root_object["/StructTreeRoot"]["/K"]]
    while waiting:
        each = waiting.pop().get_object()
        if isinstance(each, list):
            waiting += each
        elif isinstance(each, dict) and "/S" in each:
            found.append(each)
            waiting.append(each.get("/K", []))
    return found


def tags_of(reader: PdfReader) -> Counter[str]:
    """How often each tag occurs."""
    return Counter(str(each["/S"])[1:] for each in structure_of(reader))


def cells_without_header(reader: PdfReader) -> int:
    """How many cells name no header cell of their row or column."""
    return sum(each["/S"] == "/TD" and not each["/A"].get("/Headers") for each in structure_of(reader))


def assert_is_accessible(reader: PdfReader, title: str) -> None:
    """What PDF/UA-1 asks of the document as a whole (ISO 14289-1, clause 7.1 and 7.2)."""
    root = reader.root_object
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert reader.metadata is not None
    assert reader.metadata.title == title
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert all("/StructParents" in page for page in reader.pages)
    tags = tags_of(reader)
    assert tags["H1"] == 1
    assert tags["TH"] > 0
    assert tags["Figure"] == 0
    assert cells_without_header(reader) == 0
    # Nothing acts, and nothing is left outside: the fonts are in the file.
    assert {"/OpenAction", "/AA", "/AcroForm"} & set(root) == set()
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            [child] = font.get_object()["/DescendantFonts"]
            assert (
                "/FontFile2" in (about := child.get_object()["/FontDescriptor"].get_object()) or "/FontFile3" in about
            )


# --- the application ------------------------------------------------------------------------------------------------


@ON_ONE
def test_a_draft_is_printed_with_everything_and_says_on_each_page_that_it_is_one(
    lead: CleanClient, draft: Draft, now: datetime, by_a_child: None
):
    write(draft, "\n\n".join([TEXT, *["A long paragraph about our town. " * 40] * 12]))

    reader = made(lead, draft, now)

    assert len(reader.pages) > 3
    assert all("Draft, not submitted" in page.extract_text() for page in reader.pages)
    text = text_of(reader)
    assert TEXT in text
    for wanted in (
        "Breaking Isolation (demonstration)",
        "ISOLA",
        "Škofja Loka",
        "€435,000",
        "Letters of commitment",
        "Partner profiles",
        "Rate of the fund",
        "What the rules say about this draft",
        "Signature and stamp",
        "This is a demonstration call.",
    ):
        assert wanted in text, wanted
    assert_is_accessible(reader, f"Application {draft.reference}, ISOLA (draft, not submitted)")
    tags = tags_of(reader)
    assert tags["H2"] == len([each for each in reader.outline[1] if not isinstance(each, list)])
    assert tags["H3"] > 5
    assert tags["Table"] >= 5
    assert tags["L"] == 1


def test_a_word_that_is_longer_than_its_line_or_column_goes_on_in_the_next(
    lead: CleanClient, draft: Draft, now: datetime
):
    word = "Donaudampfschiffahrts" * 7
    write(draft, word)
    with transaction() as session:
        application = session.merge(make.row(draft.reference))
        identity = next(each for each in application.sections if each.code == "identity")
        identity.answers = {**identity.answers, "title": word}
        application.title = application.partners[1].organisation.name = word

    lines = [line for page in made(lead, draft, now).pages for line in page.extract_text().splitlines()]

    # Heading, title, answer, and the partner in its tables. A line of the paper holds some 110 letters.
    assert "".join(lines).count(word) >= 5
    assert max(map(len, lines)) < 130


def test_after_submission_the_paper_is_what_was_handed_in(lead: CleanClient, draft: Draft, now: datetime):
    submission.take_transition(draft.reference, "submit", draft.actor, now)
    # What changes behind the frozen dossier does not come on the paper.
    write(draft, "Written after the submission")

    text = text_of(made(lead, draft, now))

    assert db.session.scalars(select(Submission.fingerprint)).one() in text.replace(" ", "")
    assert "Submission 1, received 10 March 2026 at 10:00, Paris time" in text
    assert "not submitted" not in text
    assert "Written after" not in text
    assert "What the rules say" not in text


def test_the_same_content_is_made_once_and_another_one_takes_its_place(
    app, lead: CleanClient, draft: Draft, now: datetime
):
    made(lead, draft, now)
    first = db.session.scalars(select(ApplicationDocument.storage_key)).one()
    made(lead, draft, now)
    assert db.session.scalars(select(ApplicationDocument.storage_key)).all() == [first]

    write(draft, "Another text")
    assert lead.get(f"{base(draft)}/application.pdf").status_code == 302
    assert "Another text" in text_of(made(lead, draft, now))

    [second] = db.session.scalars(select(ApplicationDocument.storage_key))
    assert second != first
    assert [path.name for path in app.extensions["storage"].folder.rglob("*") if path.is_file()] == [second]
    assert db.session.scalar(select(func.count()).where(Job.kind == "applications.print")) == 2


def test_asking_again_while_it_is_made_waits_for_the_same_one(lead: CleanClient, draft: Draft, now: datetime):
    lead.post(f"{base(draft)}/pdf")
    lead.post(f"{base(draft)}/pdf")

    page = lead.get(f"{base(draft)}/pdf").text
    assert "The PDF is being made" in page
    assert 'data-look-again="1"' in page
    assert db.session.scalar(select(func.count()).where(Job.kind == "applications.print")) == 1

    # The draft goes on meanwhile: the paper says what it says when it is made.
    write(draft, "Written while waiting")
    work_off(now)
    assert "The PDF is ready" in lead.get(f"{base(draft)}/pdf").text


def test_a_paper_that_failed_can_be_asked_for_again(lead: CleanClient, draft: Draft, now: datetime):
    lead.post(f"{base(draft)}/pdf")
    with transaction() as session:
        session.scalars(select(Job).where(Job.kind == "applications.print")).one().state = "dead"

    assert "The PDF could not be made" in lead.get(f"{base(draft)}/pdf").text
    made(lead, draft, now)


def test_old_papers_are_forgotten_with_their_files(app, lead: CleanClient, draft: Draft, now: datetime):
    made(lead, draft, now)

    for later in (KEPT_FOR - timedelta(seconds=1), KEPT_FOR + timedelta(seconds=1)):
        start_due(forget_documents, now + later)
        count = db.session.scalar(select(func.count()).select_from(ApplicationDocument))
        assert count == int(later < KEPT_FOR)
        db.session.rollback()

    assert not any(path.is_file() for path in app.extensions["storage"].folder.rglob("*"))


def test_an_empty_draft_can_be_printed_too(client: CleanClient, call: Call, now: datetime):
    empty = make.draft(call, now)
    at(client, now)
    sign_in(client, empty.lead)

    text = text_of(made(client, empty, now))

    assert "No answer" in text
    assert "No budget" in text


def test_the_paper_says_what_was_declared_and_has_a_place_for_the_emblem(
    lead: CleanClient, draft: Draft, now: datetime
):
    reader = made(lead, draft, now)
    declared = text_of(reader).partition("Declarations")[2].partition("Partners")[0]

    assert (declared.count("Yes"), "No answer" in declared) == (5, False)
    assert "Co-funded by the European Union" in reader.pages[0].extract_text()
    assert "Co-funded by the European Union" not in reader.pages[1].extract_text()


def test_no_person_is_named_on_the_paper(lead: CleanClient, draft: Draft, now: datetime):
    text = text_of(made(lead, draft, now))

    assert draft.lead.name not in text
    assert draft.lead.email not in text


# --- who may have them ----------------------------------------------------------------------------------------------


def papers_of(draft: Draft) -> list[str]:
    partner = make.row(draft.reference).partners[1].id
    letter = f"{base(draft)}/documents/{partner}/to-sign"
    return [f"{base(draft)}/pdf", f"{base(draft)}/application.pdf", f"{letter}.pdf", f"{letter}.txt"]


def test_papers_of_a_draft_are_for_its_applicants(lead: CleanClient, draft: Draft, now: datetime):
    made(lead, draft, now)
    roles = (Role.PROGRAMME_OFFICER, Role.AUDITOR, Role.ASSESSOR, Role.COMMITTEE, Role.ADMINISTRATOR)
    of_another_city = make.member(make.city("Turku", now, "FI"), now)

    for stranger in (of_another_city, *(person(role) for role in roles)):
        client = lead.application.test_client()
        at(client, now)
        sign_in(client, stranger)
        assert {path: client.get(path).status_code for path in papers_of(draft)} == dict.fromkeys(papers_of(draft), 404)
        assert client.post(f"{base(draft)}/pdf").status_code == 404


def test_a_visitor_gets_no_paper(lead: CleanClient, draft: Draft, now: datetime):
    made(lead, draft, now)
    visitor = lead.application.test_client()

    for path in papers_of(draft):
        answer = visitor.get(path)
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/sign-in")


def test_the_office_reads_the_paper_of_a_submitted_application(lead: CleanClient, draft: Draft, now: datetime):
    submission.take_transition(draft.reference, "submit", draft.actor, now)
    officer = lead.application.test_client()
    at(officer, now)
    sign_in(officer, person(Role.PROGRAMME_OFFICER))

    assert draft.reference in text_of(made(officer, draft, now))


def test_a_partner_of_another_application_has_no_letter_here(
    lead: CleanClient, draft: Draft, call: Call, now: datetime
):
    other = make.draft(call, now, make.city("Turku", now, "FI"))
    partner = make.row(other.reference).partners[0].id

    assert lead.get(f"{base(draft)}/documents/{partner}/to-sign.pdf").status_code == 404


# --- the letter -------------------------------------------------------------------------------------------------------


def test_a_letter_names_what_is_looked_for_in_it(lead: CleanClient, draft: Draft):
    partner = make.row(draft.reference).partners[2]
    answer = lead.get(f"{base(draft)}/documents/{partner.id}/to-sign.pdf")

    reader = PdfReader(io.BytesIO(answer.data))
    text = text_of(reader)
    assert_is_accessible(reader, f"Letter of commitment of Serres, {draft.reference}")
    assert len(reader.pages) == 1
    for wanted in (
        "Serres",
        "Breaking Isolation (demonstration)",
        "APN-DEMO",
        "€43,500",
        "of €8,700 from its own means",
        "Name of the signatory",
        "Function of the signatory",
        "Date, after 28 February 2026",
    ):
        assert wanted in text, wanted
    assert answer.headers["Content-Disposition"].startswith("attachment")

    plain = lead.get(f"{base(draft)}/documents/{partner.id}/to-sign.txt")
    assert plain.mimetype == "text/plain"
    assert "Own contribution: €8,700\n" in plain.text


@ON_ONE
def test_a_letter_that_others_keep_waiting_asks_for_itself_again(lead: CleanClient, draft: Draft, by_a_child: None):
    partner = make.row(draft.reference).partners[2]
    path = f"{base(draft)}/documents/{partner.id}/to-sign"
    folder = lead.application.extensions["storage"].folder

    turns = [confined._turn(folder, 0) for _ in range(confined.MOST_CHILDREN)]
    answer = lead.get(f"{path}.pdf")
    for turn in turns:
        turn.close()

    assert (answer.status_code, answer.headers["Refresh"]) == (503, f"3; url={path}.pdf?tries=2")
    assert ("The letter is being made" in answer.text, f"{path}.txt" in answer.text) == (True, True)
    assert lead.get(f"{path}.pdf").mimetype == "application/pdf"


def test_a_letter_says_what_is_not_known(lead: CleanClient, draft: Draft):
    partner = make.row(draft.reference).partners[2]
    with transaction() as session:
        for line in session.scalars(select(PlannedCost).where(PlannedCost.partner_id == partner.id)):
            session.delete(line)

    text = lead.get(f"{base(draft)}/documents/{partner.id}/to-sign.txt").text

    assert "Own contribution: not known\n" in text
    assert "Amount, not known yet: €____________" in text


def test_each_partner_has_its_letter_to_sign_on_the_page(lead: CleanClient, draft: Draft):
    page = lead.get(f"{base(draft)}/documents").text

    for partner in make.row(draft.reference).partners:
        assert f"{base(draft)}/documents/{partner.id}/to-sign.pdf" in page
