"""What can wait for the Joint Secretariat, the Monitoring Committee, and those who watch the workers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select

from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application, Submission
from urbact_calls.assessment.models import Allocation, Ranking
from urbact_calls.calls.models import Call
from urbact_calls.dashboards.kinds import (
    NAME,
    NO_DUE,
    NO_TERMS,
    TOTAL,
    applications,
    conditions_due,
    requests,
)
from urbact_calls.dashboards.waiting import AnySelect, Kind, decision_date
from urbact_calls.decisions.models import Decision
from urbact_calls.domain.permissions import Actor, administrator, committee, office
from urbact_calls.domain.vocabulary import (
    ApplicationState,
    ExpertProfileState,
    FindingOutcome,
    JobState,
    ReportKind,
    Tone,
)
from urbact_calls.eligibility.models import Report, ReportFinding
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.jobs import Job
from urbact_calls.organisations.models import Membership

OFFICE, COMMITTEE, WORKERS = "Joint Secretariat", "Monitoring Committee", "Workers"


def _requests_nobody_can_answer(actor: Actor, now: datetime) -> AnySelect:
    manager = Membership.__table__.alias("manager")
    managed = exists().where(
        manager.c.organisation_id == Membership.organisation_id,
        manager.c.is_manager,
        manager.c.accepted_at.is_not(None),
    )
    return requests(~managed)


def _findings(actor: Actor, now: datetime) -> AnySelect:
    """Applications whose official report on the last submission has findings that wait for a person."""
    open_findings = func.count(ReportFinding.id)
    return (
        select(
            NAME.label("label"),
            Application.reference.label("detail"),
            Application.reference.label("key"),
            NO_DUE,
            NO_TERMS,
            func.sum(open_findings).over().label("total"),
        )
        .select_from(ReportFinding)
        .join(Report, Report.id == ReportFinding.report_id)
        .join(Submission, Submission.id == Report.submission_id)
        .join(Application, Application.id == Report.application_id)
        .join(Call, Call.id == Application.call_id)
        .where(
            Report.kind == ReportKind.OFFICIAL,
            Application.state == ApplicationState.SUBMITTED,
            Submission.number == Application.submission_count,
            ReportFinding.outcome == FindingOutcome.TO_BE_CHECKED,
            ReportFinding.settled_outcome.is_(None),
        )
        .group_by(Application.id, Call.id)
        .order_by(Call.closes_at, Application.id)
    )


def _to_declare(actor: Actor, now: datetime) -> AnySelect:
    return applications(None, Application.state == ApplicationState.SUBMITTED, Call.closes_at < now)


def _to_allocate(actor: Actor, now: datetime) -> AnySelect:
    """Eligible applications with fewer assessors than their call asks for."""
    given = (
        select(func.count(Allocation.id))
        .where(Allocation.application_id == Application.id, Allocation.released_at.is_(None))
        .correlate(Application)
        .scalar_subquery()
    )
    needed = Call.terms["assessors_per_application"].as_integer()
    rows = applications(None, Application.state == ApplicationState.ELIGIBLE, given < needed)
    # It is done on the page of the call, so that is where the link leads.
    return rows.with_only_columns(
        NAME.label("label"), Application.reference.label("detail"), Call.code.label("key"), NO_DUE, NO_TERMS, TOTAL
    )


def _of_calls(*conditions: ColumnElement[bool]) -> AnySelect:
    """Calls with the number of their applications that are meant, the first to close first."""
    number = func.count(Application.id)
    return (
        select(
            Call.title.label("label"),
            Call.code.label("detail"),
            Call.code.label("key"),
            NO_DUE,
            func.max(Call.id).label("call_id"),
            func.sum(number).over().label("total"),
        )
        .join(Application, Application.call_id == Call.id)
        .where(*conditions)
        .group_by(Call.id)
        .order_by(Call.closes_at, Call.id)
    )


def _with_terms(grouped: AnySelect) -> AnySelect:
    """The same calls with their terms, which a database cannot group by."""
    counted = grouped.subquery()
    return (
        select(
            counted.c.label,
            counted.c.detail,
            counted.c.key,
            counted.c.due,
            Call.terms.label("terms"),
            counted.c.total,
        )
        .join(Call, Call.id == counted.c.call_id)
        .order_by(Call.closes_at, Call.id)
    )


def _unranked(actor: Actor, now: datetime) -> AnySelect:
    """Assessed applications of calls whose ranking was never sealed."""
    sealed = exists().where(Ranking.call_id == Application.call_id)
    return _with_terms(_of_calls(Application.state == ApplicationState.ASSESSED, ~sealed))


def _undecided(actor: Actor, now: datetime) -> AnySelect:
    decided = exists().where(Decision.application_id == Application.id, Decision.announced_at.is_(None))
    sealed = exists().where(Ranking.call_id == Application.call_id)
    return _with_terms(_of_calls(Application.state == ApplicationState.ASSESSED, sealed, ~decided))


def _to_announce(actor: Actor, now: datetime) -> AnySelect:
    waits = exists().where(Decision.application_id == Application.id, Decision.announced_at.is_(None))
    return _with_terms(_of_calls(waits))


def _conditions(actor: Actor, now: datetime) -> AnySelect:
    return applications(conditions_due(), Application.state == ApplicationState.APPROVED_WITH_CONDITIONS)


def _profiles(actor: Actor, now: datetime) -> AnySelect:
    return (
        select(
            User.name.label("label"),
            literal("").label("detail"),
            ExpertProfile.id.label("key"),
            NO_DUE,
            NO_TERMS,
            TOTAL,
        )
        .join(User, User.id == ExpertProfile.user_id)
        .where(ExpertProfile.state == ExpertProfileState.SUBMITTED)
        .order_by(ExpertProfile.submitted_at, ExpertProfile.id)
    )


def _dead_jobs(actor: Actor, now: datetime) -> AnySelect:
    uncertain = and_(Job.state == JobState.SENDING, Job.lease_until < now)
    return (
        select(
            Job.kind.label("label"),
            Job.object_ref.label("detail"),
            Job.id.label("key"),
            NO_DUE,
            NO_TERMS,
            TOTAL,
        )
        .where(or_(Job.state == JobState.DEAD, uncertain))
        .order_by(Job.id)
    )


KINDS = (
    Kind(
        desk=OFFICE,
        permission=office,
        one="finding to settle",
        many="findings to settle",
        rows=_findings,
        page="eligibility.show",
        all="eligibility.index",
    ),
    Kind(
        desk=OFFICE,
        permission=office,
        one="application to declare eligible or not",
        many="applications to declare eligible or not",
        rows=_to_declare,
        page="eligibility.show",
        all="eligibility.index",
    ),
    Kind(
        desk=OFFICE,
        permission=office,
        one="eligible application to allocate",
        many="eligible applications to allocate",
        rows=_to_allocate,
        page="assessment.call",
        argument="code",
        all="assessment.index",
    ),
    Kind(
        desk=OFFICE,
        permission=office,
        one="assessed application to rank",
        many="assessed applications to rank",
        rows=_unranked,
        page="assessment.ranking",
        argument="code",
        all="assessment.index",
        deadline=decision_date,
    ),
    Kind(
        desk=OFFICE,
        permission=office,
        one="ranked application without a decision",
        many="ranked applications without a decision",
        rows=_undecided,
        page="decisions.call",
        argument="code",
        all="decisions.index",
        deadline=decision_date,
    ),
    Kind(
        desk=OFFICE,
        permission=office,
        one="decision to announce",
        many="decisions to announce",
        rows=_to_announce,
        page="decisions.call",
        argument="code",
        all="decisions.index",
        deadline=decision_date,
    ),
    Kind(
        desk=OFFICE,
        permission=office,
        one="application whose conditions must be checked",
        many="applications whose conditions must be checked",
        rows=_conditions,
        page="casework.application",
        all="eligibility.index",
    ),
    Kind(
        desk=OFFICE,
        permission=office,
        one="expert profile to validate",
        many="expert profiles to validate",
        rows=_profiles,
        page="experts.show",
        argument="profile_id",
        all="experts.index",
    ),
    Kind(
        desk=OFFICE,
        permission=office,
        one="request to join an organisation that has no manager",
        many="requests to join organisations that have no manager",
        rows=_requests_nobody_can_answer,
        page="organisations.show",
        argument="slug",
        all="organisations.index",
    ),
    Kind(
        desk=COMMITTEE,
        permission=committee,
        one="ranked application waits for your decision",
        many="ranked applications wait for your decision",
        rows=_undecided,
        page="decisions.call",
        argument="code",
        all="decisions.index",
        deadline=decision_date,
        tone=Tone.CALM,
    ),
    Kind(
        desk=WORKERS,
        permission=office | administrator,
        one="job of the workers that is dead or uncertain",
        many="jobs of the workers that are dead or uncertain",
        rows=_dead_jobs,
        page="notifications.job",
        argument="job_id",
        all="notifications.jobs",
        tone=Tone.BAD,
    ),
)
"""In the order of the work."""
