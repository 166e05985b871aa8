"""Command that seals the ranking of a call."""

from __future__ import annotations

from datetime import datetime

from urbact_calls.assessment.models import Ranking
from urbact_calls.assessment.ranking import reads
from urbact_calls.calls.reads import for_update
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.words import PARIS
from urbact_calls.record.commands import field_changed

UNFINISHED = message("ranking.unfinished", "Still checked or assessed: {waiting:comma}. Seal it after that.")
SAME = message("ranking.same", "The ranking is the one that was sealed on {sealed_on}.")
EMPTY = message("ranking.empty", "No application of this call is assessed.")


def seal_ranking(code: str, actor: Actor, now: datetime) -> None:
    """Seals the ranking of a call for the committee; it is never changed, a later correction makes a new one.

    Raises Refused while an application is still checked or assessed, and when nothing has changed.
    """
    with transaction() as session:
        call = for_update(session, code)
        unfinished = reads.unfinished(session, call.id)
        if unfinished:
            raise Refused(Refusal(UNFINISHED(waiting=tuple(unfinished))))
        places = reads.ranked(session, call)
        if not places:
            raise Refused(Refusal(EMPTY()))
        fingerprint = reads.fingerprint_of(places)
        before = reads.sealed(session, call.id)
        if before is not None and before.fingerprint == fingerprint:
            raise Refused(Refusal(SAME(sealed_on=before.sealed_at.astimezone(PARIS).date())))
        session.add(
            Ranking(
                call_id=call.id,
                sealed_at=now,
                sealed_by=actor.user_id,
                fingerprint=fingerprint,
                partners_by_category=reads.partners_by_category(session, reads.of_ranked(call)),
                places=[place.sealed() for place in places],
            )
        )
        was = before.fingerprint if before is not None else None
        field_changed(session, Subject(SubjectKind.PANEL, call.id), "ranking", was, fingerprint, actor, now)
