"""Worklist of an assessor or a chair: what there is to score and to agree, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.interests import not_own
from urbact_calls.assessment import reads
from urbact_calls.assessment.models import Allocation, ConsensusSheet, IndividualSheet, PanelMember
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import ApplicationState, ConsensusSheetState, IndividualSheetState, Role, Tone
from urbact_calls.paging import Page, continued, page_of

IN_ASSESSMENT = (ApplicationState.ELIGIBLE, ApplicationState.ASSESSED)


@dataclass(frozen=True, slots=True)
class SheetStatus:
    """Status of a sheet or a consensus in a worklist. `step` is the page on which the work goes on."""

    label: str
    tone: Tone
    step: str


DECLARE = SheetStatus("Declare first", Tone.CAUTION, "assessment.declare")
TO_SCORE = SheetStatus("To be scored", Tone.CAUTION, "assessment.sheet")
LOCKED = SheetStatus("Locked, others are open", Tone.CALM, "assessment.sheet")
TO_AGREE = SheetStatus("Consensus to agree", Tone.CAUTION, "assessment.consensus")
SIGNED_BY_YOU = SheetStatus("Signed by you", Tone.INFO, "assessment.consensus")
PENDING = SheetStatus("Decision pending", Tone.CALM, "assessment.consensus")
ENDED = SheetStatus("Not assessed by you", Tone.NEUTRAL, "assessment.declare")
SHEETS_OPEN = SheetStatus("Sheets are open", Tone.INFO, "assessment.consensus")


def _own(session: Session, actor: Actor, after: str | None, size: int) -> Sequence[Allocation]:
    """The allocations of the actor, the next due first."""
    is_own = Allocation.application_id.in_(actor.interests.applications)
    mine = Allocation.user_id == actor.user_id, Allocation.released_at.is_(None), ~is_own
    allocations = select(Allocation).where(*mine)
    last = None
    if after is not None:
        last = allocations.join(Allocation.application).where(Application.reference == after)
    query = continued(session, allocations, (Allocation.due_on, Allocation.id), last).limit(size + 1)
    return session.scalars(
        query.options(joinedload(Allocation.application).selectinload(Application.call), joinedload(Allocation.sheet))
    ).all()


def _chaired(session: Session, actor: Actor, after: str | None, size: int) -> Sequence[Application]:
    """Applications with a consensus sheet on the panels that the actor chairs, those to be agreed first; without
    those that the actor takes part in."""
    if Role.PANEL_CHAIR not in actor.roles:
        return ()
    # False stands before true: what is not signed comes first.
    is_signed = case((ConsensusSheet.state == ConsensusSheetState.SIGNED, 1), else_=0)
    sheets = (
        select(Application)
        .join(PanelMember, PanelMember.call_id == Application.call_id)
        .join(ConsensusSheet, ConsensusSheet.application_id == Application.id)
        .where(PanelMember.user_id == actor.user_id, PanelMember.is_chair.is_(True), not_own(actor))
    )
    last = None if after is None else sheets.where(Application.reference == after)
    query = continued(session, sheets, (is_signed, Application.id), last).limit(size + 1)
    return session.scalars(query.options(selectinload(Application.call))).all()


def _with_all_sheets(session: Session, applications: Sequence[Application]) -> set[int]:
    """Applications none of whose assessors has an open sheet, and which have as many as their call asks for."""
    if not applications:
        return set()
    is_open = case((IndividualSheet.state == IndividualSheetState.OPEN, 1), else_=0)
    rows = session.execute(
        select(Allocation.application_id, func.count(Allocation.id), func.sum(is_open))
        .join(Allocation.sheet)
        .where(Allocation.application_id.in_([each.id for each in applications]), Allocation.released_at.is_(None))
        .group_by(Allocation.application_id)
    ).all()
    needed = {each.id: each.call.terms.assessors_per_application for each in applications}
    return {key for key, sheets, still_open in rows if not still_open and sheets >= needed[key]}


def _after(application: Application) -> SheetStatus:
    """The state moves on only when a decision is announced; until then it is pending for everybody."""
    state = application.state
    return PENDING if state in IN_ASSESSMENT else SheetStatus(state.label, state.tone, "assessment.consensus")


@dataclass(frozen=True, slots=True)
class AssessorRow:
    """One application in the worklist of an assessor or a chair; before the declaration only its name is shown."""

    application: Application
    status: SheetStatus
    due_on: date | None = None

    @property
    def has_network(self) -> bool:
        return self.application.state is ApplicationState.IN_NETWORK


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessorWorklist:
    """What the actor assesses, by due date, and what the panel has to agree on with the actor in the chair."""

    own: Page[AssessorRow]
    chaired: Page[AssessorRow]


def assessor_worklist(
    session: Session, actor: Actor, *, size: int, after: str | None = None, chaired_after: str | None = None
) -> AssessorWorklist:
    """The first lines of both lists, or those after the application with the reference `after`."""
    allocations = _own(session, actor, after, size)
    chaired = _chaired(session, actor, chaired_after, size)
    applications = {each.id: each for each in (*(each.application for each in allocations), *chaired)}
    sheets = reads.consensus_sheets(session, list(applications))
    all_in = _with_all_sheets(session, [applications[key] for key in sheets])

    def page(rows: list[AssessorRow]) -> Page[AssessorRow]:
        return page_of(rows, size=size, key=lambda row: row.application.reference)

    own = [
        AssessorRow(each.application, _sheet_status(each, sheets.get(each.application_id), all_in), each.due_on)
        for each in allocations
    ]
    agreed = [
        AssessorRow(each, _consensus_status(each, sheets[each.id], actor.user_id, is_ready=each.id in all_in))
        for each in chaired
    ]
    return AssessorWorklist(own=page(own), chaired=page(agreed))


def _sheet_status(allocation: Allocation, consensus: ConsensusSheet | None, all_in: set[int]) -> SheetStatus:
    is_assessed = allocation.application.state in IN_ASSESSMENT
    if allocation.conflict is None:
        # Whoever has not declared learns nothing of the application, the outcome included.
        return DECLARE if is_assessed else ENDED
    if is_assessed and allocation.sheet.state == IndividualSheetState.OPEN:
        return TO_SCORE
    if is_assessed and (consensus is None or allocation.application_id not in all_in):
        return LOCKED
    return _consensus_status(allocation.application, consensus, allocation.user_id, is_ready=True)


def _consensus_status(
    application: Application, sheet: ConsensusSheet | None, user_id: int | None, *, is_ready: bool
) -> SheetStatus:
    if sheet is None or sheet.state == ConsensusSheetState.SIGNED or application.state not in IN_ASSESSMENT:
        return _after(application)
    if not is_ready:
        return SHEETS_OPEN
    return SIGNED_BY_YOU if user_id in {signature.user_id for signature in sheet.signatures} else TO_AGREE
