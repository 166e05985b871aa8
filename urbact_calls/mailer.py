"""Sending e-mail: SMTP, or a mailbox inside the program where a demonstration's messages can be read."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

# Python's default is to wait for ever.
TIMEOUT_SECONDS = 10
# From here on an answer is final (RFC 5321, 4.2.1); below it the same message may be taken later.
_REFUSED = 500


class NotSent(Exception):
    """The message certainly did not leave: the server was away, or said no. `for_good` if it always will."""

    def __init__(self, words: str, *, for_good: bool = False) -> None:
        super().__init__(words)
        self.for_good = for_good


class MaybeSent(Exception):
    """The connection broke after the message was handed over: nobody knows whether it was delivered."""


class Mailer(Protocol):
    """One way to send a message. Raises NotSent or MaybeSent."""

    def send(self, message: EmailMessage) -> None: ...


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Sends nothing: the log of deliveries is the mailbox, and the demonstration shows it as a page."""

    def send(self, message: EmailMessage) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Smtp:
    """Hands messages to an SMTP server.

    What the server says stays out of the faults (`from None`): it names the address, and faults are logged.
    """

    host: str
    port: int
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False

    def send(self, message: EmailMessage) -> None:
        try:
            server = self._signed_in()
        except smtplib.SMTPResponseException as problem:
            raise NotSent(f"SMTP {problem.smtp_code}") from None
        except (OSError, smtplib.SMTPException) as problem:
            raise NotSent(type(problem).__name__) from None
        with closing(server):
            _hand_over(server, message)
            # The message is taken; how the server says goodbye changes nothing about that.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _signed_in(self) -> smtplib.SMTP:
        server = self._connect()
        try:
            if self.starttls:
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    def _connect(self) -> smtplib.SMTP:
        if self.tls:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
        return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    """Gives the message to the server and waits until it has taken it."""
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as problem:
        codes = [code for code, _ in problem.recipients.values()]
        raise NotSent(f"SMTP {max(codes)}, recipient refused", for_good=min(codes) >= _REFUSED) from None
    except smtplib.SMTPResponseException as problem:
        raise NotSent(f"SMTP {problem.smtp_code}", for_good=problem.smtp_code >= _REFUSED) from None
    except smtplib.SMTPNotSupportedError as problem:
        raise NotSent("the server does not take this kind of address", for_good=True) from problem
    except (OSError, smtplib.SMTPException) as problem:
        raise MaybeSent(type(problem).__name__) from None


def mailer_for(mail_url: str) -> Mailer:
    """The mailer that an address describes: `mailbox:`, `smtp://[user:password@]host:port[?starttls=1]`,
    `smtps://…`. Raises ValueError for anything else."""
    parts = urlsplit(mail_url)
    if parts.scheme == "mailbox":
        return Mailbox()
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("MAIL_URL must begin with mailbox:, smtp:// or smtps://")
    return Smtp(
        host=parts.hostname,
        port=parts.port or (465 if parts.scheme == "smtps" else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=parse_qs(parts.query).get("starttls") == ["1"],
        tls=parts.scheme == "smtps",
    )
