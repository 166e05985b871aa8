"""Commands of the assessment: the panel, who assesses what, the sheets, the ranking."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.accounts.models import RoleGrant
from urbact_calls.applications.models import Application
from urbact_calls.applications.queries import for_update
from urbact_calls.assessment import operations, queries, ranking
from urbact_calls.assessment.models import (
    Allocation,
    AllocationMessage,
    ConsensusSheet,
    IndividualSheet,
    PanelMember,
    Ranking,
)
from urbact_calls.assessment.operations import Scores
from urbact_calls.audit.operations import field_changed
from urbact_calls.calls.queries import for_update as call_for_update
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor, allocated_assessor, chair_of_this_panel
from urbact_calls.domain.refusal import NotFound, Refusal, Refused, Stale
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import (
    ConflictAnswer,
    ConsensusSheetState,
    IndividualSheetState,
    Role,
)
from urbact_calls.domain.workflow.assessment import INDIVIDUAL_SHEET, LOCK, REOPEN, SHEETS_OPEN, SIGN, UNDECLARED
from urbact_calls.jobs import announce
from urbact_calls.web.filters import PARIS
from urbact_calls.workflow.take import begin, take

ROLE = message("panel.role", "This account does not have the role “{wanted}”.")
MEMBER = message("panel.member", "This person is on the panel already.")
ALLOCATED = message("panel.allocated", "This person has applications; take them away first.")
PAST = message("allocation.past", "The day by which the sheet is due has passed.")
NO_ASSESSOR = message("allocation.refused", "Choose an assessor of the panel; the chair does not assess.")
OWN_PARTNER = message("allocation.refused/partner", "This assessor works for a partner of the application.")
HAS_CONFLICT = message("allocation.refused/conflict", "This assessor has declared a conflict of interest.")
HAS_IT = message("allocation.refused/twice", "This assessor has the application already.")
IS_SIGNED = message("allocation.refused/signed", "The consensus sheet is signed.")
ENOUGH_ASSESSORS = message(
    "allocation.refused/enough", "The application has its assessors. A third one is for sheets that lie far apart."
)
LOCKED = message("allocation.locked", "The sheet is locked; it counts.")
SIGNED = message("assessment.signed", "The consensus sheet is signed; tell the Joint Secretariat.")
NOTE = message("conflict.note", "Say in a few words what the conflict is.")
SHEET_SAVED_ELSEWHERE = message("sheet.saved_elsewhere", "The sheet was saved in another window since you opened it.")
ASSESSMENT_LOCKED = message("assessment.locked", "Not saved: the sheet is locked.")
CONSENSUS_STALE = message("consensus.stale", "A colleague has saved the consensus sheet since you opened it.")
SIGNED_FINAL = message("assessment.signed/final", "The consensus sheet is signed by everybody; it stays as it is.")
UNFINISHED = message("ranking.unfinished", "Still checked or assessed: {waiting:comma}. Seal it after that.")
SAME = message("ranking.same", "The ranking is the one that was sealed on {sealed_on}.")
EMPTY = message("ranking.empty", "No application of this call is assessed.")


def add_to_panel(code: str, *, user_id: int, is_chair: bool, country: str | None, actor: Actor, now: datetime) -> None:
    """Puts an assessor, or a chair, on the panel of a call."""
    with transaction() as session:
        call = call_for_update(session, code)
        wanted = Role.PANEL_CHAIR if is_chair else Role.ASSESSOR
        holds = select(RoleGrant.id).where(RoleGrant.user_id == user_id, RoleGrant.role == wanted)
        if session.scalar(holds) is None:
            raise Refused(Refusal(ROLE(wanted=wanted.text), "member"))
        if user_id in {member.user_id for member in queries.panel(session, call.id)}:
            raise Refused(Refusal(MEMBER(), "member"))
        session.add(
            PanelMember(call_id=call.id, user_id=user_id, is_chair=is_chair, country=country or None, invited_at=now)
        )
        field_changed(
            session,
            subject=Subject(SubjectKind.PANEL, call.id),
            field=f"member:{user_id}",
            before=None,
            after="chair" if is_chair else "assessor",
            actor=actor,
            now=now,
        )


def remove_from_panel(code: str, *, user_id: int, actor: Actor, now: datetime) -> None:
    """Takes somebody without an allocation off the panel of a call. Raises Refused, NotFound."""
    with transaction() as session:
        call = call_for_update(session, code)
        member = next((each for each in queries.panel(session, call.id) if each.user_id == user_id), None)
        if member is None:
            raise NotFound(f"member {user_id} of the panel of {code}")
        allocated = (
            select(Allocation.id)
            .join(Allocation.application)
            .where(Allocation.user_id == user_id, Allocation.released_at.is_(None), Application.call_id == call.id)
        )
        if session.scalar(allocated.limit(1)) is not None:
            raise Refused(Refusal(ALLOCATED()))
        session.delete(member)
        field_changed(
            session,
            subject=Subject(SubjectKind.PANEL, call.id),
            field=f"member:{user_id}",
            before="chair" if member.is_chair else "assessor",
            after=None,
            actor=actor,
            now=now,
        )


def allocate(reference: str, *, user_id: int, due_on: date, actor: Actor, now: datetime) -> None:
    """Gives an eligible application to an assessor of the panel, who is told by e-mail.

    Raises Refused for somebody who may not assess it or where it has its assessors.
    """
    with transaction() as session:
        application = for_update(session, reference)
        operations.require_assessment_runs(application)
        known = _allocation_row(session, application, user_id)
        _may_be_allocated(session, application, user_id, known)
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


def _allocation_row(session: Session, application: Application, user_id: int) -> Allocation | None:
    return session.scalar(
        select(Allocation).where(Allocation.application_id == application.id, Allocation.user_id == user_id)
    )


def _may_be_allocated(session: Session, application: Application, user_id: int, known: Allocation | None) -> None:
    members = {member.user_id: member for member in queries.panel(session, application.call_id)}
    consensus = queries.consensus_of(session, application.id)
    reason = None
    if user_id not in members or members[user_id].is_chair:
        reason = NO_ASSESSOR
    elif user_id in queries.hard_conflicts(session, application.call_id, [application.id]).get(application.id, ()):
        reason = OWN_PARTNER
    elif known is not None and known.conflict == ConflictAnswer.CONFLICT:
        reason = HAS_CONFLICT
    elif known is not None and known.released_at is None:
        reason = HAS_IT
    elif consensus is not None and consensus.state == ConsensusSheetState.SIGNED:
        reason = IS_SIGNED
    elif not operations.may_have_another(session, application):
        reason = ENOUGH_ASSESSORS
    if reason:
        raise Refused(Refusal(reason(), field="assessor"))


def _remember_allocation(session: Session, allocation: Allocation, what: str, actor: Actor, now: datetime) -> None:
    field_changed(
        session,
        subject=allocation.subject,
        field=f"assessor:{allocation.user_id}",
        before=None,
        after=what,
        actor=actor,
        now=now,
    )


def unallocate(reference: str, *, allocation_id: int, actor: Actor, now: datetime) -> None:
    """Takes an application away from an assessor whose sheet is not locked. Raises Refused, NotFound."""
    with transaction() as session:
        application = for_update(session, reference)
        operations.require_assessment_runs(application)
        allocation = queries.allocation_by_id(session, application.id, allocation_id)
        if allocation.sheet.state == IndividualSheetState.SUBMITTED:
            raise Refused(Refusal(LOCKED()))
        operations.release(session, application, allocation, now)
        _remember_allocation(session, allocation, "taken away", actor, now)


def declare(reference: str, *, answer: ConflictAnswer, note: str, actor: Actor, now: datetime) -> None:
    """Records what an assessor declares. A conflict ends the allocation and every right to the application at once;
    it can be declared until the consensus sheet is signed."""
    with transaction() as session:
        application = for_update(session, reference)
        operations.require_assessment_runs(application)
        allocation = queries.own_allocation(session, application.id, actor.user_id)
        consensus = queries.consensus_of(session, application.id)
        if consensus is not None and consensus.state == ConsensusSheetState.SIGNED:
            raise Refused(Refusal(SIGNED()))
        if answer is ConflictAnswer.CONFLICT and not note:
            raise Refused(Refusal(NOTE(), field="note"))

        allocation.conflict, allocation.conflict_note, allocation.declared_at = answer, note or None, now
        if answer is ConflictAnswer.CONFLICT:
            operations.release(session, application, allocation, now)
        _remember_allocation(session, allocation, f"declared: {answer.value}", actor, now)


def save_sheet(reference: str, scores: Scores, *, version: int, actor: Actor, now: datetime) -> None:
    """Keeps an assessor's points and reasons, complete or not.

    Raises Stale, with the sheet as it is, when it was saved since; Refused once it is locked.
    """
    with transaction() as session:
        application = for_update(session, reference)
        operations.require_assessment_runs(application)
        allocation = queries.own_allocation(session, application.id, actor.user_id)
        if allocation.conflict != ConflictAnswer.NONE:
            raise Refused(Refusal(UNDECLARED()))
        sheet = allocation.sheet
        if sheet.state != IndividualSheetState.OPEN:
            raise Refused(Refusal(ASSESSMENT_LOCKED()))
        if sheet.version != version:
            raise Stale(SHEET_SAVED_ELSEWHERE(), current=sheet.version)
        if operations.write_scores(sheet, scores, operations.grid_of(application)):
            sheet.version += 1
        sheet.updated_at = now


def submit_sheet(reference: str, *, version: int, actor: Actor, now: datetime) -> None:
    """Locks the actor's own sheet as it stood at `version`: nobody can change it after that.

    Raises Refused with what is missing, MovedOn when the sheet was saved since.
    """
    with transaction() as session:
        application = for_update(session, reference)
        sheet = queries.own_allocation(session, application.id, actor.user_id).sheet
        take(session, sheet, LOCK.name, actor, now, seen=version)


def reopen_sheet(  # noqa: PLR0913 -- who reopens which sheet, as it was seen, and why; keyword-only after the first
    reference: str, *, allocation_id: int, version: int, reason: str, actor: Actor, now: datetime
) -> None:
    """Lets an assessor change a sheet that was locked at `version`; for officers, with a reason. Raises MovedOn."""
    with transaction() as session:
        application = for_update(session, reference)
        sheet = queries.allocation_by_id(session, application.id, allocation_id).sheet
        take(session, sheet, REOPEN.name, actor, now, seen=version, reason=reason)


def save_consensus(reference: str, scores: Scores, *, version: int, actor: Actor, now: datetime) -> None:
    """Keeps what was agreed, complete or not. A change takes away the signatures that were given before.

    Raises Stale, with the version as it is, when a colleague has saved since.
    """
    with transaction() as session:
        application, sheet = _consensus(session, reference, actor)
        if sheet.text_version != version:
            raise Stale(CONSENSUS_STALE(), current=sheet.text_version)
        if operations.write_agreed(application, sheet, scores):
            sheet.version += 1
            sheet.signatures.clear()


def sign_consensus(reference: str, *, version: int, actor: Actor, now: datetime) -> None:
    """Signs the consensus sheet whose text stood at `version`; the last signature closes it and the assessment.

    Whoever has signed this text already has done so. Raises MovedOn, Refused, NotFound for a stranger.
    """
    with transaction() as session:
        sheet = queries.consensus_of(session, for_update(session, reference).id)
        if sheet is None:
            raise NotFound(f"consensus sheet of {reference}")
        if actor.user_id not in {each.user_id for each in sheet.signatures} or version != sheet.text_version:
            take(session, sheet, SIGN.name, actor, now, seen=version)


def _consensus(session: Session, reference: str, actor: Actor) -> tuple[Application, ConsensusSheet]:
    application = for_update(session, reference)
    operations.require_assessment_runs(application)
    may_write = allocated_assessor | chair_of_this_panel
    sheet = queries.consensus_of(session, application.id)
    if sheet is None or not may_write(actor, queries.relation_to(session, actor, application.id)):
        raise NotFound(f"consensus sheet of {reference}")
    if sheet.state != ConsensusSheetState.OPEN:
        raise Refused(Refusal(SIGNED_FINAL()))
    facts = queries.case_facts(session, application.id)
    if facts.sheets_in < facts.sheets_needed:
        raise Refused(Refusal(SHEETS_OPEN(sheets_in=facts.sheets_in, sheets_needed=facts.sheets_needed)))
    return application, sheet


def seal_ranking(code: str, actor: Actor, now: datetime) -> None:
    """Keeps the ranking of a call for the committee, for ever; a later correction makes a new one.

    Raises Refused while an application is still checked or assessed, and when nothing has changed.
    """
    with transaction() as session:
        call = call_for_update(session, code)
        waiting = ranking.unfinished(session, call.id)
        if waiting:
            raise Refused(Refusal(UNFINISHED(waiting=tuple(waiting))))
        lines = ranking.ranked(session, call)
        if not lines:
            raise Refused(Refusal(EMPTY()))
        fingerprint = ranking.fingerprint_of(lines)
        before = ranking.sealed(session, call.id)
        if before is not None and before.fingerprint == fingerprint:
            raise Refused(Refusal(SAME(sealed_on=before.sealed_at.astimezone(PARIS).date())))
        session.add(
            Ranking(
                call_id=call.id,
                sealed_at=now,
                sealed_by=actor.user_id,
                fingerprint=fingerprint,
                partners_by_category=ranking.partners_by_category(session, ranking.of_ranked(call)),
                places=ranking.places_of(lines),
            )
        )
