"""Commands on announcements: announce the decisions of a call, and carry that out piece by piece.

The request records who announces what and freezes it; workers take the steps, some dozens in one transaction.

An applicant sees the outcome when the step of his application is taken, not when all are: state, timeline, reasons,
letter and network come of one commit, so that no page says "approved" beside another that says "assessed". To show all
at one instant would need a transaction over ten thousand applications, during which nobody could write, or a second
state beside the true one that every page, list, search and export would have to ask for. What counts for rights and
periods is the same for all: the instant of the announcement, which each decision carries. Until its step a decision of
an announcement is as secret as one that was only recorded (`Decision.announced_at` is None), and as fixed as one that
was made known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import String, cast, literal, select, update
from sqlalchemy.orm import Session, joinedload

from urbact_calls.applications.models import Application
from urbact_calls.assessment.ranking.reads import unfinished
from urbact_calls.calls.reads import for_update as calls_for_update
from urbact_calls.database import transaction
from urbact_calls.decisions.announcements import reads
from urbact_calls.decisions.announcements.models import Announcement, Piece
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.decisions.outcomes.reads import WAITS, recorded_by, undecided
from urbact_calls.domain.permissions import STRANGER, SYSTEM, Actor
from urbact_calls.domain.refusal import Refusal, Refused, Stale
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.workflow.application import DECISION_TRANSITIONS
from urbact_calls.job_sets import JobForEach, announce_each
from urbact_calls.jobs import announce
from urbact_calls.record.commands import field_changed
from urbact_calls.workflow.lives import take

# A transaction of so many steps holds its locks for some tenths of a second; on SQLite nobody else writes meanwhile.
STEPS_AT_ONCE = 50
TAKE_STEPS = "decisions.take_steps"

MISSING = message("decision.missing", "Still without a decision: {missing:comma}.")
NOTHING = message("decision.nothing", "No decision waits to be announced.")
OWN_RECORD = message(
    "decision.own_record", "You recorded the decision on {references:comma}. A colleague announces what you recorded."
)
STALE = message(
    "decision.stale_before_announcing", "A decision was recorded since you opened the page. Read it, then announce."
)


def announce_decisions(code: str, *, seen: str, actor: Actor, now: datetime) -> int:
    """Records that every decision of a call that waits is announced, and freezes them; gives how many. Workers take
    the steps.

    `seen` is the fingerprint of `reads.waiting` as the officer saw it: nothing is made known that was not read. The
    same request of the same person a second time gives the answer of the first. Raises Refused while an assessed
    application has no decision, if nothing waits, and for whoever recorded one of them; Stale if one was recorded
    since.
    """
    with transaction() as session:
        # Whoever records a decision takes the same lock.
        call = calls_for_update(session, code)
        same = (
            Announcement.call_id == call.id,
            Announcement.fingerprint == seen,
            Announcement.announced_by == actor.user_id,
        )
        first = session.scalar(select(Announcement).where(*same))
        if first is not None:
            return first.decisions
        found = reads.waiting(session, call.id)
        _may_be_announced(session, call.id, found, actor)
        if seen != found.fingerprint:
            raise Stale(STALE())

        announcement = Announcement(
            call_id=call.id,
            announced_at=now,
            announced_by=actor.user_id,
            decisions=found.count,
            fingerprint=found.fingerprint,
        )
        session.add(announcement)
        session.flush()
        of_call = Decision.application_id.in_(select(Application.id).where(Application.call_id == call.id))
        session.execute(
            update(Decision).where(of_call, WAITS).values(announcement_id=announcement.id),
            execution_options={"synchronize_session": False},
        )
        for field in ("decisions", "fingerprint"):
            field_changed(
                session, announcement.subject, field, None, getattr(announcement, field), actor=actor, now=now
            )
        _announce_pieces(session, announcement, now)
        return found.count


def _may_be_announced(session: Session, call_id: int, found: reads.Waiting, actor: Actor) -> None:
    missing = [*undecided(session, call_id), *unfinished(session, call_id)]
    if missing:
        raise Refused(Refusal(MISSING(missing=tuple(missing))))
    if not found.count:
        raise Refused(Refusal(NOTHING()))
    own = recorded_by(session, call_id, actor)
    if own:
        raise Refused(Refusal(OWN_RECORD(references=tuple(own))))


def _announce_pieces(session: Session, announcement: Announcement, now: datetime) -> None:
    """Announces a job for each piece of an announcement, so that workers share them and go on where one was stopped."""
    found = reads.pieces(announcement.id, STEPS_AT_ONCE)
    first, last = cast(found.c.first, String), cast(found.c.last, String)
    wanted = JobForEach(
        kind=TAKE_STEPS,
        rows=select(found),
        key=literal(f"{TAKE_STEPS}:{announcement.id}:").concat(first).concat(":").concat(last),
        args=Piece(announcement=announcement.id, first=0, last=0),
        varying={"first": found.c.first, "last": found.c.last},
        subject=(SubjectKind.ANNOUNCEMENT, literal(announcement.id)),
        actor_id=announcement.announced_by,
    )
    announce_each(session, wanted, now)


def halve_step(session: Session, announcement_id: int, decision_ids: Sequence[int], now: datetime) -> None:
    """Announces two jobs for what is left of a piece, which are at least two decisions."""
    announcement = session.get_one(Announcement, announcement_id)
    half = len(decision_ids) // 2
    for ids in (decision_ids[:half], decision_ids[half:]):
        piece = Piece(announcement=announcement_id, first=ids[0], last=ids[-1])
        announce(
            session,
            kind=TAKE_STEPS,
            key=f"{TAKE_STEPS}:{announcement_id}:{piece.first}:{piece.last}",
            args=piece,
            now=now,
            actor_id=announcement.announced_by,
            subject=announcement.subject,
        )


def carry_out_step(session: Session, piece: Piece, now: datetime) -> None:
    """Makes the decisions of a piece known, and takes the step of each application; what is known already is left
    alone, and an application that is withdrawn since keeps its state."""
    announcement = session.get_one(Announcement, piece.announcement)
    ids = reads.not_carried_out(session, piece)
    # An application is locked before its decisions are read, as by everybody who writes one.
    applications = _locked(session, ids)
    unknown = select(Decision).where(Decision.id.in_(ids), Decision.announced_at.is_(None)).order_by(Decision.id)
    decisions = session.scalars(unknown.execution_options(populate_existing=True)).all()

    by = Actor(user_id=announcement.announced_by)
    for decision in decisions:
        decision.announced_at, decision.announced_by = announcement.announced_at, announcement.announced_by
        field_changed(session, decision.subject, "announced", False, True, actor=by, now=now)
    session.flush()
    events = {}
    for decision in decisions:
        transition, application = DECISION_TRANSITIONS[decision.outcome], applications[decision.application_id]
        if application.state in transition.sources:
            event = take(session, application, transition.name, SYSTEM, now, relation=STRANGER)
            events[decision] = event.number
    # Written together, and not one after the other between the steps.
    for decision, number in events.items():
        decision.event_number = number


def _locked(session: Session, decision_ids: Sequence[int]) -> Mapping[int, Application]:
    """The applications of these decisions by their ids, locked until the end of the transaction."""
    of_piece = select(Decision.application_id).where(Decision.id.in_(decision_ids))
    applications = (
        select(Application)
        .where(Application.id.in_(of_piece))
        .order_by(Application.id)
        .options(joinedload(Application.call, innerjoin=True))
        .with_for_update(of=Application)
        .execution_options(populate_existing=True)
    )
    return {each.id: each for each in session.scalars(applications)}
