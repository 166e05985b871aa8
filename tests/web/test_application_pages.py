"""The page of one application: its steps, its receipt, and what applicants and officers are told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories import applications as make
from tests.factories.accounts import at, person, sign_in
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from tests.web_client import CleanClient
from urbact_calls.applications.emails import to_lead_contacts
from urbact_calls.applications.models import ApplicationAccess, StepTaken
from urbact_calls.applications.submission.models import Submission
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import ApplicationState, Role
from urbact_calls.jobs import OfApplication
from urbact_calls.messages.emails import render
from urbact_calls.messages.models import EMAILS
from urbact_calls.record.models import RefusedAttempt, WorkflowEvent
from urbact_calls.workflow.lives import events_of


@pytest.fixture
def call(session, now: datetime) -> Call:
    return open_call(db.session, now)


@pytest.fixture
def draft(call: Call, now: datetime) -> Draft:
    return make.complete_draft(call, now)


def take(client: CleanClient, draft: Draft, name: str, **form: str):
    """Presses a button of the page as it is now; `seen` is given for a page that was opened before."""
    known = {"seen": str(len(events_of(db.session(), make.row(draft.reference).subject)))}
    return client.post(f"/applications/{draft.reference}/transitions/{name}", data=known | form)


def page(client: CleanClient, draft: Draft) -> str:
    answer = client.get(f"/applications/{draft.reference}/")
    assert answer.status_code == 200
    return answer.text


def review(client: CleanClient, draft: Draft) -> str:
    answer = client.get(f"/applications/{draft.reference}/review")
    assert answer.status_code == 200
    return answer.text


def answer_challenge(draft: Draft, text: str) -> None:
    with transaction() as session:
        saved = next(each for each in make.row(draft.reference).sections if each.code == "challenge")
        session.merge(saved).answers = {"challenge": text}


def put(draft: Draft, state: ApplicationState, now: datetime) -> None:
    """Places an application somewhere in its life, as if every step had been taken."""
    with transaction() as session:
        application = make.row(draft.reference)
        application.state, application.decided_at = state, now
        application.submitted_at = application.submitted_at or now
        session.add(application)


def test_a_draft_says_at_the_top_that_it_is_not_submitted(lead: CleanClient, draft: Draft):
    shown = page(lead, draft)

    assert "Not yet submitted" in shown
    assert "It does not count until the lead partner submits it: 30 days left." in shown
    assert "Everything is filled in." in shown


def test_submitting_gives_a_receipt_with_second_and_fingerprint(lead: CleanClient, draft: Draft):
    answer = take(lead, draft, "submit")

    shown = lead.get(answer.location).text
    submission = db.session.scalars(select(Submission)).one()
    assert "10 March 2026 at 10:00:00, Paris time" in shown
    assert submission.fingerprint[:4] in shown
    assert "Not yet submitted" not in shown
    assert "You can reopen it until the call closes." in shown


def test_an_incomplete_draft_answers_with_the_reason(client: CleanClient, call: Call, now: datetime):
    empty = make.draft(call, now, make.city("Serres", now, "GR"))
    at(client, now)
    sign_in(client, empty.lead)

    answer = take(client, empty, "submit")

    assert answer.status_code == 409
    assert "Still to fill in: Project identity" in answer.text
    attempt = db.session.scalars(select(RefusedAttempt)).one()
    assert (attempt.transition, attempt.refusals[0]["code"]) == ("submit", "sections.missing")


def test_after_the_deadline_nobody_submits(lead: CleanClient, draft: Draft, call: Call):
    at(lead, call.closes_at + timedelta(seconds=1))

    answer = take(lead, draft, "submit")

    assert answer.status_code == 409
    assert "The call closed on" in answer.text
    assert make.row(draft.reference).state == "draft"


def test_a_withdrawal_without_a_reason_is_refused_and_asks_again(lead: CleanClient, draft: Draft):
    answer = take(lead, draft, "withdraw", reason="  ")

    assert answer.status_code == 409
    assert "Give the reason in a few words." in answer.text
    assert "<textarea" in answer.text


def test_a_reason_that_cannot_be_used_comes_back(lead: CleanClient, draft: Draft, call: Call):
    long = "x" * 2001

    answer = take(lead, draft, "withdraw", reason=long)

    assert answer.status_code == 422
    assert long in answer.text
    assert make.row(draft.reference).state == "draft"


def test_a_reason_typed_for_a_step_that_is_closed_comes_back(lead: CleanClient, draft: Draft, call: Call):
    take(lead, draft, "submit")
    at(lead, call.closes_at + timedelta(seconds=1))

    answer = take(lead, draft, "reopen", reason="We found a mistake")

    assert answer.status_code == 409
    assert "We found a mistake" in answer.text


def test_a_request_that_comes_late_is_refused(lead: CleanClient, draft: Draft):
    take(lead, draft, "submit", seen="1")
    take(lead, draft, "reopen", seen="2")

    late = take(lead, draft, "withdraw", seen="1", reason="The mayor has other plans.")

    assert late.status_code == 409
    assert "You saw it as “Draft”. It is now “Draft”. Since then: Submitted, Reopened as a draft." in late.text
    assert "The mayor has other plans." in late.text
    assert f'href="/applications/{draft.reference}/"' in late.text
    assert (make.row(draft.reference).state, make.row(draft.reference).submission_count) == ("draft", 1)
    assert db.session.scalars(select(RefusedAttempt)).one().refusals[0]["code"] == "workflow.moved_on"


@pytest.mark.parametrize("seen", ["", "-1", "one", "1.0", "9" * 30])
def test_a_request_that_does_not_say_what_was_seen_is_refused(lead: CleanClient, draft: Draft, seen: str):
    assert take(lead, draft, "submit", seen=seen).status_code == 409
    assert make.row(draft.reference).state == "draft"


def test_every_button_says_what_was_seen(lead: CleanClient, draft: Draft):
    shown = page(lead, draft)
    refused = take(lead, draft, "withdraw", reason="", seen="1").text

    reviewed = review(lead, draft)

    for text in (shown, reviewed):
        assert text.count('name="seen" value="1"') == text.count(f"/applications/{draft.reference}/transitions/") == 1
    assert 'name="seen" type="hidden" value="1"' in refused


def test_one_looks_once_more_before_one_submits(lead: CleanClient, draft: Draft):
    """The page of the application leads there; only there is the button."""
    assert f'href="/applications/{draft.reference}/review"' in page(lead, draft)
    assert f"/applications/{draft.reference}/transitions/submit" not in page(lead, draft)

    shown = review(lead, draft)

    assert f'action="/applications/{draft.reference}/transitions/submit"' in shown
    assert "€435,000 planned in total" in shown
    assert make.row(draft.reference).state == "draft"


def test_the_last_look_names_answers_that_are_very_short(lead: CleanClient, draft: Draft):
    answer_challenge(draft, "Empty shops in the centre")

    shown = review(lead, draft)

    assert "25 of 6,000 characters" in shown
    assert f'href="/applications/{draft.reference}/sections/challenge"' in shown.partition('id="short-answers"')[2]


def test_the_last_look_says_why_one_cannot_submit(lead: CleanClient, draft: Draft):
    with transaction() as session:
        session.merge(
            next(each for each in make.row(draft.reference).sections if each.code == "challenge")
        ).answers = {}

    shown = review(lead, draft)

    assert "Not now." in shown
    assert "/transitions/submit" not in shown


def test_whoever_does_not_lead_is_told_who_submits(client: CleanClient, draft: Draft, now: datetime):
    at(client, now)
    colleague = person()
    with transaction() as session:
        place = {"application_id": make.row(draft.reference).id, "user_id": colleague.id}
        session.add(ApplicationAccess(**place, role=Role.EDITOR, granted_at=now))
    sign_in(client, colleague)

    assert "The lead applicant submits the application." in review(client, draft)


def test_a_submitted_application_is_not_submitted_twice_from_the_last_look(lead: CleanClient, draft: Draft):
    take(lead, draft, "submit")

    assert "This application is submitted already." in review(lead, draft)


def test_the_last_look_at_a_withdrawn_application_says_so(lead: CleanClient, draft: Draft):
    take(lead, draft, "withdraw", reason="The council decided otherwise.")

    said = review(lead, draft)

    assert "This application was withdrawn." in said
    assert "submitted already" not in said


@pytest.mark.parametrize("name", ["approve", "declare_eligible", "close_assessment", "nonsense", "x" * 500])
def test_a_step_that_is_not_for_this_person_does_not_exist(lead: CleanClient, draft: Draft, name: str):
    assert take(lead, draft, name).status_code == 404


def test_an_assessed_application_tells_its_people_only_that_a_decision_is_pending(
    lead: CleanClient, draft: Draft, now: datetime
):
    take(lead, draft, "submit")
    put(draft, ApplicationState.ASSESSED, now)

    applicants = page(lead, draft)
    sign_in(lead, person(Role.PROGRAMME_OFFICER))
    officers = page(lead, draft)

    assert ("Decision pending" in applicants, "Assessed" in applicants) == (True, False)
    assert ("Decision pending" in officers, "Assessed" in officers) == (False, True)


def test_a_proposal_of_an_officer_stays_inside_the_office(lead: CleanClient, draft: Draft, now: datetime):
    take(lead, draft, "submit")
    with transaction() as session:
        session.add(
            WorkflowEvent(
                about=make.row(draft.reference).subject,
                number=3,
                transition="propose_ineligible",
                source="submitted",
                target="submitted",
                reason="Too few countries",
                version=9,
                at=now,
            )
        )

    applicants = page(lead, draft)
    withdrawn = take(lead, draft, "withdraw", reason="We found no partners.", seen="2")
    sign_in(lead, person(Role.PROGRAMME_OFFICER))

    assert 'name="seen" value="2"' in applicants
    assert withdrawn.status_code == 302
    assert ("Too few countries" in applicants, "Proposed" in applicants) == (False, False)
    assert "Too few countries" in page(lead, draft)


@pytest.mark.parametrize("state", list(ApplicationState))
def test_every_state_has_a_page(lead: CleanClient, draft: Draft, now: datetime, state: ApplicationState):
    take(lead, draft, "submit")
    if state is ApplicationState.CLARIFICATION:
        _ask(draft, now)
    put(draft, state, now)

    assert "From draft to network" in page(lead, draft)


def test_a_question_of_the_office_is_said_with_its_last_day(lead: CleanClient, draft: Draft, now: datetime):
    take(lead, draft, "submit")
    _ask(draft, now)
    put(draft, ApplicationState.CLARIFICATION, now)

    shown = page(lead, draft)

    assert "Which letter is signed?" in shown
    assert "17 March 2026 at 23:59" in shown


def _ask(draft: Draft, now: datetime) -> None:
    with transaction() as session:
        session.add(
            WorkflowEvent(
                about=make.row(draft.reference).subject,
                number=9,
                transition="ask_clarification",
                source="submitted",
                target="clarification",
                reason="Which letter is signed?",
                version=9,
                at=now,
            )
        )


# --- messages ---------------------------------------------------------------------------------------------------------


def rendered(key: str, draft: Draft):
    with db.session.no_autoflush:
        last = db.session.scalars(select(WorkflowEvent).order_by(WorkflowEvent.id.desc())).first()
        args = StepTaken(reference=draft.reference, event=last.id, submission=1)
        recipient = to_lead_contacts(db.session(), args)[0]
        return recipient, render(key, EMAILS[key].context(db.session(), args, recipient), recipient)


def test_the_receipt_by_e_mail_says_second_number_and_fingerprint(lead: CleanClient, draft: Draft):
    take(lead, draft, "submit")

    recipient, message = rendered("application.submitted", draft)

    submission = db.session.scalars(select(Submission)).one()
    assert recipient.address == draft.lead.email
    assert message.subject == f"Submitted: {draft.reference}"
    assert "Received: 10 March 2026 at 10:00:00, Paris time" in message.text
    assert f"Fingerprint: {submission.fingerprint}" in message.text


def test_a_reopened_application_is_said_to_count_no_longer(lead: CleanClient, draft: Draft):
    take(lead, draft, "submit")
    take(lead, draft, "reopen")

    _, message = rendered("application.reopened", draft)

    assert message.subject == f"No longer submitted: {draft.reference}"
    assert "no longer counts as submitted" in message.text


def test_a_withdrawal_by_e_mail_gives_the_reason(lead: CleanClient, draft: Draft):
    take(lead, draft, "withdraw", reason="The mayor has other plans.")

    _, message = rendered("application.withdrawn", draft)

    assert message.subject == f"Withdrawn: {draft.reference}"
    assert "The mayor has other plans." in message.text


def test_who_hears_about_an_application(lead: CleanClient, draft: Draft, now: datetime):
    colleague = make.member(draft.organisation, now)
    make.member(draft.organisation, now, confirmed=False)
    make.member(make.row(draft.reference).partners[1].organisation, now)
    person(Role.PROGRAMME_OFFICER)

    heard = to_lead_contacts(db.session(), OfApplication(reference=draft.reference))

    assert [each.address for each in heard] == [draft.lead.email, colleague.email]
