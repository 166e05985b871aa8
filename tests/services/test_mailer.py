"""Sending by real SMTP: what certainly left, what certainly did not, and what nobody knows."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

import pytest

from tests.services_mail import MailSink, free_port, running_mail_sink, send
from urbact_calls.mailer import MOST_ON_ONE_CONNECTION, Mailbox, MaybeSent, NotSent, Smtp, mailer_for


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "office@example.org"
    message["To"] = "Łucja <lucja@example.org>"
    message["Subject"] = "Décision: APN-DEMO-017"
    message.set_content("Παραλήφθηκε.\n")
    return message


@contextmanager
def server_that_says(*connections: list[bytes]) -> Iterator[Smtp]:
    """A server that answers each line it hears, and each message after “354”, with the next of the answers; at the end
    of them, or at an empty one, it hangs up. Each connection has its answers."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for answers in connections:
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as heard:
                connection.sendall(b"220 a server of a test\r\n")
                before = b""
                for answer in answers:
                    while heard.readline().strip() != b"." and before.startswith(b"354"):
                        pass
                    if not answer:
                        break
                    connection.sendall(answer + b"\r\n")
                    before = answer
                else:
                    while before.startswith(b"354") and heard.readline().strip() != b".":
                        pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield Smtp("127.0.0.1", listening.getsockname()[1])
    finally:
        thread.join()
        listening.close()


def test_a_message_arrives_as_it_was_written(mail_sink: MailSink):
    send(mailer_for(mail_sink.url), letter())

    [message] = mail_sink.messages
    assert str(message["Subject"]) == "Décision: APN-DEMO-017"
    assert message.get_content().splitlines() == ["Παραλήφθηκε."]


def test_a_server_that_is_away_has_taken_nothing():
    with pytest.raises(NotSent, match="ConnectionRefusedError") as problem:
        send(Smtp("127.0.0.1", free_port()), letter())

    assert problem.value.for_good is False


@pytest.mark.parametrize(("answer", "for_good"), [("451 later", False), ("552 too large", True)])
def test_a_server_that_says_no_has_taken_nothing(mail_sink: MailSink, answer: str, for_good: bool):
    mail_sink.answers.append(answer)

    with pytest.raises(NotSent, match=f"SMTP {answer[:3]}") as problem:
        send(mailer_for(mail_sink.url), letter())

    assert problem.value.for_good is for_good


def test_an_address_that_is_refused_is_refused_for_good():
    with (
        server_that_says([b"250 hello", b"250 sender", b"550 nobody of this name", b"250 reset"]) as smtp,
        pytest.raises(NotSent, match="SMTP 550, recipient refused") as problem,
    ):
        send(smtp, letter())

    assert problem.value.for_good is True


def test_a_connection_that_breaks_before_anything_was_said_has_taken_nothing():
    with server_that_says([]) as smtp, pytest.raises(NotSent):
        send(smtp, letter())


def test_a_connection_that_breaks_after_the_message_leaves_a_doubt():
    with (
        server_that_says([b"250 hello", b"250 sender", b"250 recipient", b"354 go on"]) as smtp,
        pytest.raises(MaybeSent),
    ):
        send(smtp, letter())


def test_a_server_that_has_taken_the_message_and_hangs_up_leaves_no_doubt(mail_sink: MailSink, monkeypatch):
    """A rude goodbye must not have the message sent again."""
    monkeypatch.setattr("aiosmtpd.smtp.SMTP.smtp_QUIT", hang_up)

    send(mailer_for(mail_sink.url), letter())

    assert len(mail_sink.messages) == 1


async def hang_up(server, argument):
    server.transport.close()


# Many messages over one connection


@dataclass
class ConnectionsSink(MailSink):
    """Remembers over which connection each message came."""

    connections: list[int] = field(default_factory=list)

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 -- aiosmtpd
        self.connections.append(session.peer[1])
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def counting() -> Iterator[ConnectionsSink]:
    with running_mail_sink(ConnectionsSink) as sink:
        yield sink


def test_many_messages_go_over_one_connection(counting: ConnectionsSink):
    send(mailer_for(counting.url), *(letter() for _ in range(3)))

    assert len(counting.messages) == 3
    assert len(set(counting.connections)) == 1


def test_a_connection_is_renewed_after_as_many_messages_as_servers_take(counting: ConnectionsSink):
    send(mailer_for(counting.url), *(letter() for _ in range(MOST_ON_ONE_CONNECTION + 1)))

    assert [counting.connections.count(each) for each in dict.fromkeys(counting.connections)] == [
        MOST_ON_ONE_CONNECTION,
        1,
    ]


def test_a_server_that_refuses_one_message_takes_the_next_over_the_same_connection(counting: ConnectionsSink):
    counting.answers.append("552 too large")

    with mailer_for(counting.url).connection() as connection:
        with pytest.raises(NotSent):
            connection.send(letter())
        connection.send(letter())

    assert len(counting.messages) == 1
    assert len(set(counting.connections)) == 1


@pytest.mark.parametrize("goodbye", [b"421 too many messages on this connection", b""])
def test_a_connection_that_the_server_ended_is_opened_again_for_the_next_message(goodbye: bytes):
    """Nothing of the message was handed over, so nobody needs to decide about it."""
    taken = [b"250 hello", b"250 sender", b"250 recipient", b"354 go on", b"250 taken"]

    with server_that_says([*taken, goodbye], taken) as smtp, smtp.connection() as connection:
        connection.send(letter())
        connection.send(letter())


def test_a_doubt_about_one_message_is_none_about_the_next():
    lost = [b"250 hello", b"250 sender", b"250 recipient", b"354 go on"]

    with server_that_says(lost, [*lost, b"250 taken"]) as smtp, smtp.connection() as connection:
        with pytest.raises(MaybeSent):
            connection.send(letter())
        connection.send(letter())


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
