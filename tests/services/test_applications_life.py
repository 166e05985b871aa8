"""Starting an application and taking its steps: numbers, locks, events, jobs, refusals."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.accounts import actor_of, person
from tests.factories.applications import answer_to, profile
from tests.factories.calls import closed_call, historical_call, open_call
from urbact_calls.applications.drafts import commands as drafts
from urbact_calls.applications.models import Application, ApplicationAccess, Partner, PlannedCost, SavedSection
from urbact_calls.applications.reads.applications import public_state
from urbact_calls.applications.submission import commands as submission
from urbact_calls.applications.submission.models import Submission
from urbact_calls.database import db, transaction
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.domain.vocabulary import NetworkType, PublicState
from urbact_calls.jobs import Job, SilentNotifier
from urbact_calls.organisations.models import Organisation
from urbact_calls.record.models import RefusedAttempt, WorkflowEvent


def city(name: str, now: datetime) -> Organisation:
    with transaction() as session:
        row = Organisation(
            slug=name.lower(), name=name, folded=name.lower(), seat_city=name, country="FR", kind="city", created_at=now
        )
        session.add(row)
    return row


def lead_of(organisation: Organisation) -> Actor:
    return actor_of(person(), organisation.id)


def fill_in(reference: str, partner: Organisation, now: datetime) -> None:
    """The least that closes no guard: every mandatory answer, a second partner, one budget line."""
    with transaction() as session:
        application = session.scalars(select(Application).where(Application.reference == reference)).one()
        for section in KINDS[NetworkType.APN].sections:
            answers = {field.code: answer_to(field) for field in section.fields}
            session.add(SavedSection(application_id=application.id, code=section.code, answers=answers, updated_at=now))
        second = Partner(application_id=application.id, organisation_id=partner.id, role="partner", position=2)
        session.add(second)
        session.flush()
        session.add(PlannedCost(partner_id=second.id, category="STAFF", amount_cents=100))
        for each in session.scalars(select(Partner).where(Partner.application_id == application.id)):
            session.add_all(profile(each, KINDS[NetworkType.APN], now))


@pytest.fixture
def draft(app: Flask, now: datetime) -> tuple[str, Actor]:
    """A complete draft in an open call, and its lead applicant."""
    with app.app_context():
        open_call(db.session, now)
        agen = city("Agen", now)
        lead = lead_of(agen)
        reference = drafts.start("APN-DEMO", agen.id, lead, now)
        fill_in(reference, city("Isernia", now), now)
    return reference, lead


def application(reference: str) -> Application:
    db.session.rollback()
    return db.session.scalars(select(Application).where(Application.reference == reference)).one()


def test_a_start_gives_a_draft_its_reference_its_lead_partner_and_its_lead_applicant(app: Flask, now: datetime):
    with app.app_context():
        open_call(db.session, now)
        agen = city("Agen", now)
        lead = lead_of(agen)

        reference = drafts.start("APN-DEMO", agen.id, lead, now)

        started = application(reference)
        access = db.session.scalars(select(ApplicationAccess)).one()
        assert (reference, started.state, started.created_by) == ("APN-DEMO-001", "draft", lead.user_id)
        assert [(partner.organisation_id, partner.role) for partner in started.partners] == [(agen.id, "lead")]
        assert (access.user_id, access.role) == (lead.user_id, "lead")
        assert db.session.scalars(select(WorkflowEvent.transition)).all() == ["start_draft"]


def test_nothing_is_started_for_an_organisation_one_does_not_work_for(app: Flask, now: datetime):
    with app.app_context():
        open_call(db.session, now)
        stranger = lead_of(city("Serres", now))

        with pytest.raises(Refused, match="Choose an organisation that you work for"):
            drafts.start("APN-DEMO", city("Agen", now).id, stranger, now)

        assert db.session.scalar(select(func.count(Application.id))) == 0


@pytest.mark.parametrize("build", [closed_call, historical_call])
def test_nothing_is_started_in_a_call_of_the_past(app: Flask, now: datetime, build):
    with app.app_context():
        call = build(db.session, now)
        agen = city("Agen", now)

        with pytest.raises(Refused):
            drafts.start(call.code, agen.id, lead_of(agen), now)

        assert db.session.scalar(select(func.count(Application.id))) == 0


def test_a_number_is_never_given_twice(app: Flask, now: datetime):
    with app.app_context():
        open_call(db.session, now)
        agen = city("Agen", now)
        lead = lead_of(agen)
        organisation_id = agen.id
    given: list[str] = []

    def start() -> None:
        with app.app_context():
            given.append(drafts.start("APN-DEMO", organisation_id, lead, now))

    at_the_same_time(start, times=6)

    assert sorted(given) == [f"APN-DEMO-{number:03d}" for number in range(1, 7)]


def test_a_submission_freezes_the_dossier_and_tells_the_workers_once_it_has_committed(
    app: Flask, draft: tuple[str, Actor], notifier: SilentNotifier, now: datetime
):
    reference, lead = draft
    with app.app_context():
        submission.take_transition(reference, "submit", lead, now)

        submitted = application(reference)
        frozen = db.session.scalars(select(Submission)).one()
        kinds = db.session.scalars(select(Job.kind).order_by(Job.kind)).all()
        assert (submitted.state, submitted.submitted_at, submitted.submission_count) == ("submitted", now, 1)
        assert (frozen.number, frozen.received_at) == (1, now)
        assert kinds == ["eligibility.examine", "mail:application.submitted"]
        assert sorted(notifier.notified) == kinds


def test_a_submission_says_when_it_was_stored_and_not_only_when_it_was_received(
    app: Flask, draft: tuple[str, Actor], now: datetime
):
    reference, actor = draft
    before = datetime.now(UTC)

    with app.app_context():
        submission.take_transition(reference, "submit", actor, now)

        frozen = db.session.scalars(select(Submission)).one()
        assert frozen.received_at == now
        assert before <= frozen.committed_at <= datetime.now(UTC)


def test_two_submissions_at_the_same_instant_are_one(app: Flask, draft: tuple[str, Actor], now: datetime):
    reference, lead = draft
    refused: list[str] = []

    def submit() -> None:
        with app.app_context():
            try:
                submission.take_transition(reference, "submit", lead, now)
            except Refused as problem:
                refused.extend(refusal.code for refusal in problem.refusals)

    at_the_same_time(submit, times=2)

    with app.app_context():
        assert refused == ["workflow.state"]
        assert db.session.scalar(select(func.count(Submission.id))) == 1
        assert db.session.scalar(select(func.count(Job.id))) == 2
        assert db.session.scalars(select(RefusedAttempt.transition)).all() == ["submit"]


def test_a_second_after_the_deadline_is_too_late_and_the_attempt_is_kept(
    app: Flask, draft: tuple[str, Actor], now: datetime
):
    reference, lead = draft
    closes_at = now + timedelta(days=30)
    with app.app_context():
        with pytest.raises(Refused, match="The call closed on"):
            submission.take_transition(reference, "submit", lead, closes_at + timedelta(seconds=1))

        kept = db.session.scalars(select(RefusedAttempt)).one()
        assert (application(reference).state, kept.transition, kept.actor_id) == ("draft", "submit", lead.user_id)
        assert [refusal["code"] for refusal in kept.refusals] == ["call.closed"]


def test_the_last_second_counts_whole(app: Flask, draft: tuple[str, Actor], now: datetime):
    reference, lead = draft
    with app.app_context():
        submission.take_transition(reference, "submit", lead, now + timedelta(days=30, milliseconds=999))

        assert application(reference).state == "submitted"


def test_a_stranger_does_not_learn_that_an_application_exists(app: Flask, draft: tuple[str, Actor], now: datetime):
    reference, _ = draft
    with app.app_context():
        stranger = lead_of(city("Serres", now))

        with pytest.raises(NotFound):
            submission.take_transition(reference, "submit", stranger, now)
        with pytest.raises(NotFound):
            submission.take_transition("APN-DEMO-999", "submit", stranger, now)

        assert application(reference).state == "draft"


def test_a_reopened_application_is_submitted_again_under_the_next_number(
    app: Flask, draft: tuple[str, Actor], now: datetime
):
    reference, lead = draft
    with app.app_context():
        submission.take_transition(reference, "submit", lead, now)
        submission.take_transition(reference, "reopen", lead, now)
        submission.take_transition(reference, "submit", lead, now + timedelta(minutes=1))

        numbers = db.session.scalars(select(Submission.number).order_by(Submission.number)).all()
        events = db.session.scalars(select(WorkflowEvent.transition).order_by(WorkflowEvent.number)).all()
        assert numbers == [1, 2]
        assert events == ["start_draft", "submit", "reopen", "submit"]


def test_a_draft_of_a_closed_call_has_lapsed(app: Flask, draft: tuple[str, Actor], now: datetime):
    reference, _ = draft
    with app.app_context():
        case = application(reference)

        assert public_state(case, now) is PublicState.DRAFT
        assert public_state(case, now + timedelta(days=31)) is PublicState.LAPSED


def at_the_same_time(act, *, times: int) -> None:
    """Runs `act` in several threads that start together; raises what one of them raised."""
    barrier = threading.Barrier(times)
    problems: list[BaseException] = []

    def run() -> None:
        barrier.wait(timeout=10)
        try:
            act()
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    if problems:
        raise problems[0]
