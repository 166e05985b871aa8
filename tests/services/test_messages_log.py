"""The log of messages: where each stands, who may read it, and sending one again."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.accounts import actor_of, person
from tests.factories.applications import complete_draft
from tests.factories.calls import open_call
from tests.factories.jobs import work_off
from tests.query_count import statements
from tests.services_mail import MailSink
from urbact_calls import jobs
from urbact_calls.accounts.commands import accounts
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.database import db, transaction
from urbact_calls.domain.permissions import ANONYMOUS
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import DeliveryState, JobState, Role
from urbact_calls.jobs import Job
from urbact_calls.mailer import NotSent, mailer_for
from urbact_calls.messages import commands as messages
from urbact_calls.messages.models import Delivery
from urbact_calls.messages.reads import message_log
from urbact_calls.messages.reads.message_log import NOT_SHOWN, LogSearch
from urbact_calls.record.models import FieldChange
from urbact_calls.subjects import is_about

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def sink(app: Flask, mail_sink: MailSink, monkeypatch) -> MailSink:
    monkeypatch.setitem(app.extensions, "mailer", mailer_for(mail_sink.url))
    return mail_sink


@pytest.fixture
def officer(session):
    return actor_of(person(Role.PROGRAMME_OFFICER, name="Olga Officer"))


@pytest.fixture
def submitted(session, now):
    """A submitted application whose receipt has been sent."""
    started = complete_draft(open_call(db.session, now), now)
    take_transition(started.reference, "submit", started.actor, now)
    work_off(now)
    return started


def only(key: str) -> Delivery:
    db.session.rollback()
    return db.session.scalars(select(Delivery).where(Delivery.email_key == key).order_by(Delivery.id)).first()


def count(key: str) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Delivery.email_key == key)) or 0


def found(now: datetime, **wanted) -> list[int]:
    db.session.rollback()
    page = message_log.message_log(db.session(), LogSearch(**wanted), ANONYMOUS, before=None, size=50, now=now)
    return [line.delivery.id for line in page.rows]


class RefusingServer:
    @contextmanager
    def connection(self):
        yield self

    def send(self, message) -> None:
        raise NotSent("SMTP 550, recipient refused", for_good=True)


class TestLookingUp:
    def test_a_message_is_found_by_address_kind_reference_and_state(self, submitted, now):
        receipt = only("application.submitted")

        for wanted in (
            {"address": submitted.lead.email.upper()},
            {"address": submitted.lead.email.partition("@")[0]},
            {"key": "application.submitted"},
            {"about": submitted.reference.lower()},
            {"state": DeliveryState.SENT, "address": submitted.lead.email},
        ):
            assert found(now, **wanted) == [receipt.id], wanted
        assert found(now, address="nobody@example.org") == []
        assert found(now, state=DeliveryState.FAILED) == []

    @pytest.mark.parametrize("typed", ["%", "_", "***", ".", "@", "-"])
    def test_signs_alone_find_no_message(self, submitted, now, typed):
        assert found(now, address=submitted.lead.email) != []

        assert found(now, address=typed) == []
        assert found(now, about=typed) == []

    def test_the_states_follow_the_job(self, app, monkeypatch, now):
        user = person()
        monkeypatch.setitem(app.extensions, "mailer", RefusingServer())
        accounts.ask_for_reset(user.email, now)
        jobs.run_due("mail:account.reset", owner="a worker", clock=lambda: now)
        row_id = only("account.reset").id
        waiting = found(now, state=DeliveryState.WAITING)
        work_off(now)
        failed = found(now, state=DeliveryState.FAILED)
        with transaction() as session:
            job = session.get_one(Job, session.get_one(Delivery, row_id).job_id)
            job.state, job.lease_until = JobState.SENDING, now - timedelta(minutes=1)
        parked = found(now, state=DeliveryState.PARKED)

        assert (waiting, failed, parked) == ([row_id], [row_id], [row_id])
        line = message_log.log_entry(db.session(), row_id, now)
        assert (line.state, line.attempts) == (DeliveryState.PARKED, 1)
        assert line.fault == "The mail server does not accept this address (SMTP 550, recipient refused)."

    def test_pages_follow_each_other_by_key(self, now):
        for _ in range(3):
            accounts.ask_for_reset(person().email, now)
        work_off(now)

        first = message_log.message_log(db.session(), LogSearch(), ANONYMOUS, before=None, size=2, now=now)
        second = message_log.message_log(db.session(), LogSearch(), ANONYMOUS, before=int(first.after), size=2, now=now)

        ids = [line.delivery.id for line in (*first.rows, *second.rows)]
        assert ids == sorted(ids, reverse=True)
        assert (len(ids), second.after) == (3, None)

    def test_a_page_costs_one_query_for_one_and_for_three(self, now):
        def asked() -> int:
            db.session.rollback()
            with statements() as sent:
                message_log.message_log(db.session(), LogSearch(), ANONYMOUS, before=None, size=50, now=now)
            return len(sent)

        accounts.ask_for_reset(person().email, now)
        work_off(now)
        one = asked()
        for _ in range(2):
            accounts.ask_for_reset(person().email, now)
        work_off(now)

        assert (one, asked()) == (1, 1)


class TestReading:
    def test_an_officer_reads_what_was_sent(self, submitted, officer, now):
        receipt = only("application.submitted")

        letter = message_log.logged_message(db.session(), receipt.id, officer, now)

        assert (letter.text, letter.withheld) == (receipt.text, "")

    def test_an_administrator_sees_that_it_was_sent_and_not_what(self, submitted, now):
        administrator = actor_of(person(Role.ADMINISTRATOR))

        letter = message_log.logged_message(db.session(), only("application.submitted").id, administrator, now)

        assert letter.text == ""
        assert "not what it says" in letter.withheld

    def test_what_is_said_about_a_draft_is_private_like_the_draft(self, submitted, officer, now):
        take_transition(submitted.reference, "reopen", submitted.actor, now)
        work_off(now)

        letter = message_log.logged_message(db.session(), only("application.reopened").id, officer, now)

        assert letter.text == ""
        assert "draft" in letter.withheld

    @pytest.mark.parametrize("key", ["account.reset", "account.confirm"])
    def test_nobody_reads_a_link_that_signs_somebody_in(self, officer, now, key):
        """Also in the demonstration, which keeps the text for its mailbox."""
        user = person(confirmed=key == "account.reset")
        accounts.ask_for_reset(user.email, now)
        work_off(now)
        row = only(key)
        assert "http" in row.text

        letter = message_log.logged_message(db.session(), row.id, officer, now)

        assert "http" not in letter.text
        assert NOT_SHOWN in letter.text


class TestSendingAgain:
    def test_the_same_words_go_out_as_a_new_message(self, sink, submitted, officer, now):
        first = only("application.submitted")
        later = now + timedelta(hours=1)

        assert messages.resend(first.id, seen=0, reason="It was lost.", actor=officer, now=later) is True
        work_off(later)

        rows = db.session.scalars(
            select(Delivery).where(Delivery.email_key == "application.submitted").order_by(Delivery.id)
        ).all()
        assert [row.text for row in rows] == [first.text] * 2
        assert rows[0].message_id != rows[1].message_id
        assert (rows[1].resent_of, rows[1].resent_by, rows[1].resend_reason) == (
            first.id,
            officer.user_id,
            "It was lost.",
        )
        assert [str(message["Message-ID"]) for message in sink.messages][-1] == rows[1].message_id
        change = db.session.scalars(
            select(FieldChange).where(is_about(FieldChange, SubjectKind.DELIVERY, first.id))
        ).one()
        assert (change.actor_id, change.after) == (officer.user_id, {"value": "1: It was lost."})

    def test_a_button_pressed_twice_sends_once(self, submitted, officer, now):
        first = only("application.submitted").id

        done = [messages.resend(first, seen=0, reason="Lost.", actor=officer, now=now) for _ in range(2)]
        work_off(now)

        assert done == [True, False]
        assert count("application.submitted") == 2

    def test_it_goes_to_the_address_that_the_person_has_now(self, submitted, officer, now):
        with transaction() as session:
            session.merge(submitted.lead).email = "moved@example.org"

        messages.resend(only("application.submitted").id, seen=0, reason="Moved.", actor=officer, now=now)
        work_off(now)

        assert found(now, address="moved@example.org", state=DeliveryState.SENT) != []

    def test_a_closed_account_gets_nothing(self, submitted, officer, now):
        accounts.disable(submitted.lead.id, officer, now)

        with pytest.raises(Refused, match="closed"):
            messages.resend(only("application.submitted").id, seen=0, reason="Why?", actor=officer, now=now)

    def test_a_link_is_made_afresh_and_not_repeated(self, officer, now):
        user = person()
        accounts.ask_for_reset(user.email, now)
        work_off(now)
        first = only("account.reset")
        text, later = first.text, now + timedelta(hours=2)

        for _ in range(2):
            messages.resend(first.id, seen=0, reason="Rang us.", actor=officer, now=later)
        work_off(later)

        second = db.session.scalars(select(Delivery).where(Delivery.resent_of == first.id)).one()
        assert second.text != text
        assert (second.address, second.resend_reason) == (user.email, "Rang us.")

    def test_what_waits_or_is_parked_is_not_sent_beside_itself(self, submitted, officer, now):
        row = only("application.submitted")
        for state, words in ((JobState.READY, "not been sent yet"), (JobState.SENDING, "Nobody knows")):
            with transaction() as session:
                session.get_one(Delivery, row.id).sent_at = None
                job = session.get_one(Job, row.job_id)
                job.state, job.lease_until = state, None
            with pytest.raises(Refused, match=words):
                messages.resend(row.id, seen=0, reason="Again.", actor=officer, now=now)

        assert count("application.submitted") == 1

    def test_nothing_that_does_not_exist_is_sent(self, officer, now):
        with pytest.raises(NotFound):
            messages.resend(404, seen=0, reason="Again.", actor=officer, now=now)
