"""Reads of the ranking of a call: the signed consensus sheets in the order of their totals, and the sealed ranking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, String, and_, cast, func, select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, Partner
from urbact_calls.assessment.models import ConsensusSheet, RankedPlace, Ranking
from urbact_calls.assessment.reads import with_lead_place
from urbact_calls.calls.models import Call
from urbact_calls.domain.network_types import scoring_grid
from urbact_calls.domain.scoring import stands_below
from urbact_calls.domain.serialization import fingerprint
from urbact_calls.domain.vocabulary import ApplicationState, ConsensusSheetState
from urbact_calls.organisations.models import Organisation
from urbact_calls.paging import Page, continued, page_of

UNFINISHED = (ApplicationState.SUBMITTED, ApplicationState.CLARIFICATION, ApplicationState.ELIGIBLE)
_NOT_RANKED = (*UNFINISHED, ApplicationState.DRAFT, ApplicationState.INELIGIBLE, ApplicationState.WITHDRAWN)
RANKED = tuple(state for state in ApplicationState if state not in _NOT_RANKED)
_BEST_FIRST = ConsensusSheet.standing.desc(), Application.reference
# So many are named; of the others there is the number.
NAMED = 5
_OF_APPLICATION = Application.id, Application.reference, Application.acronym, Application.title, Application.state


class PlaceNow(NamedTuple):
    """The place of an application as it is now, with the fields of `RankedPlace`; some columns of the application."""

    application: Row[Any]
    application_id: int
    place: int
    total_points: int
    standing: int
    is_tied: bool
    is_below_threshold: bool

    def sealed(self) -> RankedPlace:
        """The place as it is kept."""
        return RankedPlace(**{name: value for name, value in self._asdict().items() if name != "application"})


def ranked(session: Session, call: Call) -> list[PlaceNow]:
    """The places of all assessed applications of a call as they are now, best first; those below a threshold after
    all others. They are not stored."""
    return _places(session, call, session.execute(_placed(call).order_by(*_BEST_FIRST)).all())


def ranking_page(session: Session, call: Call, *, after: str | None, size: int) -> Page[PlaceNow]:
    """Some of these places: the first, or those after the application with the reference `after`. The application of
    each has also `seat_city` and `country` of its lead partner."""
    placed = _placed(call)
    last = None if after is None else placed.where(Application.reference == after)
    query = with_lead_place(continued(session, placed, _BEST_FIRST, last)).limit(size + 1)
    places = _places(session, call, session.execute(query).all(), is_later_page=after is not None)
    return page_of(places, size=size, key=lambda place: place.application.reference)


def ranked_count(session: Session, call: Call) -> int:
    """How many applications of a call have a place."""
    query = select(func.count(Application.id)).where(Application.call_id == call.id, Application.state.in_(RANKED))
    return session.scalar(query) or 0


def _is_ranked(call: Call) -> tuple[ColumnElement[bool], ...]:
    return (
        ConsensusSheet.call_id == call.id,
        ConsensusSheet.state == ConsensusSheetState.SIGNED,
        ConsensusSheet.standing.is_not(None),
        Application.state.in_(RANKED),
    )


def _placed(call: Call) -> Select[*tuple[Any, ...]]:
    return (
        select(*_OF_APPLICATION, ConsensusSheet.total_points, ConsensusSheet.standing)
        .join(ConsensusSheet, ConsensusSheet.application_id == Application.id)
        .where(*_is_ranked(call))
    )


def _better(session: Session, call: Call, than: int) -> int:
    """How many applications stand before those with a standing."""
    query = select(func.count(ConsensusSheet.id)).join(ConsensusSheet.application).where(*_is_ranked(call))
    return session.scalar(query.where(ConsensusSheet.standing > than)) or 0


def _places(session: Session, call: Call, rows: Sequence[Any], *, is_later_page: bool = False) -> list[PlaceNow]:
    """Rows that follow each other, as places; `is_tied` where others share one, and the committee decides."""
    if not rows:
        return []
    terms = call.terms
    grid = scoring_grid(terms)
    standings = [row.standing for row in rows]
    sharing = dict(
        session.execute(
            select(ConsensusSheet.standing, func.count(ConsensusSheet.id))
            .join(ConsensusSheet.application)
            .where(*_is_ranked(call), ConsensusSheet.standing.in_(set(standings)))
            .group_by(ConsensusSheet.standing)
        ).all()
    )
    place = 1 + (_better(session, call, standings[0]) if is_later_page else 0)
    places = []
    for number, row in enumerate(rows):
        if number and standings[number] != standings[number - 1]:
            place += sharing[standings[number - 1]]
        places.append(
            PlaceNow(
                application=row,
                application_id=row.id,
                place=place,
                total_points=row.total_points,
                standing=row.standing,
                is_tied=sharing[row.standing] > 1,
                is_below_threshold=stands_below(row.standing, grid, terms),
            )
        )
    return places


def references_of(session: Session, *conditions: ColumnElement[bool]) -> Sequence[str]:
    """References of the applications under these conditions, by number: of many the first, and "more"."""
    query = select(Application.reference).where(*conditions).order_by(Application.number).limit(NAMED + 1)
    found = session.scalars(query).all()
    return [*found[:NAMED], "more"] if len(found) > NAMED else found


def unfinished(session: Session, call_id: int) -> Sequence[str]:
    """References of the applications that still have to be checked or assessed: of many the first, and "more"."""
    return references_of(session, Application.call_id == call_id, Application.state.in_(UNFINISHED))


def sealed(session: Session, call_id: int) -> Ranking | None:
    """The last sealed ranking of a call."""
    return session.scalar(select(Ranking).where(Ranking.call_id == call_id).order_by(Ranking.id.desc()).limit(1))


def has_place(session: Session, ranking: Ranking, application_id: int) -> bool:
    """Whether an application is in a sealed ranking."""
    place = select(RankedPlace.id).where(
        RankedPlace.ranking_id == ranking.id, RankedPlace.application_id == application_id
    )
    return session.scalar(place) is not None


def is_current(session: Session, call: Call, ranking: Ranking, count: int) -> bool:
    """Whether every application still stands where the sealed ranking has it, and no other has a place; `count` is
    `ranked_count`."""
    known = and_(
        RankedPlace.application_id == Application.id,
        RankedPlace.ranking_id == ranking.id,
        RankedPlace.standing == ConsensusSheet.standing,
    )
    moved = (
        select(ConsensusSheet.id)
        .join(ConsensusSheet.application)
        .outerjoin(RankedPlace, known)
        .where(*_is_ranked(call))
    ).where(RankedPlace.id.is_(None))
    places = select(func.count(RankedPlace.id)).where(RankedPlace.ranking_id == ranking.id).scalar_subquery()
    return bool(session.scalar(select(and_(places == count, ~moved.exists()))))


def partners_by_category(session: Session, which: ColumnElement[bool]) -> dict[str, int]:
    """How many partners come from each category of region; those whose region is not known under the empty text.

    `which` chooses partners.
    """
    rows = session.execute(
        select(func.coalesce(cast(Organisation.region_category, String), ""), func.count(Partner.id))
        .join(Partner.organisation)
        .where(which)
        .group_by(Organisation.region_category)
    )
    return dict(rows.all())


def of_ranked(call: Call) -> ColumnElement[bool]:
    """The partners of the applications of a call that have a place, for `partners_by_category`."""
    ranked_ids = select(ConsensusSheet.application_id).join(ConsensusSheet.application).where(*_is_ranked(call))
    return Partner.application_id.in_(ranked_ids)


def fingerprint_of(places: Sequence[PlaceNow]) -> str:
    """SHA-256 of places and totals, so that a sealed ranking can be told from any other."""
    return fingerprint(
        tuple(
            {
                "reference": each.application.reference,
                "place": each.place,
                "total_points": each.total_points,
                "is_tied": each.is_tied,
                "is_below": each.is_below_threshold,
            }
            for each in places
        )
    )
