"""Emails.

Registers a kind of message, writes it in words from its template, and sends it; the link that switches a kind off.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from urbact_calls.database import db
from urbact_calls.domain.text import message, say
from urbact_calls.jobs import Claim, Effect, Job, NotBegun, NothingSent, Outcome, Uncertain, about_to_send, job
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
        return [_written(email, claim) for claim in claims]

    EMAILS[email.key] = email
    return email


def _written(email: Email[A], claim: Claim[A]) -> Effect:
    """The message of one job in words, for each who hears it."""
    session = db.session()
    written = [
        (recipient, render(email.key, email.context(session, claim.args, recipient), recipient))
        for recipient in _who_hears(email, claim)
    ]

    def write(session: Session) -> None:
        for recipient, rendered in written:
            _deliver(session, email, claim, recipient, rendered)

    return write


def _who_hears(email: Email[A], claim: Claim[A]) -> Sequence[Recipient]:
    """The recipients, without closed accounts and those who switched it off; nobody for a reminder whose date has
    passed."""
    if claim.args.not_after is not None and claim.now > claim.args.not_after:
        return []
    found = email.to(db.session(), claim.args)
    closed = message_log.which_are_closed(db.session(), {each.user_id for each in found if each.user_id is not None})
    found = [each for each in found if each.user_id not in closed]
    if not email.is_mutable:
        return found
    muted = message_log.who_muted(db.session(), email.key)
    return [with_switch(each, email.key) for each in found if each.user_id not in muted]


def _deliver(session: Session, email: Email[A], claim: Claim[A], recipient: Recipient, rendered: Rendered) -> None:
    address = recipient.address
    known = select(Delivery.id).where(Delivery.event == claim.key, Delivery.address == address)
    if session.scalar(known) is not None:
        return
    again = claim.args.resend
    delivery = Delivery(
        event=claim.key,
        email_key=email.key,
        user_id=recipient.user_id,
        address=address,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        leave_href=recipient.leave_href or None,
        about=session.get_one(Job, claim.job_id).about,
        resent_of=again.of if again else None,
        resent_by=again.by if again else None,
        resend_reason=again.reason if again else None,
    )
    post(session, delivery, claim.now)


def _send(claims: Sequence[Claim[DeliveryArgs]]) -> Iterator[Outcome]:
    """Sends messages over one connection. What became of each is kept before the next one leaves, so that a worker
    that is killed leaves one of them in doubt."""
    mailer: Mailer = current_app.extensions["mailer"]
    until = time.monotonic() + _LONGEST_BATCH
    with mailer.connection() as connection:
        for claim in claims:
            if time.monotonic() > until:
                raise NotBegun
            yield _sent(claim, connection)


def _sent(claim: Claim[DeliveryArgs], connection: Connection) -> Outcome:
    delivery = db.session.get(Delivery, claim.args.delivery)
    if delivery is None or delivery.sent_at is not None:
        return None
    delivery_id, message = delivery.id, _message_of(delivery)
    blank = EMAILS[delivery.email_key].is_secret and not current_app.extensions["settings"].shows_mailbox

    # A slow mail server must not hold a transaction open.
    db.session.rollback()
    about_to_send(claim)
    try:
        connection.send(message)
    except NotSent as problem:
        return NothingSent(str(problem), for_good=problem.for_good)
    except MaybeSent as problem:
        return Uncertain(str(problem))

    emptied = {"text": "", "html": ""} if blank else {}

    def remember(session: Session) -> None:
        session.execute(update(Delivery).where(Delivery.id == delivery_id).values(sent_at=claim.now, **emptied))

    return remember


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
