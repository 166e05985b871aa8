"""The messages that features can send: key, recipients, context, policy. A feature registers its own.

Announcing `mail:KEY` resolves the recipients and writes one delivery per address; each delivery is then sent
by a job of its own, with a Message-ID that stays the same however often it is tried.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any, Generic, TypeVar

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.database import db
from urbact_calls.jobs import (
    Claim,
    Effect,
    Job,
    NothingSent,
    Policy,
    Uncertain,
    about_to_send,
    announce,
    job,
)
from urbact_calls.mailer import Mailer, MaybeSent, NotSent
from urbact_calls.notifications import muting
from urbact_calls.notifications.models import Delivery, DeliveryArgs, MessageArgs
from urbact_calls.notifications.rendering import Recipient, Rendered, render

A = TypeVar("A", bound=MessageArgs)

__all__ = ["EMAILS", "Email", "Recipient", "Rendered", "register", "render"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Email(Generic[A]):
    """A message the program can send. `args` of both functions are those of the job that announced it.

    `policy` is `once` for decisions, which are never sent twice. `is_secret` empties the kept text once it is
    sent (a link to sign in must not stay readable in the log). People may switch off what `is_mutable`.

    `recipients`, `moment` and `limit` say in words who gets it, when, and how often at most; they are shown with
    the others on one page (`register.py`).
    """

    key: str
    args: type[A]
    to: Callable[[Session, A], Sequence[Recipient]]
    context: Callable[[Session, A, Recipient], dict[str, Any]]
    policy: Policy = "retry"
    is_secret: bool = False
    is_mutable: bool = False
    recipients: str = ""
    moment: str = ""
    limit: str = ""


EMAILS: dict[str, Email[Any]] = {}
# Longer than a mail server that answers at the last moment may take (`mailer.TIMEOUT_SECONDS` for each answer).
_LEASE = timedelta(seconds=45)


def register(email: Email[A]) -> Email[A]:
    """Makes a message known, and the kind of job `mail:KEY` that sends it. Raises ValueError if the key is taken."""

    @job(f"mail:{email.key}", args=email.args, lease=_LEASE)
    def resolve(claim: Claim[A]) -> Effect:
        written = [
            (recipient, render(email.key, email.context(db.session(), claim.args, recipient), recipient))
            for recipient in _who_hears(email, claim)
        ]

        def write(session: Session) -> None:
            for recipient, rendered in written:
                _deliver(session, email, claim, recipient, rendered)

        return write

    EMAILS[email.key] = email
    return email


def _who_hears(email: Email[A], claim: Claim[A]) -> Sequence[Recipient]:
    """The recipients, without those who switched it off; nobody for a reminder whose date has passed."""
    if is_too_late(claim.args, claim.now):
        return []
    found = email.to(db.session(), claim.args)
    if not email.is_mutable:
        return found
    muted = muting.who_muted(db.session(), email.key)
    return [muting.with_switch(each, email.key) for each in found if each.user_id not in muted]


def is_too_late(args: MessageArgs, now: datetime) -> bool:
    """Whether the date of which a job would remind somebody has passed while it waited."""
    return args.not_after is not None and now > args.not_after


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
        message_id=message_id_of(claim.key, address),
        leave_href=recipient.leave_href or None,
        created_at=claim.now,
        about=session.get_one(Job, claim.job_id).about,
        resent_of=again.of if again else None,
        resent_by=again.by if again else None,
        resend_reason=again.reason if again else None,
    )
    post(session, delivery, claim.now)


def message_id_of(event: str, address: str) -> str:
    """The Message-ID of the message of an event to an address, however often it is tried."""
    return f"<{hashlib.sha256(f'{event}|{address}'.encode()).hexdigest()[:40]}@urbact-calls>"


def post(session: Session, delivery: Delivery, now: datetime) -> None:
    """Writes a message into the log, and the job that sends it."""
    session.add(delivery)
    session.flush()
    delivery.job_id = announce(
        session,
        kind="mail.deliver_once" if EMAILS[delivery.email_key].policy == "once" else "mail.deliver",
        key=f"deliver:{delivery.message_id.strip('<>').partition('@')[0]}",
        args=DeliveryArgs(delivery=delivery.id),
        now=now,
        subject=delivery.about,
    )


def _send(claim: Claim[DeliveryArgs]) -> Effect | None:
    delivery = db.session.get(Delivery, claim.args.delivery)
    if delivery is None or delivery.sent_at is not None:
        return None
    delivery_id, message = delivery.id, _message_of(delivery)
    blank = EMAILS[delivery.email_key].is_secret and not current_app.extensions["settings"].shows_mailbox

    # A slow mail server must not hold a transaction open.
    db.session.rollback()
    about_to_send(claim)
    mailer: Mailer = current_app.extensions["mailer"]
    try:
        mailer.send(message)
    except NotSent as problem:
        raise NothingSent(str(problem), for_good=problem.for_good) from problem
    except MaybeSent as problem:
        raise Uncertain(str(problem)) from problem

    def remember(session: Session) -> None:
        sent = session.get_one(Delivery, delivery_id)
        sent.sent_at = claim.now
        if blank:
            sent.text = sent.html = ""

    return remember


def _message_of(delivery: Delivery) -> EmailMessage:
    message = EmailMessage()
    message["From"] = current_app.extensions["settings"].mail_sender
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


job("mail.deliver", args=DeliveryArgs, lease=_LEASE)(_send)
job("mail.deliver_once", args=DeliveryArgs, policy="once", lease=_LEASE)(_send)
