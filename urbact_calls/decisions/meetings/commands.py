"""Command that enters a meeting of the committee on a call."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from urbact_calls.assessment.ranking.reads import sealed
from urbact_calls.calls.reads import for_update
from urbact_calls.database import transaction
from urbact_calls.decisions.meetings.models import Meeting
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.text import message


def open_meeting(
    code: str, *, reference: str, held_on: date, is_written_procedure: bool, actor: Actor, now: datetime
) -> None:
    """Enters a meeting of the committee, or a written procedure, on a call with a sealed ranking."""
    with transaction() as session:
        call = for_update(session, code)
        if sealed(session, call.id) is None:
            raise Refused(Refusal(NOT_SEALED()))
        if session.scalar(select(Meeting.id).where(Meeting.reference == reference)) is not None:
            raise Refused(Refusal(REFERENCE(), field="reference"))
        session.add(
            Meeting(
                call_id=call.id,
                reference=reference,
                held_on=held_on,
                is_written_procedure=is_written_procedure,
                created_at=now,
            )
        )


NOT_SEALED = message("ranking.not_sealed", "The ranking of this call is not sealed yet.")
REFERENCE = message("meeting.reference", "A meeting with this reference exists.")
