"""Worklist of an assessor or a chair: what there is to score and to agree, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.interests import not_own
from urbact_calls.assessment.models import Allocation, ConsensusSheet, IndividualSheet, PanelMember, Signature
from urbact_calls.calls.models import Call
from urbact_calls.calls.reads import by_ids
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


Line = Row[*tuple[Any, ...]]


def _columns(user_id: int | None) -> tuple[Any, ...]:
    """What a line of the worklist shows of an application: beside its own columns the state of its agreed sheet,
    whether this person has signed that, how many assessors it has, and how many of their sheets are open."""
    given = (
        select(func.count(Allocation.id))
        .join(IndividualSheet, IndividualSheet.allocation_id == Allocation.id)
        .where(Allocation.application_id == Application.id, Allocation.released_at.is_(None))
        .correlate(Application)
    )
    is_signed = exists().where(Signature.sheet_id == ConsensusSheet.id, Signature.user_id == user_id)
    return (
        *(Application.id, Application.reference, Application.acronym, Application.title, Application.state),
        Application.call_id,
        ConsensusSheet.state.label("consensus"),
        is_signed.label("is_signed"),
        given.scalar_subquery().label("sheets"),
        given.where(IndividualSheet.state == IndividualSheetState.OPEN).scalar_subquery().label("open_sheets"),
    )


def _own(session: Session, actor: Actor, after: str | None, size: int) -> Sequence[Line]:
    """The allocations of the actor, the next due first."""
    mine, sheet = aliased(Allocation), aliased(IndividualSheet)
    is_own = Application.id.in_(actor.interests.applications)
    allocations: Select[*tuple[Any, ...]] = (
        select(*_columns(actor.user_id), mine.due_on, mine.conflict, sheet.state.label("sheet"))
        .join(mine, mine.application_id == Application.id)
        .join(sheet, sheet.allocation_id == mine.id)
        .outerjoin(ConsensusSheet, ConsensusSheet.application_id == Application.id)
        .where(mine.user_id == actor.user_id, mine.released_at.is_(None), ~is_own)
    )
    last = None if after is None else allocations.where(Application.reference == after)
    return session.execute(continued(session, allocations, (mine.due_on, mine.id), last).limit(size + 1)).all()


def _chaired(session: Session, actor: Actor, after: str | None, size: int) -> Sequence[Line]:
    """Applications with a consensus sheet on the panels that the actor chairs, those to be agreed first; without
    those that the actor takes part in."""
    if Role.PANEL_CHAIR not in actor.roles:
        return ()
    # False stands before true: what is not signed comes first.
    is_signed = case((ConsensusSheet.state == ConsensusSheetState.SIGNED, 1), else_=0)
    sheets: Select[*tuple[Any, ...]] = (
        select(*_columns(actor.user_id))
        .join(PanelMember, PanelMember.call_id == Application.call_id)
        .join(ConsensusSheet, ConsensusSheet.application_id == Application.id)
        .where(PanelMember.user_id == actor.user_id, PanelMember.is_chair.is_(True), not_own(actor))
    )
    last = None if after is None else sheets.where(Application.reference == after)
    return session.execute(continued(session, sheets, (is_signed, Application.id), last).limit(size + 1)).all()


def _are_all_in(line: Line, calls: Mapping[int, Call]) -> bool:
    """Whether none of the assessors has an open sheet, and there are as many of them as the call asks for."""
    return not line.open_sheets and line.sheets >= calls[line.call_id].terms.assessors_per_application


def _after(line: Line) -> SheetStatus:
    """The state moves on only when a decision is announced; until then it is pending for everybody."""
    state = line.state
    return PENDING if state in IN_ASSESSMENT else SheetStatus(state.label, state.tone, "assessment.consensus")


@dataclass(frozen=True, slots=True)
class AssessorRow:
    """One application (with the columns of `_columns`) in the worklist of an assessor or a chair; before the
    declaration only its name is shown."""

    application: Line
    call: Call
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
    allocated, chaired = _own(session, actor, after, size), _chaired(session, actor, chaired_after, size)
    calls = by_ids(session, {line.call_id for line in (*allocated, *chaired)})

    def page(rows: list[AssessorRow]) -> Page[AssessorRow]:
        return page_of(rows, size=size, key=lambda row: str(row.application.reference))

    own = [AssessorRow(each, calls[each.call_id], _sheet_status(each, calls), each.due_on) for each in allocated]
    agreed = [
        AssessorRow(each, calls[each.call_id], _consensus_status(each, is_ready=_are_all_in(each, calls)))
        for each in chaired
    ]
    return AssessorWorklist(own=page(own), chaired=page(agreed))


def _sheet_status(line: Line, calls: Mapping[int, Call]) -> SheetStatus:
    is_assessed = line.state in IN_ASSESSMENT
    if line.conflict is None:
        # Whoever has not declared learns nothing of the application, the outcome included.
        return DECLARE if is_assessed else ENDED
    if is_assessed and line.sheet is IndividualSheetState.OPEN:
        return TO_SCORE
    if is_assessed and (line.consensus is None or not _are_all_in(line, calls)):
        return LOCKED
    return _consensus_status(line, is_ready=True)


def _consensus_status(line: Line, *, is_ready: bool) -> SheetStatus:
    is_open = line.consensus is ConsensusSheetState.OPEN and line.state in IN_ASSESSMENT
    if not is_open:
        return _after(line)
    if not is_ready:
        return SHEETS_OPEN
    return SIGNED_BY_YOU if line.is_signed else TO_AGREE
