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
from urbact_calls.audit.operations import record
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.permissions import Actor, Relation
from urbact_calls.domain.refusal import Refusal, Refused, Stale
from urbact_calls.domain.scoring.divergence import alerts
from urbact_calls.domain.scoring.grid import Grid
from urbact_calls.domain.scoring.ranking import standing
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import (
    ApplicationState,
    ConflictAnswer,
    ConsensusSheetState,
    IndividualSheetState,
)
from urbact_calls.domain.workflow.assessment import (
    CONSENSUS_SHEET,
    INDIVIDUAL_SHEET,
    ConsensusFacts,
    SheetFacts,
)
from urbact_calls.jobs import OfApplication, announce

NOT_RUNNING = message("assessment.not_running", "Only an eligible application is assessed; it is now “{state}”.")
SHEET_STALE_BEFORE_LOCKING = message(
    "sheet.stale_before_locking", "The sheet was changed since you opened it. Read it again before you lock it."
)
SHEET_STALE = message("sheet.stale", "The sheet was changed since you opened the page. Look at it as it is now.")


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


def sheet_facts(application: Application, allocation: Allocation, consensus: ConsensusSheet | None) -> SheetFacts:
    return SheetFacts(
        declared_no_conflict=allocation.conflict == ConflictAnswer.NONE,
        missing=missing(grid_of(application), allocation.sheet.points),
        consensus_started=consensus is not None and consensus.state == ConsensusSheetState.SIGNED,
    )


def lock_sheet(  # noqa: PLR0913 -- what a step depends on; the last one is keyword-only
    session: Session, application: Application, allocation: Allocation, actor: Actor, now: datetime, *, version: int
) -> None:
    """Takes `submit_sheet` for the sheet as it stood at `version`, else raises Stale. The last sheet opens the
    consensus sheet and has the sheets compared."""
    sheet = allocation.sheet
    transition = INDIVIDUAL_SHEET.require(
        "submit_sheet",
        state=sheet.state,
        facts=sheet_facts(application, allocation, queries.consensus_of(session, application.id)),
        actor=actor,
        relation=queries.relation_to(session, actor, application.id),
        now=now,
    )
    if sheet.version != version:
        raise Stale(SHEET_STALE_BEFORE_LOCKING())
    number = _record_sheet(session, application, allocation, transition.name, transition.target, actor, now)
    sheet.submitted_at = now
    sheet.version += 1
    session.flush()

    facts = queries.case_facts(session, application.id)
    if facts.sheets_in < facts.sheets_needed:
        return
    if queries.consensus_of(session, application.id) is None:
        session.add(
            ConsensusSheet(
                application_id=application.id,
                call_id=application.call_id,
                state=CONSENSUS_SHEET.start,
                opened_at=now,
            )
        )
    announce(
        session,
        kind="assessment.compare",
        key=f"assessment.compare:{application.reference}:{allocation.id}:{number}",
        args=OfApplication(reference=application.reference),
        now=now,
        object_ref=application.reference,
    )


def reopen_sheet(  # noqa: PLR0913 -- what a step depends on; the last one is keyword-only
    session: Session,
    application: Application,
    allocation: Allocation,
    reason: str,
    actor: Actor,
    now: datetime,
    *,
    version: int,
) -> None:
    """Takes `reopen_sheet` for the sheet as it stood at `version`, else raises Stale. Signatures were given to
    something else and are taken away."""
    consensus = queries.consensus_of(session, application.id)
    transition = INDIVIDUAL_SHEET.require(
        "reopen_sheet",
        state=allocation.sheet.state,
        facts=sheet_facts(application, allocation, consensus),
        actor=actor,
        relation=Relation(),
        now=now,
        reason=reason,
    )
    if allocation.sheet.version != version:
        raise Stale(SHEET_STALE())
    _record_sheet(session, application, allocation, transition.name, transition.target, actor, now, reason)
    allocation.sheet.submitted_at = None
    allocation.sheet.version += 1
    if consensus is not None:
        consensus.signatures.clear()


def _record_sheet(  # noqa: PLR0913 -- an event of a sheet has these parts
    session: Session,
    application: Application,
    allocation: Allocation,
    name: str,
    target: IndividualSheetState,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> int:
    # Not under the application's reference: applicants read its timeline, and who assesses is not theirs to know.
    event = record(
        session,
        object_ref=f"sheet:{application.reference}:{allocation.id}",
        machine=INDIVIDUAL_SHEET.name,
        transition=name,
        source=allocation.sheet.state,
        target=target,
        actor=actor,
        now=now,
        reason=reason,
    )
    allocation.sheet.state = target
    return event.number


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


def consensus_facts(
    session: Session, application: Application, sheet: ConsensusSheet, *, signing: int | None
) -> ConsensusFacts:
    """The facts of a consensus sheet for the person who is about to sign."""
    facts = queries.case_facts(session, application.id)
    signed = {signature.user_id for signature in sheet.signatures} | ({signing} if signing is not None else set())
    return ConsensusFacts(
        sheets_needed=facts.sheets_needed,
        sheets_in=facts.sheets_in,
        missing=missing(grid_of(application), sheet.points),
        signatures_missing=signers_of(session, application).missing(signed),
    )


def sign(session: Session, application: Application, sheet: ConsensusSheet, actor: Actor, now: datetime) -> None:
    """Takes `sign`, and `close` with the last signature: the total then stands, and the assessment is closed."""
    relation = queries.relation_to(session, actor, application.id)
    facts = consensus_facts(session, application, sheet, signing=actor.user_id)
    _take(session, application, sheet, "sign", facts, actor, relation, now)
    if actor.user_id is not None and actor.user_id not in {each.user_id for each in sheet.signatures}:
        sheet.signatures.append(Signature(user_id=actor.user_id, sheet_version=sheet.version, signed_at=now))
    if facts.signatures_missing:
        return

    number = _take(session, application, sheet, "close", facts, actor, relation, now)
    sheet.signed_at = now
    for kind in CONSENSUS_SHEET.by_name["close"].announces:
        announce(
            session,
            kind=kind,
            key=f"{kind}:{application.reference}:{number}",
            args=OfApplication(reference=application.reference),
            now=now,
            object_ref=application.reference,
        )


def _take(  # noqa: PLR0913 -- what a step of the machine depends on
    session: Session,
    application: Application,
    sheet: ConsensusSheet,
    name: str,
    facts: ConsensusFacts,
    actor: Actor,
    relation: Relation,
    now: datetime,
) -> int:
    transition = CONSENSUS_SHEET.require(name, state=sheet.state, facts=facts, actor=actor, relation=relation, now=now)
    event = record(
        session,
        object_ref=f"consensus:{application.reference}",
        machine=CONSENSUS_SHEET.name,
        transition=name,
        source=sheet.state,
        target=transition.target,
        actor=actor,
        now=now,
    )
    sheet.state = transition.target
    return event.number


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
