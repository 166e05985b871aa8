"""Sending e-mail: SMTP, or a mailbox inside the program where a demonstration's messages can be read."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

# Python's default is to wait for ever.
TIMEOUT_SECONDS = 10
# From here on an answer is final (RFC 5321, 4.2.1); below it the same message may be taken later.
_REFUSED = 500
# With this answer a server ends the connection, whatever it was asked (RFC 5321, 3.8).
_HANGS_UP = 421
# Many servers end a connection that has taken some hundreds.
MOST_ON_ONE_CONNECTION = 100


class NotSent(Exception):
    """The message certainly did not leave: the server was away, or said no. `for_good` if it always will."""

    def __init__(self, words: str, *, for_good: bool = False) -> None:
        super().__init__(words)
        self.for_good = for_good


class MaybeSent(Exception):
    """The connection broke after the message was handed over: nobody knows whether it was delivered."""


class Connection(Protocol):
    """Takes one message after the other. Raises NotSent or MaybeSent; either leaves it fit for the next message."""

    def send(self, message: EmailMessage) -> None: ...


class Mailer(Protocol):
    """One way to send messages: over one connection as many as are at hand."""

    def connection(self) -> AbstractContextManager[Connection]: ...


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Sends nothing: the log of deliveries is the mailbox, and the demonstration shows it as a page."""

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        yield self

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

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection that is opened with its first message, and opened again where the server has ended it."""
        kept = _SmtpConnection(self)
        try:
            yield kept
        finally:
            kept.close()

    def signed_in(self) -> _Server:
        """A server that has said hello. Raises NotSent."""
        try:
            return self._signed_in()
        except smtplib.SMTPResponseException as problem:
            raise NotSent(f"SMTP {problem.smtp_code}") from None
        except (OSError, smtplib.SMTPException) as problem:
            raise NotSent(type(problem).__name__) from None

    def _signed_in(self) -> _Server:
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

    def _connect(self) -> _Server:
        if self.tls:
            return _TlsServer(self.host, self.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
        return _Server(self.host, self.port, timeout=TIMEOUT_SECONDS)


class _Server(smtplib.SMTP):
    """Remembers whether it has begun to hand over the message at hand: before that nothing can have left."""

    has_begun = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.has_begun = True
        return super().data(msg)


class _TlsServer(_Server, smtplib.SMTP_SSL):
    """The same over TLS from the first byte on."""


class _Ended(NotSent):
    """The server has ended the connection before it was given the message."""


class _SmtpConnection:
    """Hands over one message after the other, over a fresh connection after so many of them."""

    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp
        self._server: _Server | None = None
        self._taken = 0

    def send(self, message: EmailMessage) -> None:
        if self._taken >= MOST_ON_ONE_CONNECTION:
            self.close()
        if self._server is not None:
            try:
                return self._hand_over(self._server, message)
            except _Ended:
                # It was idle for too long, or has taken as many as it takes in a row.
                self.close()
        self._server, self._taken = self._smtp.signed_in(), 0
        return self._hand_over(self._server, message)

    def close(self) -> None:
        """Says goodbye. The messages are taken; how the server answers changes nothing about that."""
        server, self._server, self._taken = self._server, None, 0
        if server is not None:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _hand_over(self, server: _Server, message: EmailMessage) -> None:
        """Gives the message to the server and waits until it has taken it."""
        server.has_begun = False
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as problem:
            codes = [code for code, _ in problem.recipients.values()]
            raise NotSent(f"SMTP {max(codes)}, recipient refused", for_good=min(codes) >= _REFUSED) from None
        except smtplib.SMTPResponseException as problem:
            kind = _Ended if problem.smtp_code == _HANGS_UP and not server.has_begun else NotSent
            raise kind(f"SMTP {problem.smtp_code}", for_good=problem.smtp_code >= _REFUSED) from None
        except smtplib.SMTPNotSupportedError as problem:
            raise NotSent("the server does not take this kind of address", for_good=True) from problem
        except (OSError, smtplib.SMTPException) as problem:
            if not server.has_begun:
                raise _Ended(type(problem).__name__) from None
            # What is left of the connection may hold an answer to this message: the next one gets another.
            self._server = None
            server.close()
            raise MaybeSent(type(problem).__name__) from None
        self._taken += 1


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
