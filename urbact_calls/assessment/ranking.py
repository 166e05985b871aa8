"""The ranking of a call, computed by the database over the signed consensus sheets; the same order as
`domain.scoring.ranking`, which a test holds it to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, false, func, or_, select
from sqlalchemy.orm import Session, selectinload

from urbact_calls.applications.models import Application, Partner
from urbact_calls.assessment.models import ConsensusPoints, ConsensusSheet, Place, Ranking
from urbact_calls.calls.models import Call
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.record import fingerprint
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import ApplicationState, ConsensusSheetState, PartnerRole
from urbact_calls.organisations.models import Organisation

UNFINISHED = (ApplicationState.SUBMITTED, ApplicationState.CLARIFICATION, ApplicationState.ELIGIBLE)
_NOT_RANKED = (*UNFINISHED, ApplicationState.DRAFT, ApplicationState.INELIGIBLE, ApplicationState.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedLine:
    """An application with its place. `is_tied`: others share the place, and the committee decides between them."""

    application_id: int
    reference: str
    acronym: str
    title: str
    lead: str
    country: str
    state: ApplicationState
    place: int
    total_points: int
    is_tied: bool
    is_below: bool


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the fingerprint of a sealed ranking is made of."""

    reference: str
    place: int
    total_points: int
    is_tied: bool
    is_below: bool


def ranked(session: Session, call: Call) -> list[RankedLine]:
    """The assessed applications of a call, best first; those below a threshold after all others. One query."""
    is_below, order = _order(call)
    rank = func.rank().over(order_by=order)
    sharing = func.count().over(partition_by=order)
    rows = session.execute(
        select(
            Application.id,
            Application.reference,
            Application.acronym,
            Application.title,
            Organisation.seat_city,
            Organisation.country,
            Application.state,
            rank.label("place"),
            func.coalesce(ConsensusSheet.total_points, 0),
            (sharing > 1).label("is_tied"),
            is_below.label("is_below"),
        )
        .join(ConsensusSheet, ConsensusSheet.application_id == Application.id)
        .outerjoin(Partner, and_(Partner.application_id == Application.id, Partner.role == PartnerRole.LEAD))
        .outerjoin(Organisation, Organisation.id == Partner.organisation_id)
        .where(
            Application.call_id == call.id,
            Application.state.not_in(_NOT_RANKED),
            ConsensusSheet.state == ConsensusSheetState.SIGNED,
        )
        .order_by("place", Application.reference)
    )
    return [
        RankedLine(
            application_id=row[0],
            reference=row[1],
            acronym=row[2],
            title=row[3],
            lead=row[4] or "",
            country=row[5] or "",
            state=ApplicationState(row[6]),
            place=row[7],
            total_points=row[8],
            is_tied=bool(row[9]),
            is_below=bool(row[10]),
        )
        for row in rows
    ]


def _order(call: Call) -> tuple[ColumnElement[int], list[ColumnElement[int]]]:
    """Whether an application is below a threshold, and what places are given by, all ascending."""
    terms, grid = CallTerms.from_json(call.terms), KINDS[call.network_type].grid
    below: list[ColumnElement[bool]] = [false()]
    if terms.overall_threshold is not None:
        below.append(ConsensusSheet.total_points < terms.overall_threshold * grid.scale_max)
    if terms.criterion_threshold is not None:
        lowest = (
            select(func.min(ConsensusPoints.points))
            .where(ConsensusPoints.sheet_id == ConsensusSheet.id)
            .correlate(ConsensusSheet)
            .scalar_subquery()
        )
        below.append(lowest < terms.criterion_threshold)
    is_below = case((or_(*below), 1), else_=0)
    tie_break = terms.tie_break if terms.is_confirmed("tie_break") else ()
    return is_below, [is_below, -ConsensusSheet.total_points, *(-_points(code) for code in tie_break)]


def _points(code: str) -> ScalarSelect[int]:
    return (
        select(ConsensusPoints.points)
        .where(ConsensusPoints.sheet_id == ConsensusSheet.id, ConsensusPoints.criterion == code)
        .correlate(ConsensusSheet)
        .scalar_subquery()
    )


def unfinished(session: Session, call_id: int) -> Sequence[str]:
    """References of the applications that still have to be checked or assessed."""
    return session.scalars(
        select(Application.reference)
        .where(Application.call_id == call_id, Application.state.in_(UNFINISHED))
        .order_by(Application.number)
    ).all()


def sealed(session: Session, call_id: int) -> Ranking | None:
    """The last sealed ranking of a call, with its places and their applications."""
    return session.scalar(
        select(Ranking)
        .where(Ranking.call_id == call_id)
        .order_by(Ranking.id.desc())
        .limit(1)
        .options(selectinload(Ranking.places).joinedload(Place.application))
    )


def fingerprint_of(lines: Sequence[RankedLine]) -> str:
    """SHA-256 of places and totals, so that a sealed ranking can be told from any other."""
    return fingerprint(
        tuple(Sealed(line.reference, line.place, line.total_points, line.is_tied, line.is_below) for line in lines)
    )


def places_of(lines: Sequence[RankedLine]) -> list[Place]:
    return [
        Place(
            application_id=line.application_id,
            place=line.place,
            total_points=line.total_points,
            is_tied=line.is_tied,
            is_below_threshold=line.is_below,
        )
        for line in lines
    ]
