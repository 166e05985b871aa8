"""Commands on messages: post one into the log, say how one ended, send one again, switch a kind off."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import delete, func, literal, select, update
from sqlalchemy.orm import Session

from urbact_calls import jobs
from urbact_calls.database import existing, gather, transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.vocabulary import DeliveryState
from urbact_calls.job_sets import JobForEach, announce_each
from urbact_calls.jobs import Job, announce
from urbact_calls.messages.models import EMAILS, Delivery, DeliveryArgs, MessageArgs, MutedEmail, Resend
from urbact_calls.messages.reads import message_log
from urbact_calls.record.commands import field_changed

# Of the fingerprint that is the number of a message, and of the key of the job that sends it.
_DIGITS = 40


def post(session: Session, delivery: Delivery, now: datetime) -> None:
    """Writes a message into the log, and the job that sends it, with all others of the transaction; nothing if the log
    has one about the same event to the same address."""
    # The same for an event and an address, however often the message is tried.
    number = hashlib.sha256(f"{delivery.event}|{delivery.address}".encode()).hexdigest()[:_DIGITS]
    delivery.message_id, delivery.created_at = f"<{number}@urbact-calls>", now
    gather(session, _post_all, delivery)


def _post_all(session: Session, deliveries: Sequence[Delivery]) -> None:
    """Writes messages and their jobs; the number of statements does not depend on how many they are."""
    posted = {each.message_id: each for each in deliveries}
    known = session.scalars(select(Delivery.message_id).where(Delivery.message_id.in_(posted)))
    new = [posted[each] for each in posted.keys() - set(known)]
    # In the order in which they were asked for.
    new.sort(key=deliveries.index)
    session.add_all(new)
    session.flush()
    key = literal("deliver:").concat(func.substr(Delivery.message_id, 2, _DIGITS))
    for (kind, now), alike in _by_kind(new).items():
        ids = [each.id for each in alike]
        wanted = JobForEach(
            kind=kind,
            rows=select(Delivery).where(Delivery.id.in_(ids)).order_by(Delivery.id),
            key=key,
            args=DeliveryArgs(delivery=0),
            varying={"delivery": Delivery.id},
            subject=(Delivery.subject_kind, Delivery.subject_id),
        )
        announce_each(session, wanted, now)
        of_each = select(Job.id).where(Job.key == key).scalar_subquery()
        sends = update(Delivery).where(Delivery.id.in_(ids)).values(job_id=of_each)
        session.execute(sends, execution_options={"synchronize_session": False})


def _by_kind(deliveries: Iterable[Delivery]) -> Mapping[tuple[str, datetime], Sequence[Delivery]]:
    """Messages by the kind of job that sends them, and since when."""
    found = defaultdict[tuple[str, datetime], list[Delivery]](list)
    for each in deliveries:
        kind = "mail.deliver_once" if EMAILS[each.email_key].policy == "once" else "mail.deliver"
        found[kind, each.created_at].append(each)
    return found


def retry(job_id: int, actor: Actor, now: datetime) -> None:
    """Has a dead, cancelled or uncertain job done again, with all its attempts. Raises NotFound, Refused."""
    with transaction() as session, _act_on(session, job_id, actor, now) as row:
        jobs.retry(session, row, now)


def cancel(job_id: int, actor: Actor, now: datetime) -> None:
    """Ends a job that must not happen any more. Raises NotFound, Refused if it is done or running."""
    with transaction() as session, _act_on(session, job_id, actor, now) as row:
        jobs.cancel(row, now)


def mark_delivered(job_id: int, actor: Actor, now: datetime) -> None:
    """Says that an uncertain message has reached its recipient, so that it is not sent again.

    Raises NotFound, and Refused for a message whose end is known.
    """
    with transaction() as session, _act_on(session, job_id, actor, now) as row:
        jobs.settle(row, now)
        args = jobs.args_of(row)
        if isinstance(args, DeliveryArgs):
            session.get_one(Delivery, args.delivery).sent_at = now


@contextmanager
def _act_on(session: Session, job_id: int, actor: Actor, now: datetime) -> Iterator[jobs.Job]:
    """A job on which a person acts, locked; the record keeps what became of it."""
    row = jobs.for_update(session, job_id)
    before = row.state.value
    yield row
    subject = Subject(SubjectKind.JOB, row.id)
    field_changed(session, subject, f"state.{row.kind}", before, row.state.value, actor, now)


def choose_muted(user_id: int, keys: Collection[str], now: datetime) -> None:
    """Keeps exactly these kinds of message switched off for a person."""
    with transaction() as session:
        session.execute(
            delete(MutedEmail).where(MutedEmail.user_id == user_id, MutedEmail.email_key.not_in(list(keys)))
        )
        known = set(session.scalars(select(MutedEmail.email_key).where(MutedEmail.user_id == user_id)))
        session.add_all(MutedEmail(user_id=user_id, email_key=key, muted_at=now) for key in sorted(set(keys) - known))


def mute(user_id: int, key: str, now: datetime) -> None:
    """Switches one kind of message off; nothing happens if it is off, or if the person is gone."""
    with transaction() as session:
        known = select(MutedEmail.id).where(MutedEmail.user_id == user_id, MutedEmail.email_key == key)
        if session.scalar(known) is None and message_log.account_of(session, user_id) is not None:
            session.add(MutedEmail(user_id=user_id, email_key=key, muted_at=now))


WAITING = message("delivery.waiting", "It has not been sent yet. Wait until it has been, or has failed for good.")
PARKED = message(
    "delivery.parked", "Nobody knows whether it left. Say first whether it arrived, on the page of its job."
)
UNKNOWN = message("delivery.unknown", "This version of the program does not send this kind of message.")
PERSONAL = message("delivery.personal", "It holds a personal link. Whoever asked for it can ask for a new one.")
CLOSED = message("delivery.closed", "The account of this person is closed.")
CONFIRMED = message("delivery.confirmed", "The address has been confirmed since: the link is not needed any more.")


def resend(delivery_id: int, *, seen: int, reason: str, actor: Actor, now: datetime) -> bool:
    """Sends a message again: the same words in a new message, to the address that the person has now.

    A message whose text is a link that signs somebody in is not repeated: a fresh link is made, which ends the old
    one's use. `seen` is how often the message had been sent again when the page was made: a button pressed twice
    sends once (then False). Raises NotFound, and Refused while the first one may still leave.
    """
    with transaction() as session:
        query = select(Delivery).where(Delivery.id == delivery_id).with_for_update()
        original = existing(session, query, f"delivery {delivery_id}")
        if seen != original.resends:
            return False
        if (refusal := why_not(session, original, now)) is not None:
            raise Refused(refusal)
        original.resends += 1
        event = f"resend:{original.id}:{original.resends}"
        anew = _anew(original, now, by=actor.user_id, reason=reason)
        if anew is None:
            post(session, _copy(session, original, event, reason, actor), now)
        else:
            announce(
                session,
                kind=f"mail:{original.email_key}",
                key=event,
                args=anew,
                now=now,
                actor_id=actor.user_id,
                subject=original.about,
            )
        field_changed(
            session,
            subject=Subject(SubjectKind.DELIVERY, original.id),
            field="resends",
            before=original.resends - 1,
            after=f"{original.resends}: {reason}",
            actor=actor,
            now=now,
        )
    return True


def why_not(session: Session, delivery: Delivery, now: datetime) -> Refusal | None:
    """The reason why a message cannot be sent again now; None if it can."""
    found = _obstacle(session, delivery, now)
    return Refusal(found, "reason") if found is not None else None


def _obstacle(session: Session, original: Delivery, now: datetime) -> Text | None:
    state = message_log.log_entry(session, original.id, now).state
    if state is DeliveryState.WAITING:
        return WAITING()
    if state is DeliveryState.PARKED:
        return PARKED()
    email = EMAILS.get(original.email_key)
    if email is None:
        return UNKNOWN()
    if email.is_secret and email.anew is None:
        return PERSONAL()
    is_gone = message_log.address_now(session, original) is None
    if is_gone or (email.anew is not None and original.user_id is None):
        return CLOSED()
    anew = _anew(original, now, by=None, reason="")
    return CONFIRMED() if anew is not None and not email.to(session, anew) else None


def _anew(original: Delivery, now: datetime, *, by: int | None, reason: str) -> MessageArgs | None:
    """With which arguments a message with a personal link is made again; None for one that is repeated as it is."""
    make = EMAILS[original.email_key].anew
    if make is None or original.user_id is None:
        return None
    return make(original.user_id, now, Resend(of=original.id, by=by, reason=reason))


def _copy(session: Session, original: Delivery, event: str, reason: str, actor: Actor) -> Delivery:
    kept = ("email_key", "user_id", "subject", "text", "html", "leave_href", "about")
    return Delivery(
        event=event,
        address=message_log.address_now(session, original),
        **{name: getattr(original, name) for name in kept},
        resent_of=original.id,
        resent_by=actor.user_id,
        resend_reason=reason,
    )
