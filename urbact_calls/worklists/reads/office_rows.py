"""Worklist rows of the Joint Secretariat, the committee and those who look after jobs: what each row is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.interests import not_competing, not_own
from urbact_calls.assessment.models import Allocation, Ranking
from urbact_calls.calls.models import Call
from urbact_calls.calls.reads import closed_calls
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.decisions.outcomes.reads import WAITS
from urbact_calls.domain.permissions import Actor, administrator, committee, national_point, office
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.vocabulary import ApplicationState, JobState, ReportKind, Tone
from urbact_calls.jobs import Job
from urbact_calls.organisations.models import Membership, Organisation
from urbact_calls.organisations.reads import confirmable_by
from urbact_calls.subjects import is_not_own, names_of
from urbact_calls.worklists.reads.applicant_rows import (
    NAME,
    ORGANISATION,
    applications,
    conditions_due,
    requests,
    row_columns,
)
from urbact_calls.worklists.reads.expert_rows import EXPERT_OFFICE_ROWS
from urbact_calls.worklists.reads.worklist import AnySelect, Instant, RowKind, RowPage


def _requests_nobody_can_answer(actor: Actor, now: Instant) -> AnySelect:
    manager = Membership.__table__.alias("manager")
    managed = exists().where(
        manager.c.organisation_id == Membership.organisation_id,
        manager.c.is_manager,
        manager.c.accepted_at.is_not(None),
    )
    is_own = or_(Membership.user_id == actor.user_id, Membership.organisation_id.in_(actor.organisation_ids))
    return requests(~managed, ~is_own)


def _managers_to_confirm(actor: Actor, now: Instant) -> AnySelect:
    """Managers of organisations whom nobody has confirmed, the oldest first."""
    return (
        select(*row_columns(User.name, Organisation.name, Organisation.slug))
        .select_from(Membership)
        .join(User, User.id == Membership.user_id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(confirmable_by(actor))
        .order_by(Membership.accepted_at, Membership.id)
    )


def _findings(actor: Actor, now: Instant) -> AnySelect:
    """Applications whose official report on the last submission has findings that wait for a person."""
    # Not "equal", which it is: PostgreSQL expects that of two columns once in 200 rows, and would then go through all
    # applications once for each call.
    is_about_the_last = Application.reported_submission >= Application.submission_count
    return applications(
        None,
        not_own(actor),
        Application.state == ApplicationState.SUBMITTED,
        Application.report_kind == ReportKind.OFFICIAL,
        is_about_the_last,
        Application.open_findings > 0,
        total=func.sum(Application.open_findings).over(),
    )


def _to_declare(actor: Actor, now: Instant) -> AnySelect:
    is_over = Application.call_id.in_(closed_calls(now))
    return applications(None, not_own(actor), Application.state == ApplicationState.SUBMITTED, is_over)


def _to_allocate(actor: Actor, now: Instant) -> AnySelect:
    """Eligible applications with fewer assessors than their call asks for."""
    given = (
        select(func.count())
        .select_from(Allocation)
        .where(Allocation.application_id == Application.id, Allocation.released_at.is_(None))
        .correlate(Application)
        .scalar_subquery()
    )
    # The terms are long: they are opened once for each call, not once for each application.
    needed = (
        select(Call.id, Call.terms["assessors_per_application"].as_integer().label("assessors"))
        .cte("needed")
        .prefix_with("MATERIALIZED")
    )
    rows = applications(
        None,
        not_competing(actor, Application.call_id),
        Application.state == ApplicationState.ELIGIBLE,
        given < needed.c.assessors,
    ).join(needed, needed.c.id == Application.call_id)
    # It is done on the page of the call, so that is where the link leads.
    return rows.with_only_columns(*row_columns(NAME, Application.reference, Call.code))


def _of_calls(actor: Actor, *conditions: ColumnElement[bool]) -> AnySelect:
    """Calls with the number of their applications that are meant and the day of the decisions, the first to close
    first; none in which the actor competes."""
    counted = (
        select(Application.call_id, func.count().label("number"))
        .where(*conditions, not_competing(actor, Application.call_id))
        .group_by(Application.call_id)
        .subquery()
    )
    decided_on, total = Call.terms["decision_date"].as_string(), func.sum(counted.c.number).over()
    return (
        select(*row_columns(Call.title, Call.code, Call.code, due=decided_on, total=total))
        .join(counted, counted.c.call_id == Call.id)
        .order_by(Call.closes_at, Call.id)
    )


def _unranked(actor: Actor, now: Instant) -> AnySelect:
    """Assessed applications of calls whose ranking was never sealed."""
    sealed = exists().where(Ranking.call_id == Application.call_id)
    return _of_calls(actor, Application.state == ApplicationState.ASSESSED, ~sealed)


def _undecided(actor: Actor, now: Instant) -> AnySelect:
    decided = exists().where(Decision.application_id == Application.id, Decision.announced_at.is_(None))
    sealed = exists().where(Ranking.call_id == Application.call_id)
    return _of_calls(actor, Application.state == ApplicationState.ASSESSED, sealed, ~decided)


def _to_announce(actor: Actor, now: Instant) -> AnySelect:
    return _of_calls(actor, exists().where(Decision.application_id == Application.id, WAITS))


def _conditions(actor: Actor, now: Instant) -> AnySelect:
    is_so = Application.state == ApplicationState.APPROVED_WITH_CONDITIONS
    return applications(conditions_due(), not_competing(actor, Application.call_id), is_so)


def _dead_jobs(actor: Actor, now: Instant) -> AnySelect:
    uncertain = and_(Job.state == JobState.SENDING, Job.lease_until < now)
    return (
        select(*row_columns(Job.kind, (Job.subject_kind + ":" + cast(Job.subject_id, String)), Job.id))
        .where(or_(Job.state == JobState.DEAD, uncertain), is_not_own(Job, actor))
        .order_by(Job.id)
    )


def _about(session: Session, details: Collection[str], actor: Actor) -> Mapping[str, str]:
    """Labels of the subjects of jobs."""
    subjects = {text: Subject(SubjectKind(text.split(":")[0]), int(text.split(":")[1])) for text in details}
    names = names_of(session, subjects.values(), actor)
    return {text: names[subject].label for text, subject in subjects.items()}


CHECK = RowPage("eligibility.show", all="eligibility.index")
ALLOCATIONS = RowPage("assessment.call", all="assessment.index", argument="code")
RANKING = RowPage("assessment.ranking", all="assessment.index", argument="code")
DECISIONS = RowPage("decisions.call", all="decisions.index", argument="code")
APPLICATION = RowPage("applications.application", all="eligibility.index")
JOB = RowPage("messages.job", all="messages.jobs", argument="job_id")

_office = partial(RowKind, "Joint Secretariat", office)

OFFICE_ROWS = (
    _office(_findings, CHECK, one="finding to settle", many="findings to settle"),
    _office(
        _to_declare, CHECK, one="application to declare eligible or not", many="applications to declare eligible or not"
    ),
    _office(
        _to_allocate, ALLOCATIONS, one="eligible application to allocate", many="eligible applications to allocate"
    ),
    _office(_unranked, RANKING, one="assessed application to rank", many="assessed applications to rank"),
    _office(
        _undecided,
        DECISIONS,
        one="ranked application without a decision",
        many="ranked applications without a decision",
    ),
    _office(_to_announce, DECISIONS, one="decision to announce", many="decisions to announce"),
    _office(
        _conditions,
        APPLICATION,
        one="application whose conditions must be checked",
        many="applications whose conditions must be checked",
    ),
    *EXPERT_OFFICE_ROWS,
    _office(
        _requests_nobody_can_answer,
        ORGANISATION,
        one="request to join an organisation that has no manager",
        many="requests to join organisations that have no manager",
    ),
    _office(_managers_to_confirm, ORGANISATION, one="manager to confirm", many="managers to confirm"),
    RowKind(
        "National URBACT Point",
        national_point & ~office,
        _managers_to_confirm,
        ORGANISATION,
        one="manager to confirm",
        many="managers to confirm",
    ),
    RowKind(
        "Monitoring Committee",
        committee,
        _undecided,
        DECISIONS,
        one="ranked application waits for your decision",
        many="ranked applications wait for your decision",
        tone=Tone.CALM,
    ),
    RowKind(
        "Workers",
        office | administrator,
        _dead_jobs,
        JOB,
        one="job of the workers that is dead or uncertain",
        many="jobs of the workers that are dead or uncertain",
        details=_about,
        tone=Tone.BAD,
    ),
)
"""In the order of the work."""
