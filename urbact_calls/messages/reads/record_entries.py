"""What the record shows of messages, and of what people did with messages and jobs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import Session

from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.text import message, say
from urbact_calls.domain.vocabulary import EntryKind, JobState
from urbact_calls.messages.models import Delivery
from urbact_calls.messages.reads.message_register import job_name, message_name
from urbact_calls.record.reads.entries import Entry, EntryPlace, RecordReading, source
from urbact_calls.record.reads.field_words import FieldWords, describes, names_of_people
from urbact_calls.subjects import POLICIES, is_not_own

TO = message("record.message", "To {recipient}: sent on {at:second}.")
NOT_SENT = message("record.message/not_sent", "To {recipient}: not sent.")
NO_ACCOUNT = message("record.message/no_account", "an address without an account")


@source("message")
def _messages(session: Session, reading: RecordReading) -> Sequence[Entry]:
    """The messages about the subject; of an account also those to its person."""
    if not reading.asks_for(EntryKind.MESSAGE):
        return ()
    wanted = reading.belongs(Delivery)
    if reading.whole.kind is SubjectKind.ACCOUNT:
        wanted = or_(wanted, and_(Delivery.user_id == reading.whole.id, is_not_own(Delivery, reading.actor)))
    columns = (
        *(Delivery.id, Delivery.created_at, Delivery.sent_at, Delivery.email_key),
        *(Delivery.user_id, Delivery.address, Delivery.subject_kind, Delivery.subject_id),
    )
    rows = session.execute(
        reading.narrowed(
            select(*columns).where(wanted), "message", at=Delivery.created_at, number=Delivery.id, who=Delivery.user_id
        )
    ).all()
    # An address is known to those who look after the messages; others learn the names of people with an account.
    sees_addresses = POLICIES[SubjectKind.DELIVERY].may_open(reading.actor, reading.relation)
    names = names_of_people(session, {row.user_id for row in rows if row.user_id is not None})
    return [_entry(row, reading, _recipient(row, names.get(row.user_id, ""), sees_addresses)) for row in rows]


def _recipient(row: Row[*tuple[object, ...]], name: str, sees_addresses: bool) -> str:
    if name:
        return name
    return row.address if sees_addresses else say(NO_ACCOUNT())


def _entry(row: Row[*tuple[object, ...]], reading: RecordReading, recipient: str) -> Entry:
    sent = NOT_SENT(recipient=recipient) if row.sent_at is None else TO(recipient=recipient, at=row.sent_at)
    about = Subject(SubjectKind(row.subject_kind), row.subject_id) if row.subject_kind else reading.whole
    return Entry(
        place=EntryPlace(row.created_at, "message", row.id),
        kind=EntryKind.MESSAGE,
        about=about,
        what=message_name(row.email_key),
        notes=(say(sent),),
        link=Subject(SubjectKind.DELIVERY, row.id),
    )


@describes(SubjectKind.JOB)
def _job_field(name: str) -> FieldWords | None:
    field, _, kind = name.partition(".")
    if field != "state":
        return None

    def state(code: str) -> str:
        word = JobState.with_code(code)
        return code if word is None else word.label

    return FieldWords(job_name(kind), state)


@describes(SubjectKind.DELIVERY)
def _delivery_field(name: str) -> FieldWords | None:
    return FieldWords("Sent again, how often") if name == "resends" else None
