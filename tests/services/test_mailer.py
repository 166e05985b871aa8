"""Sending by real SMTP: what certainly left, what certainly did not, and what nobody knows."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import pytest

from tests.services_mail import MailSink, free_port
from urbact_calls.mailer import Mailbox, MaybeSent, NotSent, Smtp, mailer_for


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "office@example.org"
    message["To"] = "Łucja <lucja@example.org>"
    message["Subject"] = "Décision: APN-DEMO-017"
    message.set_content("Παραλήφθηκε.\n")
    return message


@contextmanager
def server_that_says(*answers: bytes) -> Iterator[Smtp]:
    """A server that answers each line it hears with the next of `answers`, and then hangs up."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as heard:
            connection.sendall(b"220 a server of a test\r\n")
            for answer in answers:
                heard.readline()
                connection.sendall(answer + b"\r\n")
            if answers and answers[-1].startswith(b"354"):
                while heard.readline().strip() != b".":
                    pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield Smtp("127.0.0.1", listening.getsockname()[1])
    finally:
        thread.join()
        listening.close()


def test_a_message_arrives_as_it_was_written(mail_sink: MailSink):
    mailer_for(mail_sink.url).send(letter())

    [message] = mail_sink.messages
    assert str(message["Subject"]) == "Décision: APN-DEMO-017"
    assert message.get_content().splitlines() == ["Παραλήφθηκε."]


def test_a_server_that_is_away_has_taken_nothing():
    with pytest.raises(NotSent, match="ConnectionRefusedError") as problem:
        Smtp("127.0.0.1", free_port()).send(letter())

    assert problem.value.for_good is False


@pytest.mark.parametrize(("answer", "for_good"), [("451 later", False), ("552 too large", True)])
def test_a_server_that_says_no_has_taken_nothing(mail_sink: MailSink, answer: str, for_good: bool):
    mail_sink.answers.append(answer)

    with pytest.raises(NotSent, match=f"SMTP {answer[:3]}") as problem:
        mailer_for(mail_sink.url).send(letter())

    assert problem.value.for_good is for_good


def test_an_address_that_is_refused_is_refused_for_good():
    with (
        server_that_says(b"250 hello", b"250 sender", b"550 nobody of this name", b"250 reset") as smtp,
        pytest.raises(NotSent, match="SMTP 550, recipient refused") as problem,
    ):
        smtp.send(letter())

    assert problem.value.for_good is True


def test_a_connection_that_breaks_before_anything_was_said_has_taken_nothing():
    with server_that_says() as smtp, pytest.raises(NotSent):
        smtp.send(letter())


def test_a_connection_that_breaks_after_the_message_leaves_a_doubt():
    with (
        server_that_says(b"250 hello", b"250 sender", b"250 recipient", b"354 go on") as smtp,
        pytest.raises(MaybeSent),
    ):
        smtp.send(letter())


def test_a_server_that_has_taken_the_message_and_hangs_up_leaves_no_doubt(mail_sink: MailSink, monkeypatch):
    """A rude goodbye must not have the message sent again."""
    monkeypatch.setattr("aiosmtpd.smtp.SMTP.smtp_QUIT", hang_up)

    mailer_for(mail_sink.url).send(letter())

    assert len(mail_sink.messages) == 1


async def hang_up(server, argument):
    server.transport.close()


@pytest.mark.parametrize(
    ("url", "mailer"),
    [
        ("mailbox:", Mailbox()),
        ("smtp://mail.example.org", Smtp("mail.example.org", 25)),
        ("smtps://mail.example.org", Smtp("mail.example.org", 465, tls=True)),
        (
            "smtp://me%40here:p%3Aw@mail.example.org:587?starttls=1",
            Smtp("mail.example.org", 587, "me@here", "p:w", starttls=True),
        ),
    ],
)
def test_an_address_describes_its_mailer(url, mailer):
    assert mailer_for(url) == mailer


@pytest.mark.parametrize("url", ["", "sendmail:", "http://mail.example.org", "smtp://", "smtp:mail"])
def test_an_address_that_describes_none_is_refused(url):
    with pytest.raises(ValueError, match="MAIL_URL"):
        mailer_for(url)
