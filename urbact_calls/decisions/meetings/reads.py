"""Reads of meetings: those of a call, and the calls to decide on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from urbact_calls.applications.reads.interests import not_competing
from urbact_calls.assessment.models import Ranking
from urbact_calls.calls.models import Call
from urbact_calls.decisions.meetings.models import Meeting
from urbact_calls.domain.permissions import Actor


def calls_to_decide(session: Session, actor: Actor) -> Sequence[Call]:
    """The calls whose ranking was sealed, the last to close first; none in which the actor competes."""
    sealed = exists().where(Ranking.call_id == Call.id), not_competing(actor, Call.id)
    return session.scalars(select(Call).where(*sealed).order_by(Call.closes_at.desc(), Call.code)).all()


def meetings(session: Session, call_id: int) -> Sequence[Meeting]:
    """The meetings and written procedures on a call, the last one first."""
    return session.scalars(
        select(Meeting).where(Meeting.call_id == call_id).order_by(Meeting.held_on.desc(), Meeting.id.desc())
    ).all()
