"""Reads of the job table: jobs by state, one job, and the messages whose end is uncertain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from urbact_calls.domain.permissions import administrator, office
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.jobs import JOB_KINDS, Job, args_of, is_uncertain
from urbact_calls.messages.models import Delivery, DeliveryArgs
from urbact_calls.subjects import labelled, register

UNCERTAIN_SHOWN = 100


@dataclass(frozen=True, slots=True)
class UncertainDelivery:
    """A message that may or may not have reached its recipient, with the job that was sending it."""

    job: Job
    delivery: Delivery


def counts_by_state(session: Session) -> dict[JobState, int]:
    """How many jobs stand in each state; every state is named."""
    # A result has keys, so that a dictionary would take it for one.
    found = session.execute(select(Job.state, func.count()).group_by(Job.state)).all()
    return dict.fromkeys(JobState, 0) | dict(found)


def jobs_before(session: Session, job_id: int | None, *, state: JobState | None, size: int) -> Sequence[Job]:
    """Up to `size` jobs, newest first, that are older than `job_id`."""
    query = select(Job).order_by(Job.id.desc()).limit(size)
    if job_id is not None:
        query = query.where(Job.id < job_id)
    if state is not None:
        query = query.where(Job.state == state)
    return session.scalars(query).all()


def job_by_id(session: Session, job_id: int) -> Job:
    """One job. Raises NotFound."""
    row = session.get(Job, job_id)
    if row is None:
        raise NotFound(f"job {job_id}")
    return row


def delivery_of(session: Session, row: Job) -> Delivery | None:
    """The message that a job sends, if that is what it does."""
    args = args_of(row) if row.kind in JOB_KINDS else None
    return session.get(Delivery, args.delivery) if isinstance(args, DeliveryArgs) else None


def uncertain_deliveries(session: Session, now: datetime) -> Sequence[UncertainDelivery]:
    """The messages of which nobody knows whether they left, oldest first."""
    sending = select(Job).where(Job.state == JobState.SENDING).order_by(Job.id).limit(UNCERTAIN_SHOWN)
    unknown = [
        (args_of(row), row) for row in session.scalars(sending) if row.kind in JOB_KINDS and is_uncertain(row, now)
    ]
    waiting = {args.delivery: row for args, row in unknown if isinstance(args, DeliveryArgs)}
    found = session.scalars(select(Delivery).where(Delivery.id.in_(waiting)).order_by(Delivery.id))
    return [UncertainDelivery(waiting[delivery.id], delivery) for delivery in found]


register(
    SubjectKind.DELIVERY,
    may_see=office | administrator,
    names=labelled("Message ", Delivery.id, Delivery.id, "correspondence.delivery", "delivery_id"),
)
