"""From an announced message to one delivery per recipient, sent once or repeated with the same Message-ID."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import func, select

from tests.factories.jobs import announced, row, work_off
from tests.services_mail import MailSink, send
from urbact_calls import database, jobs
from urbact_calls.database import db
from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.jobs import Claim, Job, OfApplication
from urbact_calls.mailer import MaybeSent, mailer_for
from urbact_calls.messages import commands as messages_commands
from urbact_calls.messages.emails import LONGEST_SUBJECT, register
from urbact_calls.messages.models import EMAILS, Delivery, Email, MessageArgs, Recipient

ANA, BEN = Recipient("ana@example.org", "Ana"), Recipient("ben@example.org", "Ben")
KEYS = ("test.receipt", "test.letter", "test.secret")
TEXT = """Submitted: {{ reference }} {{ "\n" }}
Dear {{ recipient.name }},

See it:
http://localhost:8000/applications/{{ reference }}/

Reference: {{ reference }}
Fingerprint: 9f2c & <41aa>
"""


@dataclass(frozen=True, kw_only=True)
class Ask(OfApplication, MessageArgs):
    everybody: bool = False


@pytest.fixture(autouse=True)
def messages(app: Flask, session) -> Iterator[None]:
    """Three messages that only these tests know: one that may repeat, one that may not, one that is a secret."""
    app.jinja_loader = ChoiceLoader([DictLoader({f"emails/{key}.txt": TEXT for key in KEYS}), app.jinja_loader])

    def to(session, args: Ask) -> list[Recipient]:
        return [ANA, BEN, ANA] if args.everybody else [ANA]

    for key in KEYS:
        register(
            Email(
                key=key,
                name=key,
                args=Ask,
                to=to,
                context=lambda session, args, recipient: {"reference": args.reference},
                policy="once" if key == "test.letter" else "retry",
                is_secret=key == "test.secret",
            )
        )
    yield
    for key in KEYS:
        del EMAILS[key]
        del jobs.JOB_KINDS[f"mail:{key}"]


@pytest.fixture
def sink(app: Flask, mail_sink: MailSink) -> MailSink:
    app.extensions["mailer"] = mailer_for(mail_sink.url)
    return mail_sink


def ask(key: str, now: datetime, **args: Any) -> int:
    return announced(f"mail:{key}", now, key=f"mail:{key}:17", args=Ask(reference="APN-DEMO-017", **args))


def deliver_job() -> Job:
    db.session.rollback()
    return db.session.scalars(select(Job).where(Job.kind.like("mail.deliver%"))).one()


def test_each_recipient_gets_one_message(sink: MailSink, session, now):
    ask("test.receipt", now, everybody=True)

    work_off(now)

    assert sorted(str(message["To"]) for message in sink.messages) == [ANA.address, BEN.address]
    assert session.scalar(select(func.count()).where(Delivery.sent_at == now)) == 2


def test_a_message_that_is_asked_for_twice_is_sent_once(sink: MailSink, now):
    """The job that finds the recipients is given to two workers, one of them too late."""
    job_id = ask("test.receipt", now)
    kind = jobs.JOB_KINDS["mail:test.receipt"]
    claim = Claim(job_id, kind.name, row(job_id).key, row(job_id).args, now, "a", 1)
    for _ in range(2):
        [effect] = kind.work([claim])
        with database.transaction() as session:
            effect(session)

    work_off(now)

    assert len(sink.messages) == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028"])
def test_no_header_is_made_of_what_people_typed(sink: MailSink, now, end: str):
    announced("mail:test.receipt", now, args=Ask(reference=f"17{end}Bcc: ben@example.org{end}{end}<b>Hello</b>"))

    work_off(now)

    [message] = sink.messages
    assert {name.lower() for name in message} & {"bcc", "cc"} == set()
    assert str(message["Subject"]).startswith("Submitted: 17")
    assert "<b>Hello" not in message.get_body(("html",)).get_content()


def test_a_long_subject_of_any_alphabet_arrives_in_one_line_and_whole(sink: MailSink, now):
    title = "Υποβολή „Łódź“ 🇪🇺 " * 10
    announced("mail:test.receipt", now, args=Ask(reference=title))

    work_off(now)

    [message] = sink.messages
    subject = str(message["Subject"])
    assert subject == " ".join(f"Submitted: {title}".split())[:LONGEST_SUBJECT].strip()


def test_the_first_line_is_the_subject_and_both_twins_say_the_same(sink: MailSink, now):
    ask("test.receipt", now)

    work_off(now)

    [message] = sink.messages
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert str(message["Subject"]) == "Submitted: APN-DEMO-017"
    assert text.splitlines()[:3] == ["Dear Ana,", "", "See it:"]
    assert '<a href="http://localhost:8000/applications/APN-DEMO-017/"' in html
    assert ">See it</a>" in html
    assert "9f2c &amp; &lt;41aa&gt;</td>" in html


def test_a_message_says_when_and_by_whom_it_was_written(sink: MailSink, now):
    ask("test.receipt", now)

    work_off(now)

    [message] = sink.messages
    assert parsedate_to_datetime(str(message["Date"])) == now.astimezone(UTC)
    assert str(message["Auto-Submitted"]) == "auto-generated"
    assert "no-reply@example.org" in str(message["From"])


def test_a_message_says_where_the_office_can_be_reached_and_answers_go_there(sink: MailSink, now):
    ask("test.receipt", now)

    work_off(now)

    [message] = sink.messages
    assert str(message["Reply-To"]) == "joint-secretariat@example.org"
    assert "joint-secretariat@example.org" in message.get_body(("plain",)).get_content().splitlines()[-1]
    assert "joint-secretariat@example.org" in message.get_body(("html",)).get_content()


class LosingConnection:
    """A mail server that takes each message; the connection breaks before it can say so, `times` times."""

    def __init__(self, sink: MailSink, times: int) -> None:
        self.inner, self.left = mailer_for(sink.url), times

    @contextmanager
    def connection(self):
        yield self

    def send(self, message) -> None:
        send(self.inner, message)
        if self.left:
            self.left -= 1
            raise MaybeSent("ConnectionResetError")


def test_a_receipt_that_may_have_been_lost_is_repeated_with_the_same_message_id(app: Flask, sink: MailSink, now):
    app.extensions["mailer"] = LosingConnection(sink, times=1)
    ask("test.receipt", now)

    work_off(now)
    work_off(now + timedelta(minutes=1))

    assert len(sink.messages) == 2
    assert len({str(message["Message-ID"]) for message in sink.messages}) == 1
    assert len({str(message["Date"]) for message in sink.messages}) == 1


def test_a_letter_that_may_have_arrived_waits_for_a_person(app: Flask, sink: MailSink, session, now):
    app.extensions["mailer"] = LosingConnection(sink, times=1)
    ask("test.letter", now)

    work_off(now)
    work_off(now + timedelta(days=30))

    assert len(sink.messages) == 1
    assert deliver_job().state == JobState.SENDING
    assert session.scalar(select(Delivery.sent_at)) is None


def test_a_person_who_knows_ends_the_doubt(app: Flask, sink: MailSink, session, now):
    app.extensions["mailer"] = LosingConnection(sink, times=1)
    ask("test.letter", now)
    work_off(now)

    messages_commands.mark_delivered(deliver_job().id, SYSTEM, now)
    work_off(now + timedelta(days=30))

    assert len(sink.messages) == 1
    assert deliver_job().state == JobState.DONE
    assert session.scalar(select(Delivery.sent_at)) == now


def test_a_person_can_have_a_letter_sent_again(app: Flask, sink: MailSink, now):
    app.extensions["mailer"] = LosingConnection(sink, times=1)
    ask("test.letter", now)
    work_off(now)

    messages_commands.retry(deliver_job().id, SYSTEM, now)
    work_off(now)

    assert len(sink.messages) == 2
    assert deliver_job().state == JobState.DONE


def test_a_message_that_was_sent_cannot_be_marked_as_delivered(sink: MailSink, now):
    ask("test.letter", now)
    work_off(now)

    with pytest.raises(Refused):
        messages_commands.mark_delivered(deliver_job().id, SYSTEM, now)


def test_a_server_that_cannot_take_a_letter_now_gets_it_later(sink: MailSink, now):
    sink.answers.append("451 later")
    ask("test.letter", now)

    work_off(now)
    waiting = deliver_job().state
    work_off(now + timedelta(minutes=1))

    assert (waiting, len(sink.messages)) == (JobState.READY, 1)


def test_an_address_that_is_refused_for_good_is_shown_to_a_person(sink: MailSink, now):
    sink.answers.append("550 nobody of this name")
    ask("test.receipt", now)

    work_off(now)

    assert (deliver_job().state, deliver_job().error_code) == (JobState.DEAD, "SMTP 550")


class KilledAfterwards(LosingConnection):
    """A mail server that takes each message; the worker is killed before it can write that down."""

    def send(self, message) -> None:
        send(self.inner, message)
        raise KeyboardInterrupt


@pytest.mark.parametrize(("key", "sent"), [("test.receipt", 2), ("test.letter", 1)])
def test_a_worker_killed_after_sending(app: Flask, sink: MailSink, now, key: str, sent: int):
    """Between the server's "250 OK" and the commit: a receipt repeats, a letter does not."""
    app.extensions["mailer"] = KilledAfterwards(sink, times=1)
    ask(key, now)
    with pytest.raises(KeyboardInterrupt):
        work_off(now)

    app.extensions["mailer"] = mailer_for(sink.url)
    for kind in ("mail.deliver", "mail.deliver_once"):
        jobs.run_due(kind, owner="another worker", clock=lambda: now + timedelta(hours=1))

    assert len(sink.messages) == sent
    assert len({str(message["Message-ID"]) for message in sink.messages}) == 1


class KilledAtThird(KilledAfterwards):
    """The worker is killed when the server has taken the third message."""

    def send(self, message) -> None:
        send(self.inner, message)
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


def test_a_worker_that_is_killed_among_letters_leaves_one_of_them_in_doubt(app: Flask, sink: MailSink, now):
    app.extensions["mailer"] = KilledAtThird(sink, times=3)
    for number in range(5):
        announced(
            "mail:test.letter", now, key=f"mail:test.letter:{number}", args=Ask(reference=f"APN-DEMO-{number:03}")
        )
    jobs.run_due("mail:test.letter", owner="a worker", clock=lambda: now)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_due("mail.deliver_once", owner="a worker", clock=lambda: now)

    app.extensions["mailer"] = mailer_for(sink.url)
    while jobs.run_due("mail.deliver_once", owner="another worker", clock=lambda: now + timedelta(hours=1)):
        pass

    assert len(sink.messages) == len({str(message["Message-ID"]) for message in sink.messages}) == 5
    states = db.session.scalars(select(Job.state).where(Job.kind == "mail.deliver_once").order_by(Job.id))
    assert list(states) == [JobState.DONE, JobState.DONE, JobState.SENDING, JobState.DONE, JobState.DONE]


def test_messages_that_wait_together_go_over_one_connection(app: Flask, sink: MailSink, now):
    opened = []

    class Counted(LosingConnection):
        @contextmanager
        def connection(self):
            opened.append(1)
            with self.inner.connection() as connection:
                yield connection

    app.extensions["mailer"] = Counted(sink, times=0)
    ask("test.receipt", now, everybody=True)
    jobs.run_due("mail:test.receipt", owner="a worker", clock=lambda: now)
    jobs.run_due("mail.deliver", owner="a worker", clock=lambda: now)

    assert (len(opened), len(sink.messages)) == (1, 2)


def test_in_the_demonstration_a_secret_can_be_read_in_the_mailbox(session, now):
    ask("test.secret", now)

    work_off(now)

    assert "APN-DEMO-017" in session.scalar(select(Delivery.text))


def test_in_production_a_secret_is_forgotten_once_it_is_sent(app: Flask, sink: MailSink, session, now):
    app.extensions["settings"] = replace(app.extensions["settings"], app_env="production")
    ask("test.secret", now)

    work_off(now)

    assert len(sink.messages) == 1
    assert session.execute(select(Delivery.text, Delivery.html)).one() == ("", "")


def test_two_messages_cannot_have_one_key():
    with pytest.raises(ValueError, match=r"test\.receipt"):
        register(
            Email(
                key="test.receipt", name="Receipt of a test", args=Ask, to=lambda s, a: [], context=lambda s, a, r: {}
            )
        )
