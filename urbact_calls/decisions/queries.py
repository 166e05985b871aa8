"""Reading decisions. What is recorded and not announced is for the Joint Secretariat and the committee only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from urbact_calls.applications.models import Application, Partner, Submission
from urbact_calls.assessment.models import Ranking
from urbact_calls.assessment.ranking import sealed
from urbact_calls.calls.models import Call
from urbact_calls.decisions.models import Decision, Meeting
from urbact_calls.domain.vocabulary import ApplicationState, DecisionOutcome, PartnerRole, RegionCategory
from urbact_calls.organisations.models import Organisation

APPROVALS = frozenset({DecisionOutcome.APPROVED, DecisionOutcome.APPROVED_WITH_CONDITIONS})


def announced_decision(session: Session, application_id: int) -> Decision | None:
    """The last decision on an application that was made known, with its meeting."""
    return session.scalar(
        select(Decision)
        .where(Decision.application_id == application_id, Decision.announced_at.is_not(None))
        .order_by(Decision.announced_at.desc(), Decision.id.desc())
        .options(joinedload(Decision.meeting))
        .limit(1)
    )


def announced_outcome(session: Session, application_id: int) -> DecisionOutcome | None:
    """The last outcome that was made known; None while there is none."""
    decision = announced_decision(session, application_id)
    return decision.decided if decision else None


def recorded_outcome(session: Session, application_id: int) -> DecisionOutcome | None:
    """The last outcome that was recorded, made known or not."""
    outcome = session.scalar(
        select(Decision.outcome).where(Decision.application_id == application_id).order_by(Decision.id.desc()).limit(1)
    )
    return DecisionOutcome(outcome) if outcome else None


def calls_to_decide(session: Session) -> Sequence[Call]:
    """The calls whose ranking was sealed, the last to close first."""
    sealed = exists().where(Ranking.call_id == Call.id)
    return session.scalars(select(Call).where(sealed).order_by(Call.closes_at.desc(), Call.code)).all()


def meetings(session: Session, call_id: int) -> Sequence[Meeting]:
    """The meetings and written procedures on a call, the last one first."""
    return session.scalars(
        select(Meeting).where(Meeting.call_id == call_id).order_by(Meeting.held_on.desc(), Meeting.id.desc())
    ).all()


def decisions_of_call(session: Session, call_id: int) -> Mapping[int, Decision]:
    """The last decision on each application of a call, by id of the application, made known or not."""
    rows = session.scalars(
        select(Decision)
        .join(Decision.meeting)
        .where(Meeting.call_id == call_id)
        .order_by(Decision.id)
        .options(contains_eager(Decision.meeting))
    )
    return {decision.application_id: decision for decision in rows}


def waiting_decision(session: Session, application_id: int) -> Decision | None:
    """The decision on an application that is recorded and not made known yet."""
    return session.scalar(
        select(Decision)
        .where(Decision.application_id == application_id, Decision.announced_at.is_(None))
        .order_by(Decision.id.desc())
        .limit(1)
        .options(joinedload(Decision.meeting))
    )


def token(decision: Decision | None) -> str:
    """Tells two recordings of a decision apart, so that nobody overwrites one unseen."""
    return f"{decision.id}:{decision.recorded_at.isoformat()}" if decision else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomLine:
    """One place of the sealed ranking as the committee sees it; `sum_cents` adds up what is approved so far."""

    application: Application
    place: int
    total_points: int
    is_tied: bool
    is_below: bool
    lead: str
    country: str
    budget_cents: int | None
    sum_cents: int
    decision: Decision | None

    @property
    def is_approved(self) -> bool:
        return self.decision is not None and self.decision.decided in APPROVALS


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The share of one region category among the partners: of what is approved, and of all that is ranked."""

    label: str
    approved_bp: int
    ranked_bp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the committee has before it."""

    ranking: Ranking
    lines: Sequence[RoomLine]
    balance: Sequence[Balance]

    @property
    def approved(self) -> int:
        return sum(line.is_approved for line in self.lines)

    @property
    def approved_cents(self) -> int:
        return max((line.sum_cents for line in self.lines), default=0)

    @property
    def undecided(self) -> Sequence[str]:
        """References of assessed applications without a decision that waits to be announced."""
        return [
            line.application.reference
            for line in self.lines
            if line.application.current_state is ApplicationState.ASSESSED and line.decision is None
        ]


def room(session: Session, call: Call, *, sees_recorded: bool) -> Room | None:
    """The sealed ranking of a call with the decisions on it; None before it is sealed. A constant number of queries.

    Without `sees_recorded` only decisions that were made known are shown.
    """
    ranking = sealed(session, call.id)
    if ranking is None:
        return None
    decisions = {
        application_id: decision
        for application_id, decision in decisions_of_call(session, call.id).items()
        if sees_recorded or decision.announced_at is not None
    }
    leads, budgets = _leads(session, call.id), _budgets(session, call.id)
    lines: list[RoomLine] = []
    so_far = 0
    for place in sorted(ranking.places, key=lambda each: (each.place, each.application.reference)):
        decision = decisions.get(place.application_id)
        budget = budgets.get(place.application_id)
        if decision is not None and decision.decided in APPROVALS:
            so_far += budget or 0
        city, country = leads.get(place.application_id, ("", ""))
        lines.append(
            RoomLine(
                application=place.application,
                place=place.place,
                total_points=place.total_points,
                is_tied=place.is_tied,
                is_below=place.is_below_threshold,
                lead=city,
                country=country,
                budget_cents=budget,
                sum_cents=so_far,
                decision=decision,
            )
        )
    return Room(ranking=ranking, lines=lines, balance=_balance(session, lines))


def _leads(session: Session, call_id: int) -> dict[int, tuple[str, str]]:
    rows = session.execute(
        select(Partner.application_id, Organisation.seat_city, Organisation.country)
        .join(Partner.organisation)
        .join(Partner.application)
        .where(Application.call_id == call_id, Partner.role == PartnerRole.LEAD)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _budgets(session: Session, call_id: int) -> dict[int, int]:
    """Total budgets in cents, as they were handed in last."""
    rows = session.execute(
        select(Submission.application_id, Submission.dossier["budget_total"].as_string())
        .join(Submission.application)
        .where(Application.call_id == call_id, Submission.number == Application.submission_count)
    )
    return {application_id: int(cents) for application_id, cents in rows if cents is not None}


def _balance(session: Session, lines: Sequence[RoomLine]) -> list[Balance]:
    rows = session.execute(
        select(Partner.application_id, Organisation.region_category, func.count(Partner.id))
        .join(Partner.organisation)
        .where(Partner.application_id.in_([line.application.id for line in lines]))
        .group_by(Partner.application_id, Organisation.region_category)
    ).all()
    approved_ids = {line.application.id for line in lines if line.is_approved}
    ranked: Counter[str | None] = Counter()
    approved: Counter[str | None] = Counter()
    for application_id, category, count in rows:
        ranked[category] += count
        if application_id in approved_ids:
            approved[category] += count
    return [
        Balance(
            label=category.label,
            approved_bp=_share_bp(approved[category.value], approved.total()),
            ranked_bp=_share_bp(ranked[category.value], ranked.total()),
        )
        for category in RegionCategory
    ]


def _share_bp(part: int, whole: int) -> int:
    """Whole percents in basis points, rounded down; zero of nothing."""
    return part * 100 // whole * 100 if whole else 0
