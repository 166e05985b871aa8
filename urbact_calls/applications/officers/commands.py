"""Commands of officers: say who handles an application, and note something for colleagues."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from urbact_calls.applications.officers import reads
from urbact_calls.applications.officers.models import Handler, InternalNote
from urbact_calls.applications.reads.applications import for_update
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.record.commands import field_changed

LONGEST_NOTE = 4000


NOT_IN_THE_OFFICE = message("handling.not_in_the_office", "Choose somebody of the office.")
NOTE = message("handling.note", "Write a note of up to {longest_note:,} characters.")


def assign(reference: str, user_id: int | None, actor: Actor, now: datetime) -> None:
    """Gives an application to a colleague or to oneself; to nobody without an account.

    Raises Refused for somebody who is not in the office, NotFound for an unknown application.
    """
    with transaction() as session:
        application = for_update(session, reference)
        if user_id is not None and user_id not in {each.id for each in reads.colleagues(session, application, now)}:
            raise Refused(Refusal(NOT_IN_THE_OFFICE(), field="handler"))
        current = reads.handler_of(session, application.id)
        before = current.user_id if current else None
        field_changed(session, Subject(SubjectKind.HANDLING, application.id), "handler", before, user_id, actor, now)
        application.handled_by = user_id
        if user_id is None:
            if current is not None:
                session.delete(current)
            return
        handler = current or Handler(application_id=application.id)
        handler.user_id, handler.assigned_at, handler.assigned_by = user_id, now, actor.user_id
        session.add(handler)


def note(reference: str, text: str, actor: Actor, now: datetime) -> None:
    """Adds a note for colleagues. The record keeps its fingerprint, so that a note changed behind the program shows.

    The same note again, with none between them, is one form that was sent twice: there is one note. Raises Refused for
    a note without text or with too much, NotFound for an unknown application.
    """
    text = text.strip()
    if not 0 < len(text) <= LONGEST_NOTE:
        raise Refused(Refusal(NOTE(longest_note=LONGEST_NOTE), field="text"))
    with transaction() as session:
        application = for_update(session, reference)
        notes = select(InternalNote).where(InternalNote.application_id == application.id)
        newest = session.scalars(notes.order_by(InternalNote.id.desc()).limit(1)).first()
        if newest is not None and (newest.author_id, newest.text) == (actor.user_id, text):
            return
        row = InternalNote(application_id=application.id, author_id=actor.user_id, text=text, written_at=now)
        session.add(row)
        session.flush()
        subject, fingerprint = Subject(SubjectKind.HANDLING, application.id), sha256(text.encode()).hexdigest()
        field_changed(session, subject, f"note:{row.id}", None, fingerprint, actor, now)
