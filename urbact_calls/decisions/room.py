"""The decision room: the sealed ranking, page by page, with what was decided on it and what that sums up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, aliased, contains_eager

from urbact_calls.applications.models import Application, Partner, Submission
from urbact_calls.assessment.models import Place, Ranking
from urbact_calls.assessment.ranking import NAMED, named, partners_by_category, sealed
from urbact_calls.calls.models import Call
from urbact_calls.decisions.models import Decision, Meeting
from urbact_calls.decisions.queries import waiting_token
from urbact_calls.domain.vocabulary import ApplicationState, DecisionOutcome, PartnerRole, RegionCategory
from urbact_calls.organisations.models import Organisation
from urbact_calls.web.pages import Page, continued, page_of

APPROVALS = (DecisionOutcome.APPROVED, DecisionOutcome.APPROVED_WITH_CONDITIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomLine:
    """One place of the sealed ranking as the committee sees it; `sum_cents` adds up what is approved so far, and the
    line is drawn under the last place that is approved."""

    application: Application
    place: int
    total_points: int
    is_tied: bool
    is_below: bool
    lead: str
    country: str
    sum_cents: int
    decision: Decision | None
    is_after_line: bool

    @property
    def is_approved(self) -> bool:
        return self.decision is not None and self.decision.outcome in APPROVALS


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The share of one region category among the partners: of what is approved, and of all that is ranked."""

    label: str
    approved_bp: int
    ranked_bp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the committee has before it. `line_after` is the reference of the last approved place; `waiting` counts
    decisions that are not announced and `seen` is their `queries.waiting_token`; `undecided` names assessed
    applications that still need one."""

    ranking: Ranking
    page: Page[RoomLine]
    places: int
    approved: int
    approved_cents: int
    line_after: str | None
    balance: Sequence[Balance]
    waiting: int
    seen: str
    undecided: Sequence[str]


def room(session: Session, call: Call, *, sees_recorded: bool, after: str | None, size: int) -> Room | None:
    """The sealed ranking of a call with the decisions on it; None before it is sealed. A constant number of queries.

    `after` is the reference of the last line of the page before. Without `sees_recorded` only decisions that were
    made known are shown.
    """
    ranking = sealed(session, call.id)
    if ranking is None:
        return None
    counts = _last_decision(sees_recorded)
    approved = _approved(session, call, ranking, counts)
    page = _page(session, ranking, counts, approved, after=after, size=size)
    places, waiting, last = _counts(session, call, ranking)
    return Room(
        ranking=ranking,
        page=page,
        places=places,
        approved=len(approved),
        approved_cents=sum(each.budget_cents for each in approved),
        line_after=approved[-1].reference if approved else None,
        balance=_balance(session, ranking, [each.application_id for each in approved]),
        waiting=waiting if sees_recorded else 0,
        seen=waiting_token(waiting, last) if sees_recorded else "",
        undecided=undecided(session, call.id),
    )


def undecided(session: Session, call_id: int) -> Sequence[str]:
    """References of assessed applications without a decision that waits to be announced: the first of them, and
    "more" if there are others."""
    waits = exists().where(Decision.application_id == Application.id, Decision.announced_at.is_(None))
    found = session.scalars(
        select(Application.reference)
        .where(Application.call_id == call_id, Application.state == ApplicationState.ASSESSED, ~waits)
        .order_by(Application.number)
        .limit(NAMED + 1)
    ).all()
    return named(found)


def _last_decision(sees_recorded: bool) -> ColumnElement[bool]:
    """That a decision is the one that counts: the last on its application which this reader may know."""
    later = aliased(Decision)
    after_it = [later.application_id == Decision.application_id, later.id > Decision.id]
    if sees_recorded:
        return ~exists().where(*after_it)
    known = Decision.announced_at.is_not(None)
    return and_(known, ~exists().where(*after_it, later.announced_at.is_not(None)))


@dataclass(frozen=True, slots=True)
class _Approved:
    """An approved application: where it stands, and its total budget as it was handed in last."""

    application_id: int
    reference: str
    place: int
    budget_cents: int


def _approved(session: Session, call: Call, ranking: Ranking, counts: ColumnElement[bool]) -> list[_Approved]:
    """What is approved so far, in the order of the ranking; a call founds some dozens of networks."""
    rows = session.execute(
        select(Application.id, Application.reference, Place.place, func.coalesce(Submission.budget_cents, 0))
        .select_from(Decision)
        .join(Decision.meeting)
        .join(Application, Application.id == Decision.application_id)
        .join(Place, and_(Place.application_id == Application.id, Place.ranking_id == ranking.id))
        .join(
            Submission,
            and_(Submission.application_id == Application.id, Submission.number == Application.submission_count),
        )
        .where(Meeting.call_id == call.id, Decision.outcome.in_(APPROVALS), counts)
        .order_by(Place.place, Application.reference)
    )
    return [_Approved(*row) for row in rows]


def _page(  # noqa: PLR0913 -- what a page depends on
    session: Session,
    ranking: Ranking,
    counts: ColumnElement[bool],
    approved: Sequence[_Approved],
    *,
    after: str | None,
    size: int,
) -> Page[RoomLine]:
    of_ranking = select(Place).join(Place.application).where(Place.ranking_id == ranking.id)
    last = None if after is None else of_ranking.where(Application.reference == after)
    query = continued(session, of_ranking, (Place.place, Application.reference), last)
    query = query.options(contains_eager(Place.application)).limit(size + 1)
    places = session.scalars(query).all()
    ids = [place.application_id for place in places]
    decisions = {
        decision.application_id: decision
        for decision in session.scalars(select(Decision).where(Decision.application_id.in_(ids), counts))
    }
    leads = _leads(session, ids)
    lines = [_line(place, decisions.get(place.application_id), leads, approved) for place in places]
    return page_of(lines, size=size, key=lambda line: line.application.reference)


def _line(
    place: Place, decision: Decision | None, leads: Mapping[int, tuple[str, str]], approved: Sequence[_Approved]
) -> RoomLine:
    here = (place.place, place.application.reference)
    city, country = leads.get(place.application_id, ("", ""))
    return RoomLine(
        application=place.application,
        place=place.place,
        total_points=place.total_points,
        is_tied=place.is_tied,
        is_below=place.is_below_threshold,
        lead=city,
        country=country,
        sum_cents=sum(each.budget_cents for each in approved if (each.place, each.reference) <= here),
        decision=decision,
        is_after_line=bool(approved) and (approved[-1].place, approved[-1].reference) < here,
    )


def _leads(session: Session, application_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    rows = session.execute(
        select(Partner.application_id, Organisation.seat_city, Organisation.country)
        .join(Partner.organisation)
        .where(Partner.application_id.in_(application_ids), Partner.role == PartnerRole.LEAD)
    )
    return {row.application_id: (row.seat_city, row.country) for row in rows}


def _counts(session: Session, call: Call, ranking: Ranking) -> tuple[int, int, datetime | None]:
    """How many applications have a place, how many decisions are not announced, and when the last was recorded."""
    places = select(func.count(Place.id)).where(Place.ranking_id == ranking.id).scalar_subquery()
    ranked, waiting, last = session.execute(
        select(places, func.count(Decision.id), func.max(Decision.recorded_at))
        .join(Decision.meeting)
        .where(Meeting.call_id == call.id, Decision.announced_at.is_(None))
    ).one()
    return ranked, waiting, last


def _balance(session: Session, ranking: Ranking, approved_ids: Sequence[int]) -> list[Balance]:
    ranked = ranking.partners_by_category
    approved = partners_by_category(session, Partner.application_id.in_(approved_ids)) if approved_ids else {}
    return [
        Balance(
            label=category.label,
            approved_bp=_share_bp(approved.get(category, 0), sum(approved.values())),
            ranked_bp=_share_bp(ranked.get(category, 0), sum(ranked.values())),
        )
        for category in RegionCategory
    ]


def _share_bp(part: int, whole: int) -> int:
    """Whole percents in basis points, rounded down; zero of nothing."""
    return part * 100 // whole * 100 if whole else 0
