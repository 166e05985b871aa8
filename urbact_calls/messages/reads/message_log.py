"""Reads of the message log: found by address, kind, state or what it is about; a text only for those who may."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, not_, or_, select
from sqlalchemy.orm import Session, defer

from urbact_calls.database import Base, existing, found_in
from urbact_calls.domain.permissions import Actor, office
from urbact_calls.domain.refusal import or_not_found
from urbact_calls.domain.vocabulary import DeliveryState, JobState, Word
from urbact_calls.jobs import Job
from urbact_calls.messages.models import EMAILS, Delivery, MutedEmail
from urbact_calls.paging import Page, newest_first, page_of
from urbact_calls.subjects import POLICIES, found_by, is_about_one_of, is_not_own

_PERSONAL_LINK = re.compile(r"https?://\S+")
NOT_SHOWN = "(link not shown)"


def state_of(delivery: Delivery, job: Job | None, now: datetime) -> DeliveryState:
    """Where a message stands: read from its job, never kept beside it."""
    if delivery.sent_at is not None:
        return DeliveryState.SENT
    if job is not None and job.state in (JobState.DEAD, JobState.CANCELLED):
        return DeliveryState.FAILED
    is_held = job is not None and job.state == JobState.SENDING
    if is_held and job is not None and (job.lease_until is None or job.lease_until < now):
        return DeliveryState.PARKED
    return DeliveryState.WAITING


def why_withheld(session: Session, delivery: Delivery, actor: Actor) -> str:
    """Why this actor may not read the text of a message; nothing if he or she may.

    The text of a message is content: administrators run the program and read none. A draft is private until it is
    submitted, and so is what the program writes about it.
    """
    if not office(actor):
        return "Administrators see that a message was sent, not what it says."
    about = delivery.about
    if about is not None and POLICIES[about.kind].is_private(session, about.id):
        return "It is about a draft, which only its partners can read until it is submitted."
    return ""


def shown_text(delivery: Delivery) -> str:
    """The text as it was sent, without links that give their holder a right."""
    email = EMAILS.get(delivery.email_key)
    if email is None or email.is_secret:
        return _PERSONAL_LINK.sub(NOT_SHOWN, delivery.text)
    return delivery.text.replace(delivery.leave_href, NOT_SHOWN) if delivery.leave_href else delivery.text


def address_now(session: Session, delivery: Delivery) -> str | None:
    """The address at which the recipient is reached now; None if the account is closed or gone."""
    if delivery.user_id is None:
        return delivery.address
    account = account_of(session, delivery.user_id)
    return account.email if account is not None and account.disabled_at is None else None


def account_of(session: Session, user_id: int) -> Row[Any, Any, Any] | None:
    """Name, address and end of an account, from the table to which the foreign key points: accounts stand above."""
    table = Base.metadata.tables["user_account"].c
    return session.execute(select(table.name, table.email, table.disabled_at).where(table.id == user_id)).one_or_none()


def _conditions(session: Session, wanted: LogSearch, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.address:
        # A whole address is found by the index; a part of one is looked for in every row.
        address = wanted.address.lower()
        found.append(Delivery.address == address if "@" in address else found_in(address, Delivery.address))
    if wanted.key:
        found.append(Delivery.email_key == wanted.key)
    if wanted.about:
        found.append(is_about_one_of(Delivery, found_by(session, wanted.about)))
    if wanted.state is not None:
        found.append(_is_in(wanted.state, now))
    return found


def _is_in(state: DeliveryState, now: datetime) -> ColumnElement[bool]:
    unsent = Delivery.sent_at.is_(None)
    failed = Job.state.in_((JobState.DEAD, JobState.CANCELLED))
    parked = and_(Job.state == JobState.SENDING, or_(Job.lease_until.is_(None), Job.lease_until < now))
    return {
        DeliveryState.SENT: Delivery.sent_at.is_not(None),
        DeliveryState.FAILED: and_(unsent, failed),
        DeliveryState.PARKED: and_(unsent, parked),
        DeliveryState.WAITING: and_(unsent, or_(Job.id.is_(None), not_(or_(failed, parked)))),
    }[state]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSearch:
    """What somebody looks for in the log; empty means any."""

    address: str = ""
    key: str = ""
    about: str = ""
    state: DeliveryState | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One message in the log, without its text. `fault` says in plain words why the last attempt failed."""

    delivery: Delivery
    job: Job | None
    state: Word

    @property
    def attempts(self) -> int:
        return self.job.attempts if self.job else 0

    @property
    def fault(self) -> str:
        return fault_in_words(self.job.error_code) if self.job and self.job.error_code else ""


@dataclass(frozen=True, slots=True)
class LoggedMessage:
    """One message as this reader may see it. `withheld` says why the text is not shown, if it is not."""

    line: LogEntry
    text: str
    withheld: str
    now_at: str | None
    before: Delivery | None
    later: Sequence[Delivery]
    resent_by: str | None


def message_log(  # noqa: PLR0913 -- what is looked for, by whom, and which page of it
    session: Session, wanted: LogSearch, actor: Actor, *, before: int | None, size: int, now: datetime
) -> Page[LogEntry]:
    """The messages looked for, newest first, without their texts; those that are older than `before`, and about nothing
    that the actor takes part in."""
    query = (
        select(Delivery, Job)
        .outerjoin(Job, Job.id == Delivery.job_id)
        .where(is_not_own(Delivery, actor), *_conditions(session, wanted, now))
        .options(defer(Delivery.text), defer(Delivery.html), defer(Delivery.subject))
        .order_by(Delivery.id.desc())
        .limit(size + 1)
    )
    if before is not None:
        query = query.where(Delivery.id < before)
    rows = [LogEntry(delivery, job, state_of(delivery, job, now)) for delivery, job in session.execute(query)]
    return page_of(rows, size=size, key=lambda line: str(line.delivery.id))


def log_entry(session: Session, delivery_id: int, now: datetime) -> LogEntry:
    """One message with the job that sends it. Raises NotFound."""
    delivery = delivery_by_id(session, delivery_id)
    job = session.get(Job, delivery.job_id) if delivery.job_id else None
    return LogEntry(delivery, job, state_of(delivery, job, now))


def logged_message(session: Session, delivery_id: int, actor: Actor, now: datetime) -> LoggedMessage:
    """One message as this actor may read it. Raises NotFound."""
    require_not_own(session, delivery_id, actor)
    found = log_entry(session, delivery_id, now)
    delivery = found.delivery
    withheld = why_withheld(session, delivery, actor)
    resent_by = account_of(session, delivery.resent_by) if delivery.resent_by is not None else None
    return LoggedMessage(
        line=found,
        text="" if withheld else shown_text(delivery),
        withheld=withheld,
        now_at=address_now(session, delivery),
        before=session.get(Delivery, delivery.resent_of) if delivery.resent_of else None,
        later=session.scalars(select(Delivery).where(Delivery.resent_of == delivery.id).order_by(Delivery.id)).all(),
        resent_by=resent_by.name if resent_by is not None else None,
    )


def require_not_own(session: Session, delivery_id: int, actor: Actor) -> None:
    """Raises NotFound for a message about something that the actor takes part in."""
    query = select(Delivery.id).where(Delivery.id == delivery_id, is_not_own(Delivery, actor))
    existing(session, query, f"delivery {delivery_id}")


def fault_in_words(code: str) -> str:
    """A fault of an attempt in plain words, with the code for whoever must look deeper."""
    if "recipient refused" in code:
        words = "The mail server does not accept this address"
    elif code.startswith("SMTP 5"):
        words = "The mail server refused the message"
    elif code.startswith("SMTP"):
        words = "The mail server could not take the message"
    elif code == "worker_lost":
        words = "The program was interrupted each time it tried"
    elif code.endswith(("Error", "Disconnected", "timeout", "gaierror")):
        words = "The mail server did not answer"
    else:
        words = "The attempt failed"
    return f"{words} ({code})."


def deliveries(session: Session, *, before: int | None, size: int) -> Page[Delivery]:
    """A page of messages, newest first, that are older than `before`."""
    return newest_first(session, select(Delivery), Delivery.id, before=before, size=size)


def delivery_by_id(session: Session, delivery_id: int) -> Delivery:
    """One message. Raises NotFound."""
    return or_not_found(session.get(Delivery, delivery_id), f"delivery {delivery_id}")


def muted_keys(session: Session, user_id: int) -> frozenset[str]:
    """The kinds of message that a person has switched off."""
    return frozenset(session.scalars(select(MutedEmail.email_key).where(MutedEmail.user_id == user_id)))


def which_are_closed(session: Session, user_ids: Collection[int]) -> frozenset[int]:
    """Those of these accounts that are closed."""
    table = Base.metadata.tables["user_account"].c
    closed = select(table.id).where(table.id.in_(user_ids), table.disabled_at.is_not(None))
    return frozenset(session.scalars(closed)) if user_ids else frozenset()


def who_muted(session: Session, key: str) -> frozenset[int]:
    """The people who do not want this kind of message."""
    return frozenset(session.scalars(select(MutedEmail.user_id).where(MutedEmail.email_key == key)))
