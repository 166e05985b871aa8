"""Emails.

Registers a kind of message, writes it in words from its template, and sends it; the link that switches a kind off.
"""

from __future__ import annotations

import re
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from functools import partial
from itertools import pairwise
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from urbact_calls.database import after_commit, db
from urbact_calls.domain.text import message, say
from urbact_calls.jobs import (
    Claim,
    Effect,
    NotBegun,
    NothingSent,
    Outcome,
    Uncertain,
    about_to_send,
    job,
    mark_as_sending,
)
from urbact_calls.mailer import Connection, Mailer, MaybeSent, NotSent
from urbact_calls.messages.commands import post
from urbact_calls.messages.models import EMAILS, A, Delivery, DeliveryArgs, Email, Recipient
from urbact_calls.messages.reads import message_log

FOOT = message("email.foot", "Questions: write to the Joint Secretariat, {address}.")
LONGEST_SUBJECT = 250
_ADDRESS = re.compile(r"https?://\S+")
FENCE = ">"
_FACT = re.compile(r"(?P<label>[^:\n]{2,40}): (?P<value>\S.*)")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in words: the first line of its text template is the subject."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A part of a message: a button, a small table of facts, or lines of text.

    An address alone in its paragraph becomes a button; a line before it that ends with a colon is its label.
    Two or more lines that all read "Label: value" become facts. Words of people are `fenced` and nothing else.
    """

    lines: tuple[str, ...]

    @property
    def is_fenced(self) -> bool:
        """Whether these are the words of a person."""
        return self.lines[0].startswith(FENCE)

    @property
    def words(self) -> tuple[str, ...]:
        """The lines of a person as they were written, without their fence."""
        return (
            tuple(line.removeprefix(FENCE).removeprefix(" ") for line in self.lines) if self.is_fenced else self.lines
        )

    @property
    def href(self) -> str | None:
        alone = len(self.lines) == 1 or (len(self.lines) == 2 and self.lines[0].endswith(":"))
        return self.lines[-1] if alone and _ADDRESS.fullmatch(self.lines[-1]) else None

    @property
    def label(self) -> str:
        """The words on the button."""
        return self.lines[0].removesuffix(":") if len(self.lines) == 2 else "Open the page"

    @property
    def facts(self) -> Sequence[dict[str, str]]:
        """The lines as `label` and `value`, such as "Reference: APN-DEMO-017"; none if this is no table of facts."""
        found = [] if self.is_fenced else [_FACT.fullmatch(line) for line in self.lines]
        if len(found) < 2 or not all(found):
            return ()
        return [match.groupdict() for match in found if match]


def render(key: str, context: dict[str, Any], recipient: Recipient) -> Rendered:
    """The message `key` in words. `url(endpoint, ...)` in a text is the full address of a page.

    What people typed in lines stands in it as `fenced(words)`, below a line that says whose words they are.
    """
    # Not by `render_template`: a message must not depend on who is signed in, and a worker has no request.
    templates = current_app.jinja_env
    whole = templates.get_template(f"emails/{key}.txt").render(
        recipient=recipient, url=address_of, fenced=fenced, **context
    )
    first, _, body = whole.strip().partition("\n")
    subject = " ".join(first.split())[:LONGEST_SUBJECT]
    foot = say(FOOT(address=current_app.extensions["settings"].office_address))
    text = re.sub(r"\n{3,}", "\n\n", body.strip()) + f"\n\n{foot}\n"
    layout = templates.get_template("emails/layout.html")
    return Rendered(subject, text, layout.render(subject=subject, paragraphs=paragraphs(text)))


def fenced(words: str) -> str:
    """Words of people as a block of their own, each line marked: the program makes no heading, link, table or button
    of them, and nobody takes them for its own."""
    return "\n".join(f"{FENCE} {line}".rstrip() for line in words.strip().splitlines()) or FENCE


def address_of(endpoint: str, **values: Any) -> str:
    """The full address of a page, for messages: workers have no request to take the host from."""
    path = current_app.url_map.bind("localhost").build(endpoint, values)
    return f"{current_app.extensions['settings'].public_url}{path}"


def paragraphs(text: str) -> list[Paragraph]:
    """The parts of a text, which are separated by empty lines."""
    return [Paragraph(tuple(block.splitlines())) for block in text.strip().split("\n\n") if block.strip()]


@dataclass(frozen=True, slots=True)
class Switch:
    """What a link switches off: one kind of message for one person."""

    user_id: int
    key: str


def with_switch(recipient: Recipient, key: str) -> Recipient:
    """The recipient with the link that switches this kind of message off."""
    if recipient.user_id is None:
        return recipient
    token = switch_token_of(recipient.user_id, key)
    return replace(recipient, leave_href=address_of("messages.switch_off", token=token))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="messages.switch_off")


def switch_of(token: str) -> Switch | None:
    """What a link switches off; None if this site did not write it."""
    try:
        user_id, key = _signer().loads(token)
    except BadData:
        return None
    return Switch(user_id, key)


def switch_token_of(user_id: int, key: str) -> str:
    """What stands in a link that switches one kind of message off for one person."""
    return str(_signer().dumps([user_id, key]))


# Messages that are written in one commit, and sent over one connection.
_AT_ONCE = 30
# After so long a worker gives back what it has not begun to send: a slow server must not use up the lease of a batch.
_LONGEST_BATCH = 2.0
# Longer than a mail server that answers at the last moment may take (`mailer.TIMEOUT_SECONDS` for each answer).
_LEASE = timedelta(seconds=60)


def register(email: Email[A]) -> Email[A]:
    """Makes a message known, and the kind of job `mail:KEY` that sends it. Raises ValueError if the key is taken."""

    @job(f"mail:{email.key}", args=email.args, lease=_LEASE, batch=_AT_ONCE)
    def resolve(claims: Sequence[Claim[A]]) -> Sequence[Outcome]:
        return _all_written(email, claims)

    EMAILS[email.key] = email
    return email


def _all_written(email: Email[A], claims: Sequence[Claim[A]]) -> Sequence[Outcome]:
    """What writes the messages of these jobs into the log."""
    heard = _who_hear(email, claims)
    return [_written(email, claim, recipients) for claim, recipients in zip(claims, heard, strict=True)]


def _written(email: Email[A], claim: Claim[A], recipients: Sequence[Recipient]) -> Effect:
    """The message of one job in words, for each who hears it."""
    session = db.session()
    written = [
        (recipient, render(email.key, email.context(session, claim.args, recipient), recipient))
        for recipient in recipients
    ]

    def write(session: Session) -> None:
        for recipient, rendered in written:
            _deliver(session, email, claim, recipient, rendered)

    return write


def _who_hear(email: Email[A], claims: Sequence[Claim[A]]) -> Sequence[Sequence[Recipient]]:
    """The recipients of each, without closed accounts and those who switched it off; nobody for a reminder whose date
    has passed."""
    session = db.session()
    found = [[] if _is_past(claim) else email.to(session, claim.args) for claim in claims]
    accounts = {each.user_id for recipients in found for each in recipients if each.user_id is not None}
    without = message_log.which_are_closed(session, accounts)
    if not email.is_mutable:
        return [[each for each in recipients if each.user_id not in without] for recipients in found]
    without |= message_log.who_muted(session, email.key)
    return [
        [with_switch(each, email.key) for each in recipients if each.user_id not in without] for recipients in found
    ]


def _is_past(claim: Claim[A]) -> bool:
    return claim.args.not_after is not None and claim.now > claim.args.not_after


def _deliver(session: Session, email: Email[A], claim: Claim[A], recipient: Recipient, rendered: Rendered) -> None:
    again = claim.args.resend
    delivery = Delivery(
        event=claim.key,
        email_key=email.key,
        user_id=recipient.user_id,
        address=recipient.address,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        leave_href=recipient.leave_href or None,
        about=claim.about,
        resent_of=again.of if again else None,
        resent_by=again.by if again else None,
        resend_reason=again.reason if again else None,
    )
    post(session, delivery, claim.now)


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """A message that has not been sent; whether its text is emptied once it has."""

    delivery_id: int
    message: EmailMessage
    is_emptied: bool


def _send(claims: Sequence[Claim[DeliveryArgs]]) -> Iterator[Outcome]:
    """Sends messages over one connection. What became of each is kept before the next one leaves, so that a worker
    that is killed leaves one of them in doubt; the same commit remembers that the next one may leave."""
    mailer: Mailer = current_app.extensions["mailer"]
    until = time.monotonic() + _LONGEST_BATCH
    waiting = _outgoing(claims)
    marked: set[int] = set()
    with mailer.connection() as connection:
        for claim, following in pairwise([*claims, None]):
            if claim is None:
                return
            outgoing = waiting.get(claim.job_id)
            outcome = _sent(claim, outgoing, connection, marked) if outgoing else None
            is_late = following is not None and time.monotonic() > until
            is_next = following is not None and following.job_id in waiting and not is_late
            if following is None or not is_next or isinstance(outcome, Exception):
                yield outcome
            else:
                yield partial(_remember_and_mark, remember=outcome, following=following, marked=marked)
            if is_late:
                raise NotBegun


def _outgoing(claims: Sequence[Claim[DeliveryArgs]]) -> Mapping[int, _Outgoing]:
    """By the number of its job each of these messages that has not been sent; one query."""
    jobs = {claim.args.delivery: claim.job_id for claim in claims}
    session, shows_mailbox = db.session(), current_app.extensions["settings"].shows_mailbox
    rows = session.scalars(select(Delivery).where(Delivery.id.in_(jobs), Delivery.sent_at.is_(None)))
    found = {
        jobs[each.id]: _Outgoing(
            each.id, _message_of(each), is_emptied=EMAILS[each.email_key].is_secret and not shows_mailbox
        )
        for each in rows
    }
    # A slow mail server must not hold a transaction open.
    session.rollback()
    return found


def _sent(claim: Claim[DeliveryArgs], outgoing: _Outgoing, connection: Connection, marked: Container[int]) -> Outcome:
    """Sends one message; `marked` are the jobs that are known to be marked as about to send."""
    if claim.job_id not in marked:
        about_to_send(claim)
    try:
        connection.send(outgoing.message)
    except NotSent as problem:
        return NothingSent(str(problem), for_good=problem.for_good)
    except MaybeSent as problem:
        return Uncertain(str(problem))
    emptied = {"text": "", "html": ""} if outgoing.is_emptied else {}
    sent = update(Delivery).where(Delivery.id == outgoing.delivery_id).values(sent_at=claim.now, **emptied)

    def remember(session: Session) -> None:
        session.execute(sent, execution_options={"synchronize_session": False})

    return remember


def _remember_and_mark(
    session: Session, *, remember: Effect | None, following: Claim[DeliveryArgs], marked: set[int]
) -> None:
    """Writes what became of a message, and that the following one may leave. That counts once it is committed: if
    nobody knows whether it was, it is marked anew."""
    if remember is not None:
        remember(session)
    if mark_as_sending(session, following):
        after_commit(session, partial(marked.add, following.job_id))


class _WholeSubject(EmailPolicy):
    """Writes a subject with all its blanks. Of one that is not ASCII and takes several lines the library loses some:
    https://github.com/python/cpython/issues/92081."""

    def fold(self, name: str, value: str) -> str:
        if name.lower() != "subject" or value.isascii():
            return super().fold(name, value)
        written = Header(value, "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {written}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return super().fold_binary(name, value) if name.lower() != "subject" else self.fold(name, value).encode()


def _message_of(delivery: Delivery) -> EmailMessage:
    message = EmailMessage(policy=_WholeSubject())
    message["From"] = current_app.extensions["settings"].mail_sender
    message["Reply-To"] = current_app.extensions["settings"].office_address
    message["To"] = delivery.address
    message["Subject"] = delivery.subject
    message["Message-ID"] = delivery.message_id
    # Of the act, not of the attempt: a repeated message is the same message.
    message["Date"] = delivery.created_at
    message["Auto-Submitted"] = "auto-generated"
    if delivery.leave_href:
        # RFC 8058: the mail program leaves the list with one click, by a POST.
        message["List-Unsubscribe"] = f"<{delivery.leave_href}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(delivery.text)
    message.add_alternative(delivery.html, subtype="html")
    return message


job("mail.deliver", args=DeliveryArgs, lease=_LEASE, batch=_AT_ONCE)(_send)
job("mail.deliver_once", args=DeliveryArgs, policy="once", lease=_LEASE, batch=_AT_ONCE)(_send)
