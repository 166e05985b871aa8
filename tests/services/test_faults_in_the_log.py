"""What is logged when something fails holds no name, no address and no text of a person."""

from __future__ import annotations

import logging
from email.message import EmailMessage

import pytest
from sqlalchemy import text

from tests.factories.accounts import person
from tests.factories.jobs import announced, kind
from tests.services_mail import MailSink, send
from urbact_calls.database import db
from urbact_calls.jobs import Claim, run
from urbact_calls.mailer import NotSent, mailer_for

pytestmark = pytest.mark.usefixtures("session")

NAME, ADDRESS = "Wilhelmina Sandmartin", "sandmartin@example.org"


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """The lines as a handler writes them, with every fault down to its first cause."""
    formatter = logging.Formatter()
    return "\n".join(formatter.format(record) for record in caplog.records)


@pytest.mark.parametrize("broken", ["UPDATE user_account SET email = :email", "UPDATE user_account SET email = NULL"])
def test_a_job_that_breaks_a_constraint_logs_no_row(monkeypatch, caplog, now, broken):
    """One address twice, and none at all; PostgreSQL quotes the key of the one and the whole row of the other."""
    person(name=NAME, email=ADDRESS)
    person()

    def work(claim: Claim) -> None:
        db.session.execute(text(broken), {"email": ADDRESS})

    job_id = announced(kind(monkeypatch, "test.work", work), now)
    assert not run(job_id, owner="a worker", clock=lambda: now)

    written = logged(caplog)
    assert "IntegrityError" in written
    assert NAME not in written
    assert ADDRESS not in written


def test_what_a_mail_server_says_is_not_part_of_a_fault(caplog, mail_sink: MailSink):
    mail_sink.answers.append(f"451 4.3.0 <{ADDRESS}> is greylisted")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "site@example.org", ADDRESS, "Hello"
    message.set_content("Hello")

    try:
        send(mailer_for(mail_sink.url), message)
    except NotSent:
        logging.getLogger(__name__).exception("not sent")

    written = logged(caplog)
    assert "SMTP 451" in written
    assert ADDRESS not in written
