"""Steps of the assessment: what a sheet lacks, who must sign, how sheets move through their machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.assessment import queries
from urbact_calls.assessment.models import (
    Allocation,
    ConsensusPoints,
    ConsensusSheet,
    CriterionPoints,
    IndividualSheet,
    PanelMember,
    Signature,
)
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.permissions import STRANGER, Actor, Relation
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.scoring.divergence import alerts
from urbact_calls.domain.scoring.grid import Grid
from urbact_calls.domain.scoring.ranking import standing
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import (
    ApplicationState,
    ConflictAnswer,
    ConsensusSheetState,
    IndividualSheetState,
)
from urbact_calls.domain.workflow.assessment import (
    CLOSE,
    CONSENSUS_SHEET,
    INDIVIDUAL_SHEET,
    NOT_RUNNING,
    ConsensusFacts,
    SheetFacts,
)
from urbact_calls.jobs import OfApplication, announce
from urbact_calls.workflow.lives import Life, Step, register
from urbact_calls.workflow.take import begin, take

# The programme asks for comments on every criterion; below this no applicant could learn anything from them.
SHORTEST_REASONS = 50

CHAIR = "the chair of the panel"


@dataclass(frozen=True, slots=True)
class Scores:
    """What was typed on a sheet: points (None where not scored) and reasons by code of the criterion."""

    points: Mapping[str, int | None]
    comments: Mapping[str, str]
    recommendation: str = ""


def grid_of(application: Application) -> Grid:
    return KINDS[application.call.type].grid


def require_assessment_runs(application: Application) -> None:
    """Raises Refused unless the application is being assessed."""
    state = application.state
    if state is not ApplicationState.ELIGIBLE:
        raise Refused(Refusal(NOT_RUNNING(state=state.text)))


def missing(grid: Grid, rows: Sequence[CriterionPoints] | Sequence[ConsensusPoints]) -> tuple[str, ...]:
    """Titles of the criteria without points or without reasons of a sensible length, in grid order."""
    done = {row.criterion for row in rows if row.points is not None and len(row.comment) >= SHORTEST_REASONS}
    return tuple(criterion.title for criterion in grid.criteria if criterion.code not in done)


def points_of(rows: Sequence[CriterionPoints] | Sequence[ConsensusPoints]) -> dict[str, int]:
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


def write_agreed(application: Application, sheet: ConsensusSheet, scores: Scores) -> bool:
    """`write_scores` for the agreed sheet, which then also has its standing among those of the call."""
    grid = grid_of(application)
    changed = write_scores(sheet, scores, grid)
    terms = application.call.terms
    scored = sheet.total_points is not None
    sheet.standing = standing(points_of(sheet.points), grid, terms) if scored else None
    return changed


def sheet_facts(session: Session, sheet: IndividualSheet, now: datetime) -> SheetFacts:
    allocation = sheet.allocation
    consensus = queries.consensus_of(session, allocation.application_id)
    return SheetFacts(
        application=allocation.application.state,
        declared_no_conflict=allocation.conflict == ConflictAnswer.NONE,
        missing=missing(grid_of(allocation.application), sheet.points),
        consensus_started=consensus is not None and consensus.state == ConsensusSheetState.SIGNED,
    )


def relation_to_sheet(session: Session, actor: Actor, sheet: IndividualSheet) -> Relation:
    """The assessor of this sheet; whoever has another sheet of the application is nobody here."""
    if sheet.allocation.user_id != actor.user_id:
        return STRANGER
    return queries.relation_to(session, actor, sheet.allocation.application_id)


def _open_consensus(session: Session, sheet: IndividualSheet, step: Step) -> None:
    """The last sheet opens the consensus sheet and has the sheets compared."""
    session.flush()
    application = sheet.allocation.application
    facts = queries.case_facts(session, application.id)
    if facts.sheets_in < facts.sheets_needed:
        return
    if queries.consensus_of(session, application.id) is None:
        consensus = ConsensusSheet(
            application_id=application.id,
            call_id=application.call_id,
            state=CONSENSUS_SHEET.start,
            version=1,
            opened_at=step.now,
        )
        session.add(consensus)
        begin(session, consensus, step.actor, step.now)
    announce(
        session,
        kind="assessment.compare",
        key=f"assessment.compare:{application.reference}:{sheet.allocation_id}:{step.event.number}",
        args=OfApplication(reference=application.reference),
        now=step.now,
        subject=application.subject,
    )


def _take_signatures_away(session: Session, sheet: IndividualSheet, step: Step) -> None:
    """They were given to something else."""
    consensus = queries.consensus_of(session, sheet.allocation.application_id)
    if consensus is not None:
        consensus.signatures.clear()


register(
    Life(
        kind=SubjectKind.INDIVIDUAL_SHEET,
        machine=INDIVIDUAL_SHEET,
        facts=sheet_facts,
        relation=relation_to_sheet,
        args=lambda sheet, event: OfApplication(reference=sheet.allocation.application.reference),
        effects={"consensus_sheet": _open_consensus, "signatures": _take_signatures_away},
    )
)


@dataclass(frozen=True, slots=True)
class Signers:
    """Who has to sign a consensus sheet: every assessor of the application, and one chair of the panel."""

    assessors: Mapping[int, str]
    chairs: Mapping[int, str]

    def missing(self, signed: set[int]) -> tuple[str, ...]:
        """Names still to sign, assessors first."""
        names = [name for user_id, name in self.assessors.items() if user_id not in signed]
        return (*names, *(() if signed & set(self.chairs) else (CHAIR,)))


def signers_of(session: Session, application: Application) -> Signers:
    assessors = {each.user_id: each.user.name for each in queries.active_allocations(session, application.id)}
    chairs = session.scalars(
        select(PanelMember).where(PanelMember.call_id == application.call_id, PanelMember.is_chair.is_(True))
    )
    return Signers(assessors, {each.user_id: each.user.name for each in chairs})


def consensus_facts(session: Session, sheet: ConsensusSheet, now: datetime) -> ConsensusFacts:
    facts = queries.case_facts(session, sheet.application_id)
    return ConsensusFacts(
        application=sheet.application.state,
        sheets_needed=facts.sheets_needed,
        sheets_in=facts.sheets_in,
        missing=missing(grid_of(sheet.application), sheet.points),
        signatures_missing=signers_of(session, sheet.application).missing({each.user_id for each in sheet.signatures}),
    )


def _sign(session: Session, sheet: ConsensusSheet, step: Step) -> None:
    """Keeps the signature; the last one closes the sheet, and with it the assessment."""
    if step.actor.user_id is not None:
        signature = Signature(user_id=step.actor.user_id, sheet_version=sheet.version, signed_at=step.now)
        sheet.signatures.append(signature)
    if not consensus_facts(session, sheet, step.now).signatures_missing:
        take(session, sheet, CLOSE.name, step.actor, step.now)


register(
    Life(
        kind=SubjectKind.CONSENSUS_SHEET,
        machine=CONSENSUS_SHEET,
        facts=consensus_facts,
        relation=lambda session, actor, sheet: queries.relation_to(session, actor, sheet.application_id),
        args=lambda sheet, event: OfApplication(reference=sheet.application.reference),
        effects={"signature": _sign},
        version=lambda sheet: sheet.text_version,
    )
)


def may_have_another(session: Session, application: Application) -> bool:
    """Whether one more assessor may be allocated: up to the call's number, and a third one where the totals of the
    sheets lie further apart than the call's alert (`domain.md` 8.2)."""
    terms = application.call.terms
    active = queries.active_allocations(session, application.id)
    if len(active) < terms.assessors_per_application:
        return True
    if len(active) > terms.assessors_per_application:
        return False
    locked = [points_of(each.sheet.points) for each in active if each.sheet.state == IndividualSheetState.SUBMITTED]
    return len(locked) == len(active) and alerts(locked, grid_of(application), alert_points=terms.divergence_alert)


def release(session: Session, application: Application, allocation: Allocation, now: datetime) -> None:
    """Ends an allocation; signatures given with this assessor are taken away."""
    allocation.released_at = now
    consensus = queries.consensus_of(session, application.id)
    if consensus is not None:
        consensus.signatures.clear()
