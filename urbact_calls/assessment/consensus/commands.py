"""Commands on consensus sheets: save what was agreed, sign it; who must sign."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.reads.applications import for_update
from urbact_calls.assessment import reads
from urbact_calls.assessment.models import ConsensusSheet, IndividualSheet, PanelMember, Signature
from urbact_calls.assessment.sheets import commands
from urbact_calls.assessment.sheets.commands import Scores, grid_of, missing, points_of, sheet_facts, write_scores
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import STRANGER, Actor, Relation, allocated_assessor, chair_of_this_panel
from urbact_calls.domain.refusal import NotFound, Refusal, Refused, Stale
from urbact_calls.domain.scoring import standing
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
from urbact_calls.workflow.lives import Life, Step, begin, register, take

CONSENSUS_STALE = message("consensus.stale", "A colleague has saved the consensus sheet since you opened it.")
SIGNED_FINAL = message("assessment.signed/final", "The consensus sheet is signed by everybody; it stays as it is.")


CHAIR = "the chair of the panel"


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


register(
    Life(
        kind=SubjectKind.INDIVIDUAL_SHEET,
        machine=INDIVIDUAL_SHEET,
        facts=sheet_facts,
        relation=relation_to_sheet,
        args=lambda sheet, event: OfApplication(reference=sheet.allocation.application.reference),
        effects={
            "consensus_sheet": _open_consensus,
            "signatures": lambda session, sheet, step: commands.take_signatures_away(
                session, sheet.allocation.application_id
            ),
        },
    )
)


def signatures_missing(session: Session, sheet: ConsensusSheet) -> tuple[str, ...]:
    """Names of those who have still to sign, assessors first: every assessor of the application, and one chair."""
    signed = {each.user_id for each in sheet.signatures}
    assessors = reads.active_allocations(session, sheet.application_id)
    names = tuple(each.user.name for each in assessors if each.user_id not in signed)
    chairs = select(PanelMember.user_id).where(
        PanelMember.call_id == sheet.call_id, PanelMember.is_chair.is_(True), PanelMember.user_id.in_(signed)
    )
    return names if session.scalar(chairs.limit(1)) is not None else (*names, CHAIR)


def consensus_facts(session: Session, sheet: ConsensusSheet, now: datetime) -> ConsensusFacts:
    facts = reads.case_facts(session, sheet.application_id)
    return ConsensusFacts(
        application=sheet.application.state,
        sheets_needed=facts.sheets_needed,
        sheets_in=facts.sheets_in,
        missing=missing(grid_of(sheet.application), sheet.points),
        signatures_missing=signatures_missing(session, sheet),
    )


def _sign(session: Session, sheet: ConsensusSheet, step: Step) -> None:
    """Keeps the signature; the last one closes the sheet, and with it the assessment."""
    if step.actor.user_id is not None:
        signature = Signature(user_id=step.actor.user_id, sheet_version=sheet.version, signed_at=step.now)
        sheet.signatures.append(signature)
    if not signatures_missing(session, sheet):
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

    Raises Stale, with the version as it is, when a colleague has saved since; Refused before all sheets are locked and
    once everybody has signed, NotFound for a stranger.
    """
    with transaction() as session:
        application = commands.in_assessment(session, reference)
        may_write = allocated_assessor | chair_of_this_panel
        sheet = reads.consensus_of(session, application.id)
        if sheet is None or not may_write(actor, reads.relation_to(session, actor, application.id)):
            raise NotFound(f"consensus sheet of {reference}")
        if sheet.state != ConsensusSheetState.OPEN:
            raise Refused(Refusal(SIGNED_FINAL()))
        facts = reads.case_facts(session, application.id)
        if facts.sheets_in < facts.sheets_needed:
            raise Refused(Refusal(SHEETS_OPEN(sheets_in=facts.sheets_in, sheets_needed=facts.sheets_needed)))
        if sheet.text_version != version:
            raise Stale(CONSENSUS_STALE())

        grid, terms = grid_of(application), application.call.terms
        if write_scores(sheet, scores, grid):
            sheet.version += 1
            sheet.signatures.clear()
        # The key by which the ranking is sorted.
        is_scored = sheet.total_points is not None
        sheet.standing = standing(points_of(sheet.points), grid, terms) if is_scored else None


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
