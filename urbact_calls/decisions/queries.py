"""Reading decisions. What is recorded and not announced is for the Joint Secretariat and the committee only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from urbact_calls.applications.models import Application
from urbact_calls.assessment.models import Ranking
from urbact_calls.calls.models import Call
from urbact_calls.casework.facts import contributes
from urbact_calls.casework.progress import dates
from urbact_calls.decisions.models import Decision, Meeting
from urbact_calls.domain.permissions import auditor, committee, office
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import ApplicationState, DecisionOutcome
from urbact_calls.domain.workflow.outlook import Milestone
from urbact_calls.subjects import Named, SubjectPolicy, register


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
    return decision.outcome if decision else None


def calls_to_decide(session: Session) -> Sequence[Call]:
    """The calls whose ranking was sealed, the last to close first."""
    sealed = exists().where(Ranking.call_id == Call.id)
    return session.scalars(select(Call).where(sealed).order_by(Call.closes_at.desc(), Call.code)).all()


def meetings(session: Session, call_id: int) -> Sequence[Meeting]:
    """The meetings and written procedures on a call, the last one first."""
    return session.scalars(
        select(Meeting).where(Meeting.call_id == call_id).order_by(Meeting.held_on.desc(), Meeting.id.desc())
    ).all()


def waiting_decision(session: Session, application_id: int) -> Decision | None:
    """The decision on an application that is recorded and not made known yet."""
    return session.scalar(
        select(Decision)
        .where(Decision.application_id == application_id, Decision.announced_at.is_(None))
        .order_by(Decision.id.desc())
        .limit(1)
        .options(joinedload(Decision.meeting))
    )


def waiting_token(count: int, last: datetime | None) -> str:
    """Tells what waits to be announced from what waits later: how many decisions, and when the last was recorded."""
    return f"{count}:{last.isoformat()}" if last else ""


def token(decision: Decision | None) -> str:
    """Tells two recordings of a decision apart, so that nobody overwrites one unseen."""
    return f"{decision.id}:{decision.recorded_at.isoformat()}" if decision else ""


def _names(session: Session, ids: Collection[int]) -> Mapping[int, Named]:
    rows = session.execute(
        select(Decision.id, Application.reference).join(Decision.application).where(Decision.id.in_(ids))
    )
    return {number: Named(f"Decision on {reference}") for number, reference in rows}


# Applicants must not find an unannounced decision in the record.
register(SubjectPolicy(kind=SubjectKind.DECISION, may_see=office | auditor | committee, names=_names))


@contributes(
    "announced_outcome", states=(ApplicationState.ASSESSED, ApplicationState.RESERVE, ApplicationState.POSTPONED)
)
def case_facts(session: Session, application: Application) -> Mapping[str, object]:
    """What was made known of the committee's decision."""
    return {"announced_outcome": announced_outcome(session, application.id)}


@contributes("complaint_upheld", states=(ApplicationState.INELIGIBLE, ApplicationState.NOT_APPROVED))
def complaints(session: Session, application: Application) -> Mapping[str, object]:
    """Complaints are not kept in the program yet: the steps that need one upheld stay closed."""
    return {"complaint_upheld": False}


@dates(Milestone.CONDITIONS, states=(ApplicationState.APPROVED_WITH_CONDITIONS,))
def conditions_due(session: Session, application_ids: Collection[int]) -> Mapping[int, date | None]:
    """The day until which the conditions of the last decision that was made known must be met; one query."""
    due = session.execute(
        select(Decision.application_id, Decision.conditions_due_on)
        .where(Decision.application_id.in_(application_ids), Decision.announced_at.is_not(None))
        .order_by(Decision.announced_at, Decision.id)
    )
    return dict(due.all())
