"""Commands on individual sheets: save, submit and reopen one; the criteria that it lacks, and its transitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import for_update
from urbact_calls.assessment import reads
from urbact_calls.assessment.models import (
    ConsensusPoints,
    ConsensusSheet,
    CriterionPoints,
    GivenPoints,
    IndividualSheet,
)
from urbact_calls.database import transaction
from urbact_calls.domain.network_types import scoring_grid
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refusal, Refused, Stale
from urbact_calls.domain.scoring import Grid
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import ApplicationState, ConflictAnswer, IndividualSheetState
from urbact_calls.domain.workflow.assessment import LOCK, NOT_RUNNING, REOPEN, UNDECLARED, SheetFacts
from urbact_calls.workflow.lives import take

# The programme asks for comments on every criterion; below this no applicant could learn anything from them.
SHORTEST_REASONS = 50


@dataclass(frozen=True, slots=True)
class Scores:
    """What was typed on a sheet: points (None where not scored) and reasons by code of the criterion."""

    points: Mapping[str, int | None]
    comments: Mapping[str, str]
    recommendation: str = ""


def grid_of(application: Application) -> Grid:
    """The grid by which an application is scored: that of its type, on the scale of its call."""
    return scoring_grid(application.call.terms)


def in_assessment(session: Session, reference: str) -> Application:
    """The application, locked. Raises Refused unless it is being assessed, NotFound."""
    application = for_update(session, reference)
    state = application.state
    if state is not ApplicationState.ELIGIBLE:
        raise Refused(Refusal(NOT_RUNNING(state=state.text)))
    return application


def missing(grid: Grid, rows: Sequence[GivenPoints]) -> tuple[str, ...]:
    """Titles of the criteria without points or without reasons of a sensible length, in grid order."""
    done = {row.criterion for row in rows if row.points is not None and len(row.comment) >= SHORTEST_REASONS}
    return tuple(criterion.title for criterion in grid.criteria if criterion.code not in done)


def points_of(rows: Sequence[GivenPoints]) -> dict[str, int]:
    return {row.criterion: row.points for row in rows if row.points is not None}


def write_scores(sheet: IndividualSheet | ConsensusSheet, scores: Scores, grid: Grid) -> bool:
    """Puts what was typed on a sheet; says whether anything is different now. The total stands once all is scored."""
    kind = CriterionPoints if isinstance(sheet, IndividualSheet) else ConsensusPoints
    rows = {row.criterion: row for row in sheet.points}
    changed = sheet.recommendation != scores.recommendation
    sheet.recommendation = scores.recommendation
    for code in grid.codes:
        wanted = (scores.points.get(code), scores.comments.get(code, ""))
        row = rows.get(code)
        if row is None:
            row = kind(criterion=code, points=None, comment="")
            sheet.points.append(row)  # type: ignore[arg-type]
        if (row.points, row.comment) != wanted:
            row.points, row.comment = wanted
            changed = True
    given = points_of(sheet.points)
    sheet.total_points = grid.total(given) if set(given) == set(grid.codes) else None
    return changed


def sheet_facts(session: Session, sheet: IndividualSheet, now: datetime) -> SheetFacts:
    allocation = sheet.allocation
    return SheetFacts(
        application=allocation.application.state,
        declared_no_conflict=allocation.conflict == ConflictAnswer.NONE,
        missing=missing(grid_of(allocation.application), sheet.points),
        consensus_started=reads.is_signed(session, allocation.application_id),
    )


def save_sheet(reference: str, scores: Scores, *, version: int, actor: Actor, now: datetime) -> None:
    """Keeps an assessor's points and reasons, complete or not.

    Raises Stale, with the sheet as it is, when it was saved since; Refused once it is locked.
    """
    with transaction() as session:
        application = in_assessment(session, reference)
        allocation = reads.own_allocation(session, application.id, actor.user_id)
        if allocation.conflict != ConflictAnswer.NONE:
            raise Refused(Refusal(UNDECLARED()))
        sheet = allocation.sheet
        if sheet.state != IndividualSheetState.OPEN:
            raise Refused(Refusal(ASSESSMENT_LOCKED()))
        if sheet.version != version:
            raise Stale(SHEET_SAVED_ELSEWHERE())
        if write_scores(sheet, scores, grid_of(application)):
            sheet.version += 1
        sheet.updated_at = now


def submit_sheet(reference: str, *, version: int, actor: Actor, now: datetime) -> None:
    """Locks the actor's own sheet as it stood at `version`: nobody can change it after that.

    Raises Refused with what is missing, MovedOn when the sheet was saved since.
    """
    with transaction() as session:
        application = for_update(session, reference)
        sheet = reads.own_allocation(session, application.id, actor.user_id).sheet
        take(session, sheet, LOCK.name, actor, now, seen=version)


def reopen_sheet(  # noqa: PLR0913 -- who reopens which sheet, as it was seen, and why; keyword-only after the first
    reference: str, *, allocation_id: int, version: int, reason: str, actor: Actor, now: datetime
) -> None:
    """Lets an assessor change a sheet that was locked at `version`; for officers, with a reason. Raises MovedOn."""
    with transaction() as session:
        application = for_update(session, reference)
        sheet = reads.allocation_by_id(session, application.id, allocation_id).sheet
        take(session, sheet, REOPEN.name, actor, now, seen=version, reason=reason)


def take_signatures_away(session: Session, application_id: int) -> None:
    """Removes the signatures on the consensus sheet, which were given to another text or beside another assessor."""
    consensus = reads.consensus_of(session, application_id)
    if consensus is not None:
        consensus.signatures.clear()


SHEET_SAVED_ELSEWHERE = message("sheet.saved_elsewhere", "The sheet was saved in another window since you opened it.")
ASSESSMENT_LOCKED = message("assessment.locked", "Not saved: the sheet is locked.")
