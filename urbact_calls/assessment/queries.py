"""Reading the assessment: what casework decides on, and what an actor is to an application."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, Partner
from urbact_calls.assessment.models import Allocation, ConsensusSheet, IndividualSheet, PanelMember
from urbact_calls.calls.models import Call
from urbact_calls.domain.permissions import STRANGER, Actor, Relation
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import ConflictAnswer, ConsensusSheetState, IndividualSheetState, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentFacts:
    """How far the assessment of one application is. A third assessor, once added, is needed too."""

    sheets_needed: int = 2
    sheets_in: int = 0
    consensus_signed: bool = False


def case_facts(session: Session, application_id: int) -> AssessmentFacts:
    """The facts of one application, in one query."""
    active = and_(Allocation.application_id == Application.id, Allocation.released_at.is_(None))
    row = session.execute(
        select(
            Call.terms,
            select(func.count(Allocation.id)).where(active).correlate(Application).scalar_subquery(),
            select(func.count(IndividualSheet.id))
            .join(IndividualSheet.allocation)
            .where(active, IndividualSheet.state == IndividualSheetState.SUBMITTED)
            .correlate(Application)
            .scalar_subquery(),
            select(ConsensusSheet.state)
            .where(ConsensusSheet.application_id == Application.id)
            .correlate(Application)
            .scalar_subquery(),
        )
        .select_from(Application)
        .join(Application.call)
        .where(Application.id == application_id)
    ).one_or_none()
    if row is None:
        return AssessmentFacts()
    terms, allocated, sheets_in, consensus = row
    return AssessmentFacts(
        sheets_needed=max(CallTerms.from_json(terms).assessors_per_application, allocated),
        sheets_in=sheets_in,
        consensus_signed=consensus == ConsensusSheetState.SIGNED,
    )


def relation_to(session: Session, actor: Actor, application_id: int) -> Relation:
    """What the actor is to the application as a member of the panel; one query.

    A declared conflict, or working for a partner of the application, takes every right away at once.
    """
    if not actor.is_signed_in:
        return STRANGER
    works_for_a_partner = (
        select(Partner.id)
        .where(Partner.application_id == Application.id, Partner.organisation_id.in_(actor.organisation_ids))
        .correlate(Application)
        .exists()
    )
    row = session.execute(
        select(Allocation.conflict, Allocation.released_at, Allocation.id, PanelMember.is_chair, works_for_a_partner)
        .select_from(Application)
        .outerjoin(Allocation, and_(Allocation.application_id == Application.id, Allocation.user_id == actor.user_id))
        .outerjoin(PanelMember, and_(PanelMember.call_id == Application.call_id, PanelMember.user_id == actor.user_id))
        .where(
            Application.id == application_id,
            or_(Allocation.id.is_not(None), PanelMember.is_chair.is_(True)),
        )
    ).one_or_none()
    if row is None:
        return STRANGER
    conflict, released_at, allocation_id, is_chair, works_there = row
    if conflict == ConflictAnswer.CONFLICT or works_there:
        return Relation(is_conflicted=True)
    roles = set()
    if allocation_id is not None and released_at is None:
        roles.add(Role.ASSESSOR)
    if is_chair:
        roles.add(Role.PANEL_CHAIR)
    return Relation(roles=frozenset(roles))
