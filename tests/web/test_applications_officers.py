"""Who handles which application, and notes that only officers read."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.factories.accounts import actor_of, person, sign_in
from tests.factories.applications import complete_draft, row
from tests.factories.calls import open_call
from tests.factories.organisations import member
from tests.factories.story import Story, story
from tests.query_count import statements
from urbact_calls.applications.officers import commands as officers
from urbact_calls.applications.officers.models import Handler, InternalNote
from urbact_calls.database import db, transaction
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.vocabulary import Role
from urbact_calls.record.models import FieldChange

pytestmark = pytest.mark.usefixtures("session")

CANARY = "Heron canary: the second letter looks odd to me"


@pytest.fixture
def tale(now: datetime) -> Story:
    return story(now).submit().close_call()


def notes_address(tale: Story) -> str:
    return f"/office/applications/{tale.reference}/notes"


def handler_name(reference: str) -> str | None:
    found = db.session.scalar(select(Handler).where(Handler.application_id == row(reference).id))
    return found.user.name if found else None


def test_an_officer_takes_an_application_and_gives_it_to_a_colleague(client, tale):
    officer, colleague = tale.officers
    sign_in(client, officer)
    address = f"/office/applications/{tale.reference}/handler"

    client.post(address, data={"handler": str(officer.id)})
    assert handler_name(tale.reference) == officer.name
    client.post(address, data={"handler": str(colleague.id)})
    assert handler_name(tale.reference) == colleague.name
    client.post(address, data={"handler": ""})
    assert handler_name(tale.reference) is None

    record = db.session.scalars(
        select(FieldChange).where(FieldChange.subject_kind == SubjectKind.HANDLING).order_by(FieldChange.id)
    )
    assert [(change.actor_id, change.after) for change in record] == [
        (officer.id, {"value": officer.id}),
        (officer.id, {"value": colleague.id}),
        (officer.id, {"value": None}),
    ]


def test_nobody_outside_the_office_can_be_given_an_application(client, tale):
    sign_in(client, tale.officers[0])

    answer = client.post(f"/office/applications/{tale.reference}/handler", data={"handler": str(tale.assessors[0].id)})

    assert answer.status_code == 422
    assert handler_name(tale.reference) is None


def test_the_lists_say_who_handles_what_and_show_mine_and_nobodys(client, tale):
    officers.assign(tale.reference, tale.officers[0].id, tale.office[0], tale.now)
    address = f"/eligibility/?call={tale.call.code}"

    sign_in(client, tale.officers[0])
    assert tale.officers[0].name in client.get(address).text
    assert tale.reference in client.get(f"{address}&whose=mine").text
    assert "No application matches" in client.get(f"{address}&whose=nobody").text

    sign_in(client, tale.officers[1])
    assert "No application matches" in client.get(f"{address}&whose=mine").text


def test_the_assessment_says_who_handles_what(client, tale):
    tale.settle().declare()
    officers.assign(tale.reference, tale.officers[0].id, tale.office[0], tale.now)
    sign_in(client, tale.officers[0])
    address = f"/assessment/calls/{tale.call.code}/"

    assert f"Handled by {tale.officers[0].name}" in client.get(address).text
    assert tale.reference in client.get(f"{address}?whose=mine").text
    assert tale.reference not in client.get(f"{address}?whose=nobody").text


def test_a_note_is_kept_with_author_time_and_a_line_in_the_audit(client, tale):
    sign_in(client, tale.officers[0])

    client.post(notes_address(tale), data={"text": f"  {CANARY}  "})

    shown = client.get(notes_address(tale)).text
    note = db.session.scalars(select(InternalNote)).one()
    line = db.session.scalars(select(FieldChange).where(FieldChange.field == f"note:{note.id}")).one()
    assert (note.text, note.author_id) == (CANARY, tale.officers[0].id)
    assert CANARY in shown
    assert tale.officers[0].name in shown
    assert (line.about, line.actor_id) == (Subject(SubjectKind.HANDLING, line.subject_id), tale.officers[0].id)
    assert CANARY not in str(line.after)


def test_the_same_note_sent_twice_is_one_and_another_one_on_purpose_stays_possible(client, tale):
    sign_in(client, tale.officers[0])

    kept = []
    for text in ("Ask again.", "Ask again.", "They answered.", "Ask again."):
        assert client.post(notes_address(tale), data={"text": text}).status_code == 302
        kept.append(db.session.scalar(select(func.count(InternalNote.id))))

    assert kept == [1, 1, 2, 3]


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001, "a\x07b"])
def test_a_note_that_cannot_be_kept_comes_back(client, tale, text):
    sign_in(client, tale.officers[0])

    assert client.post(notes_address(tale), data={"text": text}).status_code == 422
    assert db.session.scalars(select(InternalNote)).all() == []


def test_a_note_is_neither_changed_nor_deleted(tale):
    officers.note(tale.reference, CANARY, tale.office[0], tale.now)

    with pytest.raises(RuntimeError, match="on record"), transaction() as session:
        session.scalars(select(InternalNote)).one().text = "Nothing was odd"
    with pytest.raises(RuntimeError, match="on record"), transaction() as session:
        session.delete(session.scalars(select(InternalNote)).one())


def test_a_draft_has_no_handler_and_no_notes(client, now):
    draft = complete_draft(open_call(db.session, now), now)
    sign_in(client, person(Role.PROGRAMME_OFFICER))

    assert client.get(f"/office/applications/{draft.reference}/notes").status_code == 404


def test_an_officer_who_takes_part_in_the_application_is_an_applicant_there(client, tale):
    officers.note(tale.reference, CANARY, tale.office[0], tale.now)
    both = person(Role.PROGRAMME_OFFICER)
    member(both, tale.draft.organisation)
    sign_in(client, both)

    assert client.get(notes_address(tale)).status_code == 404
    assert "internal note" not in client.get(f"/applications/{tale.reference}/").text


def test_an_unknown_application_has_no_notes(tale):
    with pytest.raises(NotFound):
        officers.note("APN-NONE-001", CANARY, tale.office[0], tale.now)


def test_many_notes_are_shown_in_pages_with_the_same_queries(client, tale):
    sign_in(client, tale.officers[0])
    counts = []
    for number in range(21):
        officers.note(tale.reference, f"Note number {number}.", tale.office[0], tale.now + timedelta(minutes=number))
        if number in (0, 20):
            with statements() as sent:
                shown = client.get(notes_address(tale)).text
            counts.append(len(sent))

    assert counts[0] == counts[1]
    assert "Note number 20." in shown
    assert "Note number 0." not in shown
    assert "Older notes" in shown


@pytest.mark.parametrize("after", ["0", "x", "9" * 20, "-" + "9" * 20])
def test_notes_after_what_is_no_number_of_a_note_begin_with_the_newest(client, tale, after):
    sign_in(client, tale.officers[0])
    officers.note(tale.reference, CANARY, tale.office[0], tale.now)

    shown = client.get(notes_address(tale), query_string={"after": after})

    assert shown.status_code == 200
    assert CANARY in shown.text


def test_the_actor_of_a_note_is_its_author(tale):
    officers.note(tale.reference, CANARY, actor_of(tale.officers[1]), tale.now)

    assert db.session.scalars(select(InternalNote.author_id)).one() == tale.officers[1].id
