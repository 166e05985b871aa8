"""Commands on consensus sheets: save what was agreed, sign it; who must sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import for_update
from urbact_calls.assessment import reads
from urbact_calls.assessment.models import ConsensusSheet, IndividualSheet, PanelMember, Signature
from urbact_calls.assessment.sheets import commands
from urbact_calls.assessment.sheets.commands import Scores, grid_of, missing, points_of, sheet_facts, write_scores
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import STRANGER, Actor, Relation, allocated_assessor, chair_of_this_panel
from urbact_calls.domain.refusal import NotFound, Refusal, Refused, Stale
from urbact_calls.domain.scoring.ranking import standing
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import ConsensusSheetState
from urbact_calls.domain.workflow.assessment import (
    CLOSE,
    CONSENSUS_SHEET,
    INDIVIDUAL_SHEET,
    SHEETS_OPEN,
    SIGN,
    ConsensusFacts,
)
from urbact_calls.jobs import OfApplication, announce
from urbact_calls.workflow.lives import Life, Step, register
from urbact_calls.workflow.take import begin, take

CONSENSUS_STALE = message("consensus.stale", "A colleague has saved the consensus sheet since you opened it.")
SIGNED_FINAL = message("assessment.signed/final", "The consensus sheet is signed by everybody; it stays as it is.")


CHAIR = "the chair of the panel"


def write_agreed(application: Application, sheet: ConsensusSheet, scores: Scores) -> bool:
    """`write_scores` for the agreed sheet, which then also has its standing, the key by which the ranking is sorted."""
    grid = grid_of(application)
    changed = write_scores(sheet, scores, grid)
    terms = application.call.terms
    scored = sheet.total_points is not None
    sheet.standing = standing(points_of(sheet.points), grid, terms) if scored else None
    return changed


def relation_to_sheet(session: Session, actor: Actor, sheet: IndividualSheet) -> Relation:
    """The assessor of this sheet; whoever has another sheet of the application is nobody here."""
    if sheet.allocation.user_id != actor.user_id:
        return STRANGER
    return reads.relation_to(session, actor, sheet.allocation.application_id)


def _open_consensus(session: Session, sheet: IndividualSheet, step: Step) -> None:
    """The last sheet opens the consensus sheet and has the sheets compared."""
    session.flush()
    application = sheet.allocation.application
    facts = reads.case_facts(session, application.id)
    if facts.sheets_in < facts.sheets_needed:
        return
    if reads.consensus_of(session, application.id) is None:
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
    """Removes the signatures, which were given to another text."""
    consensus = reads.consensus_of(session, sheet.allocation.application_id)
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
    assessors = {each.user_id: each.user.name for each in reads.active_allocations(session, application.id)}
    chairs = session.scalars(
        select(PanelMember).where(PanelMember.call_id == application.call_id, PanelMember.is_chair.is_(True))
    )
    return Signers(assessors, {each.user_id: each.user.name for each in chairs})


def consensus_facts(session: Session, sheet: ConsensusSheet, now: datetime) -> ConsensusFacts:
    facts = reads.case_facts(session, sheet.application_id)
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
        relation=lambda session, actor, sheet: reads.relation_to(session, actor, sheet.application_id),
        args=lambda sheet, event: OfApplication(reference=sheet.application.reference),
        effects={"signature": _sign},
        version=lambda sheet: sheet.text_version,
    )
)


def save_consensus(reference: str, scores: Scores, *, version: int, actor: Actor, now: datetime) -> None:
    """Keeps what was agreed, complete or not. A change takes away the signatures that were given before.

    Raises Stale, with the version as it is, when a colleague has saved since.
    """
    with transaction() as session:
        application, sheet = _consensus(session, reference, actor)
        if sheet.text_version != version:
            raise Stale(CONSENSUS_STALE(), current=sheet.text_version)
        if write_agreed(application, sheet, scores):
            sheet.version += 1
            sheet.signatures.clear()


def sign_consensus(reference: str, *, version: int, actor: Actor, now: datetime) -> None:
    """Signs the consensus sheet whose text stood at `version`; the last signature closes it and the assessment.

    Whoever has signed this text already has done so. Raises MovedOn, Refused, NotFound for a stranger.
    """
    with transaction() as session:
        sheet = reads.consensus_of(session, for_update(session, reference).id)
        if sheet is None:
            raise NotFound(f"consensus sheet of {reference}")
        if actor.user_id not in {each.user_id for each in sheet.signatures} or version != sheet.text_version:
            take(session, sheet, SIGN.name, actor, now, seen=version)


def _consensus(session: Session, reference: str, actor: Actor) -> tuple[Application, ConsensusSheet]:
    application = for_update(session, reference)
    commands.require_assessment_runs(application)
    may_write = allocated_assessor | chair_of_this_panel
    sheet = reads.consensus_of(session, application.id)
    if sheet is None or not may_write(actor, reads.relation_to(session, actor, application.id)):
        raise NotFound(f"consensus sheet of {reference}")
    if sheet.state != ConsensusSheetState.OPEN:
        raise Refused(Refusal(SIGNED_FINAL()))
    facts = reads.case_facts(session, application.id)
    if facts.sheets_in < facts.sheets_needed:
        raise Refused(Refusal(SHEETS_OPEN(sheets_in=facts.sheets_in, sheets_needed=facts.sheets_needed)))
    return application, sheet
