"""Reads of decisions: the decision page of a call, and what is announced.

What is recorded only is for the office and the committee.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from urbact_calls.applications.models import Application, Partner
from urbact_calls.applications.submission.models import Submission
from urbact_calls.applications.submission.reads.decided import REASONS, Reason, Share, ShownDecision, decides
from urbact_calls.applications.submission.reads.facts import contributes
from urbact_calls.applications.submission.reads.progress import dates
from urbact_calls.assessment.models import RankedPlace, Ranking
from urbact_calls.assessment.ranking.reads import partners_by_category, references_of, sealed
from urbact_calls.assessment.reads import agreed_sheet, with_lead_place
from urbact_calls.calls.models import Call
from urbact_calls.calls.publication.reads.announcement import tells_announcements
from urbact_calls.decisions.meetings.models import Meeting
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.domain.permissions import Actor, auditor, committee, office
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import ApplicationState, DecisionOutcome, RegionCategory
from urbact_calls.domain.words import PARIS, points
from urbact_calls.domain.workflow.status import Milestone
from urbact_calls.paging import Page, continued, page_of
from urbact_calls.record.reads.field_words import FieldWords, describes
from urbact_calls.subjects import labelled, register

WAITS = and_(Decision.announcement_id.is_(None), Decision.announced_at.is_(None))
"""That a decision is recorded only: it can be corrected, and the next announcement takes it."""
BEING_ANNOUNCED = and_(Decision.announcement_id.is_not(None), Decision.announced_at.is_(None))
"""That a decision is part of an announcement and not known yet: it stays as it is."""


def announced_decision(session: Session, application_id: int) -> Decision | None:
    """The last decision on an application that was made known, with its meeting."""
    return _last_of(session, application_id, Decision.announced_at.is_not(None))


def unannounced_decision(session: Session, application_id: int) -> Decision | None:
    """The decision on an application that is recorded and waits to be announced, with its meeting."""
    return _last_of(session, application_id, WAITS)


def is_being_announced(session: Session, application_id: int) -> bool:
    """Whether a decision on an application is announced and its step not taken yet."""
    query = select(Decision.id).where(Decision.application_id == application_id, BEING_ANNOUNCED)
    return session.scalar(query.limit(1)) is not None


def _last_of(session: Session, application_id: int, wanted: ColumnElement[bool]) -> Decision | None:
    decisions = select(Decision).where(Decision.application_id == application_id, wanted)
    last = decisions.order_by(Decision.announced_at.desc(), Decision.id.desc()).limit(1)
    return session.scalar(last.options(joinedload(Decision.meeting)))


def recorded_by(session: Session, call_id: int, actor: Actor) -> Sequence[str]:
    """References of the applications of a call on which this person recorded a decision that waits: a colleague
    announces it. Of many the first, and "more"."""
    own = exists().where(Decision.application_id == Application.id, WAITS, Decision.recorded_by == actor.user_id)
    return references_of(session, Application.call_id == call_id, own)


def announced_outcome(session: Session, application_id: int) -> DecisionOutcome | None:
    """The last outcome that was made known; None while there is none."""
    decision = announced_decision(session, application_id)
    return decision.outcome if decision else None


_REFERENCE = select(Application.reference).where(Application.id == Decision.application_id).scalar_subquery()

# Applicants must not find an unannounced decision in the record.
register(
    SubjectKind.DECISION,
    may_see=office | auditor | committee,
    names=labelled("Decision on ", _REFERENCE, Decision.id),
    involved=lambda interests: (
        select(Decision.id).join(Decision.application).where(Application.call_id.in_(interests.calls))
    ),
    part_of={
        SubjectKind.APPLICATION: lambda number: select(Decision.id).where(Decision.application_id == number),
    },
)


@describes(SubjectKind.DECISION)
def _field(name: str) -> FieldWords | None:
    if name == "announced":
        return FieldWords("Announced")
    what, _, meeting = name.partition(":")
    return FieldWords(f"Decision of {meeting}", lambda code: DecisionOutcome(code).label) if what == "meeting" else None


@contributes(
    "announced_outcome", states=(ApplicationState.ASSESSED, ApplicationState.RESERVE, ApplicationState.POSTPONED)
)
def case_facts(session: Session, application: Application) -> Mapping[str, object]:
    """What was made known of the committee's decision."""
    return {"announced_outcome": announced_outcome(session, application.id)}


MEETING_OF = message("decision.by_meeting", "The Monitoring Committee, meeting {reference} of {held_on}")
PROCEDURE_OF = message("decision.by_procedure", "The Monitoring Committee, written procedure {reference} of {held_on}")
RECORDED_BY = message("decision.recorded_by", "Recorded by {name}, {at}.")
ANNOUNCED_BY = message("decision.announced_by", "Announced by {name}, {at}.")
CONDITIONS_BY = message("decision.conditions_by", "Conditions, to be met by {due_on}")
PANEL = message("decision.panel", "The External Assessment Panel")()
TOTAL = message("decision.panel_total", "{points} of 100 points")
CRITERION = message("decision.panel_criterion", "{title}, {points} of {most} points")
RECOMMENDATIONS = message("decision.panel_recommendations", "Recommendations of the panel")()


@decides
def announced_decisions(session: Session, application: Application) -> Iterable[ShownDecision]:
    """Each decision of the committee that was made known, as its letter told it; the last with what the panel said."""
    # The committee decides on what was assessed.
    if application.assessed_at is None:
        return
    decisions = session.scalars(
        select(Decision)
        .where(Decision.application_id == application.id, Decision.announced_at.is_not(None))
        .order_by(Decision.announced_at.desc(), Decision.id.desc())
        .options(joinedload(Decision.meeting))
    ).all()
    for decision in decisions:
        if decision.announced_at is None:
            continue
        reasons: list[Reason] = [(REASONS, decision.reasons)]
        if decision.conditions and decision.conditions_due_on:
            reasons.append((CONDITIONS_BY(due_on=decision.conditions_due_on), decision.conditions))
        if decision is decisions[0]:
            reasons += _said_by_the_panel(session, application)
        by = PROCEDURE_OF if decision.meeting.is_written_procedure else MEETING_OF
        yield ShownDecision(
            title=decision.outcome.text,
            by=by(reference=decision.meeting.reference, held_on=decision.meeting.held_on),
            at=decision.announced_at,
            reasons=tuple(reasons),
            shares=(
                Share(RECORDED_BY, decision.recorded_by, decision.recorded_at),
                Share(ANNOUNCED_BY, decision.announced_by, decision.announced_at),
            ),
        )


def _said_by_the_panel(session: Session, application: Application) -> Iterable[Reason]:
    sheet = agreed_sheet(session, application)
    if sheet is None or sheet.total_points is None:
        return
    yield PANEL, TOTAL(points=points(sheet.total_points, sheet.scale_max))
    for title, given, comment in sheet.criteria:
        yield CRITERION(title=title, points=given or 0, most=sheet.scale_max), comment
    if sheet.recommendation:
        yield RECOMMENDATIONS, sheet.recommendation


@tells_announcements
def announced_on(session: Session, call_ids: Collection[int]) -> Mapping[int, date]:
    """The day on which the first decisions of some calls were made known; one query."""
    rows = session.execute(
        select(Meeting.call_id, func.min(Decision.announced_at))
        .join(Decision.meeting)
        .where(Meeting.call_id.in_(call_ids))
        .group_by(Meeting.call_id)
    )
    return {call_id: at.astimezone(PARIS).date() for call_id, at in rows if at is not None}


@dates(Milestone.CONDITIONS, states=(ApplicationState.APPROVED_WITH_CONDITIONS,))
def conditions_due(session: Session, application_ids: Collection[int]) -> Mapping[int, date | None]:
    """The day until which the conditions of the last decision that was made known must be met; one query."""
    due = session.execute(
        select(Decision.application_id, Decision.conditions_due_on)
        .where(Decision.application_id.in_(application_ids), Decision.announced_at.is_not(None))
        .order_by(Decision.announced_at, Decision.id)
    )
    return dict(due.all())


def decision_token(decision: Decision | None) -> str:
    """The version of a recorded decision, so that nobody overwrites one unseen."""
    return f"{decision.id}:{decision.recorded_at.isoformat()}" if decision else ""


# An approval that came to nothing leaves its place to another network.
_GIVEN_BACK = (ApplicationState.NOT_APPROVED, ApplicationState.INELIGIBLE, ApplicationState.WITHDRAWN)
APPROVALS = (DecisionOutcome.APPROVED, DecisionOutcome.APPROVED_WITH_CONDITIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The share of one region category among the partners: of what is approved, and of all that is ranked."""

    label: str
    approved_bp: int
    ranked_bp: int


def undecided(session: Session, call_id: int) -> Sequence[str]:
    """References of assessed applications without a decision that waits or is being announced: of many the first, and
    "more"."""
    decided = exists().where(Decision.application_id == Application.id, Decision.announced_at.is_(None))
    return references_of(
        session, Application.call_id == call_id, Application.state == ApplicationState.ASSESSED, ~decided
    )


def _last_decision(sees_recorded: bool) -> ColumnElement[bool]:
    """That a decision is the one that counts: the last on its application which this reader may know."""
    later = aliased(Decision)
    after_it = [later.application_id == Decision.application_id, later.id > Decision.id]
    if sees_recorded:
        return ~exists().where(*after_it)
    known = Decision.announced_at.is_not(None)
    return and_(known, ~exists().where(*after_it, later.announced_at.is_not(None)))


def networks_approved(session: Session, call_id: int, *, besides: int) -> int:
    """How many networks of a call the committee has approved, announced or not, one application left aside."""
    query = (
        select(func.count(Decision.id))
        .join(Application, Application.id == Decision.application_id)
        .where(
            Application.call_id == call_id,
            Application.id != besides,
            Application.state.not_in(_GIVEN_BACK),
            Decision.outcome.in_(APPROVALS),
            _last_decision(sees_recorded=True),
        )
    )
    return session.scalar(query) or 0


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
        select(Application.id, Application.reference, RankedPlace.place, func.coalesce(Submission.budget_cents, 0))
        .select_from(Decision)
        .join(Decision.meeting)
        .join(Application, Application.id == Decision.application_id)
        .join(RankedPlace, and_(RankedPlace.application_id == Application.id, RankedPlace.ranking_id == ranking.id))
        .join(
            Submission,
            and_(Submission.application_id == Application.id, Submission.number == Application.submission_count),
        )
        .where(Meeting.call_id == call.id, Decision.outcome.in_(APPROVALS), counts)
        .order_by(RankedPlace.place, Application.reference)
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
) -> Page[DecisionLine]:
    of_ranking: Select[*tuple[Any, ...]] = (
        select(*_PLACE).join(RankedPlace.application).where(RankedPlace.ranking_id == ranking.id)
    )
    last = None if after is None else of_ranking.where(Application.reference == after)
    query = continued(session, of_ranking, (RankedPlace.place, Application.reference), last)
    query = query.outerjoin(Decision, and_(Decision.application_id == Application.id, counts))
    places = session.execute(with_lead_place(query.add_columns(*_DECISION)).limit(size + 1)).all()

    above = [(each.place, each.reference) for each in approved]
    sums = [0, *accumulate(each.budget_cents for each in approved)]

    def line(place: Row[*tuple[Any, ...]]) -> DecisionLine:
        here = (place.place, place.reference)
        return DecisionLine(
            place=place,
            sum_cents=sums[bisect_right(above, here)],
            is_after_line=bool(above) and above[-1] < here,
        )

    return page_of([line(each) for each in places], size=size, key=lambda line: str(line.place.reference))


_PLACE = (
    *(RankedPlace.place, RankedPlace.total_points, RankedPlace.is_tied, RankedPlace.is_below_threshold),
    *(Application.reference, Application.acronym, Application.title, Application.state),
)
_DECISION = (Decision.outcome, Decision.announced_at, Decision.announcement_id)


def _counts(session: Session, call: Call, ranking: Ranking, actor: Actor) -> tuple[int, int, int, int]:
    """How many applications have a place, how many decisions wait and are being announced, and how many of those that
    wait this person has recorded."""
    places = select(func.count(RankedPlace.id)).where(RankedPlace.ranking_id == ranking.id).scalar_subquery()
    counted = (WAITS, BEING_ANNOUNCED, and_(WAITS, Decision.recorded_by == actor.user_id))
    ranked, waiting, being_announced, own = session.execute(
        select(places, *(func.count(case((condition, 1))) for condition in counted))
        .join(Decision.meeting)
        .where(Meeting.call_id == call.id, Decision.announced_at.is_(None))
    ).one()
    return ranked, waiting, being_announced, own


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLine:
    """One place of the sealed ranking as the committee sees it; `sum_cents` adds up what is approved so far, and the
    line is drawn under the last place that is approved.

    `place` has the columns of `_PLACE` and of `_DECISION`, and `seat_city` and `country` of the lead partner.
    """

    place: Row[*tuple[Any, ...]]
    sum_cents: int
    is_after_line: bool

    @property
    def is_open(self) -> bool:
        """Whether a decision can be recorded, or corrected: none is being announced."""
        return self.place.announcement_id is None or self.place.announced_at is not None

    @property
    def is_approved(self) -> bool:
        return self.place.outcome in APPROVALS


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPage:
    """What the committee has before it. `line_after` is the reference of the last approved place; `unannounced` counts
    decisions that wait, `own` those of them that its reader has recorded, and `being_announced` those whose steps are
    not taken yet; `undecided` names assessed applications that still need one."""

    ranking: Ranking
    page: Page[DecisionLine]
    places: int
    approved: int
    approved_cents: int
    line_after: str | None
    balance: Sequence[Balance]
    unannounced: int
    own: int
    being_announced: int
    undecided: Sequence[str]


def decision_page(
    session: Session, call: Call, actor: Actor, *, sees_recorded: bool, after: str | None, size: int
) -> DecisionPage | None:
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
    places, unannounced, being_announced, own = _counts(session, call, ranking, actor)
    return DecisionPage(
        ranking=ranking,
        page=page,
        places=places,
        approved=len(approved),
        approved_cents=sum(each.budget_cents for each in approved),
        line_after=approved[-1].reference if approved else None,
        balance=_balance(session, ranking, [each.application_id for each in approved]),
        unannounced=unannounced if sees_recorded else 0,
        own=own if sees_recorded else 0,
        being_announced=being_announced if sees_recorded else 0,
        undecided=undecided(session, call.id),
    )
