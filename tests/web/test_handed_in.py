"""A submission that waited long for its turn is kept, and stored by a worker as if at the instant of its receipt; one
that came too late is refused before any work."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from scripts.chaos.people import STORED
from tests.factories import applications as make
from tests.factories.accounts import sign_in
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from tests.factories.jobs import work_off
from tests.query_count import statements
from tests.web_client import CleanClient
from urbact_calls.applications.models import SavedSection
from urbact_calls.applications.reads.applications import is_handed_in
from urbact_calls.applications.submission import views as submission_views
from urbact_calls.applications.submission.models import Submission
from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import ApplicationState, JobState
from urbact_calls.jobs import Job, run_due
from urbact_calls.record.models import RefusedAttempt, WorkflowEvent
from urbact_calls.web.arrivals import ENVIRON

pytestmark = pytest.mark.usefixtures("session")

# Seconds; the call closed half of them ago.
WAITED = 200


@pytest.fixture
def closing() -> datetime:
    """The call has just closed: a request that waited came in the last second, one that did not came after it."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=WAITED / 2)


@pytest.fixture
def draft(client: CleanClient, closing: datetime) -> Draft:
    found = make.complete_draft(open_call(db.session, closing, closes_at=closing), closing - timedelta(days=1))
    sign_in(client, found.lead)
    return found


def submit(client: CleanClient, draft: Draft, *, waited: float = WAITED) -> Any:
    noted = {ENVIRON: time.time() - waited}
    address = f"/applications/{draft.reference}/transitions/submit"
    return client.post(address, data={"seen": "1"}, environ_overrides=noted)


def waiting(draft: Draft) -> str:
    return f"/applications/{draft.reference}/being-stored"


def store() -> None:
    assert "applications.store" in work_off(datetime.now(UTC))


def count(model: Any) -> int:
    db.session.rollback()
    return len(db.session.scalars(select(model)).all())


def test_what_waited_long_is_kept_and_its_page_looks_again_until_there_is_a_receipt(client, draft):
    kept = submit(client, draft)
    page = client.get(waiting(draft))

    assert (kept.status_code, kept.location) == (303, waiting(draft))
    assert (page.status_code, page.headers["Refresh"]) == (200, f"6; url={waiting(draft)}")
    assert "Your application is being stored" in page.text
    assert make.row(draft.reference).state is ApplicationState.DRAFT

    store()
    with statements() as sent:
        stored = client.get(waiting(draft))

    assert "Refresh" not in stored.headers
    assert "Receipt" in stored.text
    # By this the people of the chaos trial know that they need not look again.
    assert STORED in stored.text
    assert STORED not in page.text
    assert db.session.scalars(select(Submission.fingerprint)).one()[:4] in stored.text
    # Whose session it is and where they work, the application with its call, a refusal, the receipt.
    assert len(sent) == 5
    assert make.row(draft.reference).state is ApplicationState.SUBMITTED


def test_who_has_many_before_looks_again_when_they_are_about_to_be_stored(client, draft, monkeypatch):
    monkeypatch.setattr(submission_views, "STORED_EACH_SECOND", 1)
    begun_at = make.row(draft.reference).created_at
    call = db.session.scalars(select(Call)).one()
    earlier = make.complete_draft(call, begun_at, make.ten_cities(begun_at, " of the earlier"))
    make.hand_in(earlier, datetime.now(UTC) - timedelta(seconds=WAITED + 1))
    submit(client, draft)

    page = client.get(waiting(draft))

    assert page.headers["Refresh"] == f"7; url={waiting(draft)}"
    assert "looks every 7 seconds" in page.text


def test_many_that_are_kept_are_stored_together_and_one_that_is_refused_holds_up_none(client, closing):
    call = open_call(db.session, closing, closes_at=closing)
    before = closing - timedelta(days=1)
    drafts = [make.complete_draft(call, before, make.ten_cities(before, f" {number}")) for number in range(3)]
    for number, each in enumerate(drafts):
        make.hand_in(each, closing - timedelta(seconds=3 - number))
    refused = make.row(drafts[1].reference)
    db.session.execute(delete(SavedSection).where(SavedSection.application_id == refused.id))
    db.session.commit()

    taken = run_due("applications.store", owner="worker", clock=lambda: datetime.now(UTC))

    states = [make.row(each.reference).state for each in drafts]
    assert taken == 3
    assert states == [ApplicationState.SUBMITTED, ApplicationState.DRAFT, ApplicationState.SUBMITTED]
    assert [make.row(each.reference).handed_in_at for each in drafts] == [None] * 3
    assert db.session.scalars(select(RefusedAttempt.subject_id)).all() == [refused.id]
    stored = db.session.scalars(select(Submission).order_by(Submission.id)).all()
    assert [each.fingerprint == each.dossier.fingerprint for each in stored] == [True, True]


def test_what_many_hand_in_is_read_in_as_many_statements_as_what_one_does(client, closing):
    call = open_call(db.session, closing, closes_at=closing)
    before = closing - timedelta(days=1)
    counted = []
    for count in (1, 3):
        drafts = [
            make.complete_draft(call, before, make.ten_cities(before, f" {count} {number}")) for number in range(count)
        ]
        for each in drafts:
            make.hand_in(each, closing - timedelta(seconds=1))
        with statements() as sent:
            assert run_due("applications.store", owner="worker", clock=lambda: datetime.now(UTC)) == count
        counted.append(len(sent))

    # For each: opened, its events counted and numbered, two updates, the event, the submission, its files, two jobs.
    assert counted[1] - counted[0] == 2 * 10


def test_the_instant_of_receipt_is_that_of_the_request_and_the_receipt_shows_when_it_was_stored(client, draft, closing):
    submit(client, draft)
    store()

    submission = db.session.scalars(select(Submission)).one()
    assert submission.received_at <= closing < submission.committed_at
    page = client.get(f"/applications/{draft.reference}/").text
    assert "<dt>Received</dt>" in page
    assert "<dt>Stored</dt>" in page


def test_what_is_kept_is_not_lost_with_the_closing_of_the_call(client, draft):
    submit(client, draft)

    page = client.get(f"/applications/{draft.reference}/").text

    assert "is being stored" in page
    assert "Not submitted before the call closed" not in page
    assert db.session.scalars(select(Call.code).where(is_handed_in(Call.id))).all() == ["APN-DEMO"]


def test_what_is_kept_cannot_be_changed_until_it_is_stored(client, draft):
    submit(client, draft)

    answer = client.post(f"/applications/{draft.reference}/sections/identity", data={"version": "1"})

    assert answer.status_code == 409
    assert "is kept and is being stored" in answer.text


def test_the_same_request_twice_is_kept_once_and_taken_once(client, draft):
    first, again = submit(client, draft), submit(client, draft, waited=0)
    store()
    after = submit(client, draft)

    assert first.location == again.location == after.location == waiting(draft)
    assert (count(Submission), count(RefusedAttempt)) == (1, 0)
    submitted = WorkflowEvent.transition == "submit"
    assert len(db.session.scalars(select(WorkflowEvent).where(submitted)).all()) == 1


def test_what_is_kept_and_incomplete_is_refused_with_every_reason(client, draft):
    application_id = make.row(draft.reference).id
    db.session.execute(delete(SavedSection).where(SavedSection.application_id == application_id))
    db.session.commit()
    submit(client, draft)
    store()

    page = client.get(waiting(draft))

    assert page.status_code == 409
    assert "Still to fill in:" in page.text
    application = make.row(draft.reference)
    assert (application.state, application.handed_in_at) == (ApplicationState.DRAFT, None)
    assert db.session.scalars(select(Job.state).where(Job.kind == "applications.store")).all() == [JobState.DONE]


def test_the_page_of_one_who_handed_in_nothing_leads_to_the_application(client, draft):
    assert client.get(waiting(draft)).location == f"/applications/{draft.reference}/"


def test_what_comes_too_late_is_refused_before_any_work(client, draft):
    submit(client, draft, waited=0)

    with statements() as sent:
        answer = submit(client, draft, waited=0)

    assert answer.status_code == 409
    assert "The call closed on" in answer.text
    # Whose session it is and where they work, the application with its call, and the attempt for the record.
    assert len(sent) == 4
    assert count(RefusedAttempt) == 2


def test_a_submission_costs_few_statements(client, closing):
    call = open_call(db.session, closing)
    drafts = [make.complete_draft(call, closing, make.ten_cities(closing, f" {number}")) for number in range(2)]
    counted = []
    for each in drafts:
        sign_in(client, each.lead)
        with statements() as sent:
            answer = submit(client, each, waited=0)
        assert answer.status_code == 302
        counted.append(len(sent))

    assert counted[-1] <= 20
