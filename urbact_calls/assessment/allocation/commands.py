"""Commands on allocations: who assesses what, withdrawn allocations, and the declaration of interests."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.interests import who_takes_part
from urbact_calls.assessment import reads
from urbact_calls.assessment.models import Allocation, AllocationMessage, IndividualSheet
from urbact_calls.assessment.sheets import commands as sheets
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.scoring import alerts
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import ConflictAnswer, IndividualSheetState
from urbact_calls.domain.words import PARIS
from urbact_calls.domain.workflow.assessment import INDIVIDUAL_SHEET
from urbact_calls.jobs import announce
from urbact_calls.record.commands import field_changed
from urbact_calls.workflow.lives import begin


def may_have_another(session: Session, application: Application) -> bool:
    """Whether one more assessor may be allocated: up to the call's number, and one more where the totals of the
    sheets lie further apart than the call's alert (`domain.md` 8.2)."""
    terms, active = application.call.terms, reads.active_allocations(session, application.id)
    if len(active) != terms.assessors_per_application:
        return len(active) < terms.assessors_per_application
    if any(each.sheet.state is not IndividualSheetState.SUBMITTED for each in active):
        return False
    locked = [sheets.points_of(each.sheet.points) for each in active]
    return alerts(locked, sheets.grid_of(application), alert_points=terms.divergence_alert)


PAST = message("allocation.past", "The day by which the sheet is due has passed.")
NO_ASSESSOR = message("allocation.refused", "Choose an assessor of the panel; the chair does not assess.")
OWN = message("allocation.own", "A colleague must give you an application to assess.")
OWN_PARTNER = message("allocation.refused/partner", "This assessor takes part in the application, or did.")
HAS_CONFLICT = message("allocation.refused/conflict", "This assessor has declared a conflict of interest.")
HAS_IT = message("allocation.refused/twice", "This assessor has the application already.")
IS_SIGNED = message("allocation.refused/signed", "The consensus sheet is signed.")
ENOUGH_ASSESSORS = message(
    "allocation.refused/enough",
    "The application has its assessors. One more is possible only when all sheets are locked and lie far apart.",
)
LOCKED = message("allocation.locked", "The sheet is locked; it counts.")
SIGNED = message("assessment.signed", "The consensus sheet is signed; tell the Joint Secretariat.")
NOTE = message("conflict.note", "Say in a few words what the conflict is.")


def allocate(reference: str, *, user_id: int, due_on: date, actor: Actor, now: datetime) -> None:
    """Gives an eligible application to an assessor of the panel, who is told by e-mail.

    Raises Refused for oneself, for somebody who may not assess it or where it has its assessors.
    """
    with transaction() as session:
        if user_id == actor.user_id:
            raise Refused(Refusal(OWN(), field="assessor"))
        application = sheets.in_assessment(session, reference)
        of_user = select(Allocation).where(Allocation.application_id == application.id, Allocation.user_id == user_id)
        known = session.scalar(of_user)
        _may_be_allocated(session, application, user_id, known, now)
        if due_on < now.astimezone(PARIS).date():
            raise Refused(Refusal(PAST(), "due_on"))

        allocation = known or Allocation(application_id=application.id, user_id=user_id)
        if known is None:
            allocation.sheet = IndividualSheet(state=INDIVIDUAL_SHEET.start)
            session.add(allocation)
        allocation.due_on, allocation.allocated_at, allocation.allocated_by = due_on, now, actor.user_id
        allocation.conflict = allocation.conflict_note = allocation.declared_at = allocation.released_at = None
        session.flush()
        if known is None:
            begin(session, allocation.sheet, actor, now)
        _remember_allocation(session, allocation, "allocated", actor, now)
        announce(
            session,
            kind="mail:allocation.made",
            key=f"mail:allocation.made:{reference}:{user_id}:{int(now.timestamp())}",
            args=AllocationMessage(reference=reference, user=user_id),
            now=now,
            actor_id=actor.user_id,
            subject=allocation.subject,
        )


def _may_be_allocated(
    session: Session, application: Application, user_id: int, known: Allocation | None, now: datetime
) -> None:
    members = {member.user_id: member for member in reads.panel(session, application.call_id)}
    reason = None
    if user_id not in members or members[user_id].is_chair:
        reason = NO_ASSESSOR
    elif who_takes_part(session, [application.id], now, among={user_id})[application.id]:
        reason = OWN_PARTNER
    elif known is not None and known.conflict == ConflictAnswer.CONFLICT:
        reason = HAS_CONFLICT
    elif known is not None and known.released_at is None:
        reason = HAS_IT
    elif reads.is_signed(session, application.id):
        reason = IS_SIGNED
    elif not may_have_another(session, application):
        reason = ENOUGH_ASSESSORS
    if reason:
        raise Refused(Refusal(reason(), field="assessor"))


def _release(session: Session, allocation: Allocation, now: datetime) -> None:
    """Ends an allocation; signatures given with this assessor are taken away."""
    allocation.released_at = now
    sheets.take_signatures_away(session, allocation.application_id)


def _remember_allocation(session: Session, allocation: Allocation, what: str, actor: Actor, now: datetime) -> None:
    field_changed(
        session, allocation.subject, f"assessor:{allocation.user_id}", before=None, after=what, actor=actor, now=now
    )


def unallocate(reference: str, *, allocation_id: int, actor: Actor, now: datetime) -> None:
    """Takes an application away from an assessor whose sheet is not locked. Raises Refused, NotFound."""
    with transaction() as session:
        application = sheets.in_assessment(session, reference)
        allocation = reads.allocation_by_id(session, application.id, allocation_id)
        if allocation.sheet.state == IndividualSheetState.SUBMITTED:
            raise Refused(Refusal(LOCKED()))
        _release(session, allocation, now)
        _remember_allocation(session, allocation, "taken away", actor, now)


def declare(reference: str, *, answer: ConflictAnswer, note: str, actor: Actor, now: datetime) -> None:
    """Records what an assessor declares. A conflict ends the allocation and every right to the application at once;
    it can be declared until the consensus sheet is signed."""
    with transaction() as session:
        application = sheets.in_assessment(session, reference)
        allocation = reads.own_allocation(session, application.id, actor.user_id)
        if reads.is_signed(session, application.id):
            raise Refused(Refusal(SIGNED()))
        if answer is ConflictAnswer.CONFLICT and not note:
            raise Refused(Refusal(NOTE(), field="note"))

        allocation.conflict, allocation.conflict_note, allocation.declared_at = answer, note or None, now
        if answer is ConflictAnswer.CONFLICT:
            _release(session, allocation, now)
        _remember_allocation(session, allocation, f"declared: {answer.value}", actor, now)
