"""Reads of the job table: jobs by state, one job, and the messages whose end is uncertain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from urbact_calls.database import existing
from urbact_calls.domain.permissions import Actor, administrator, auditor, office
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.jobs import JOB_KINDS, Job, args_of, is_uncertain
from urbact_calls.messages.models import Delivery, DeliveryArgs
from urbact_calls.paging import Page, newest_first
from urbact_calls.subjects import is_not_own, labelled, register

UNCERTAIN_SHOWN = 100


def counts_by_state(session: Session, actor: Actor) -> dict[JobState, int]:
    """How many jobs stand in each state; every state is named. As everywhere here, without jobs about what the actor
    takes part in."""
    # A result has keys, so that a dictionary would take it for one.
    found = session.execute(select(Job.state, func.count()).where(is_not_own(Job, actor)).group_by(Job.state)).all()
    return dict.fromkeys(JobState, 0) | dict(found)


def jobs(session: Session, actor: Actor, *, state: JobState | None, before: int | None, size: int) -> Page[Job]:
    """A page of jobs, newest first, that are older than `before`."""
    query = select(Job).where(is_not_own(Job, actor))
    if state is not None:
        query = query.where(Job.state == state)
    return newest_first(session, query, Job.id, before=before, size=size)


def job_by_id(session: Session, job_id: int, actor: Actor) -> Job:
    """One job. Raises NotFound."""
    return existing(session, select(Job).where(Job.id == job_id, is_not_own(Job, actor)), f"job {job_id}")


def delivery_of(session: Session, row: Job) -> Delivery | None:
    """The message that a job sends, if that is what it does."""
    args = args_of(row) if row.kind in JOB_KINDS else None
    return session.get(Delivery, args.delivery) if isinstance(args, DeliveryArgs) else None


def uncertain_deliveries(session: Session, now: datetime, actor: Actor) -> Sequence[tuple[Job, Delivery]]:
    """The messages of which nobody knows whether they left, oldest first, each after the job that was sending it."""
    sending = select(Job).where(Job.state == JobState.SENDING, is_not_own(Job, actor))
    sending = sending.order_by(Job.id).limit(UNCERTAIN_SHOWN)
    held = [row for row in session.scalars(sending) if row.kind in JOB_KINDS and is_uncertain(row, now)]
    waiting = {args.delivery: row for row in held if isinstance(args := args_of(row), DeliveryArgs)}
    found = session.scalars(select(Delivery).where(Delivery.id.in_(waiting)).order_by(Delivery.id))
    return [(waiting[delivery.id], delivery) for delivery in found]


register(
    SubjectKind.DELIVERY,
    may_see=office | auditor | administrator,
    may_open=office | administrator,
    names=labelled("Message ", Delivery.id, Delivery.id, "messages.delivery", "delivery_id"),
    rows=Delivery,
)
register(
    SubjectKind.JOB,
    may_see=office | auditor | administrator,
    may_open=office | administrator,
    names=labelled("Job ", Job.id, Job.id, "messages.job", "job_id"),
    rows=Job,
)
