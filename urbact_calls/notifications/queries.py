"""Reading the job table and the log of messages."""

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
from urbact_calls.jobs import KINDS, Job, args_of, is_uncertain
from urbact_calls.notifications.models import Delivery, DeliveryArgs, MutedEmail
from urbact_calls.subjects import SubjectPolicy, labelled, register

UNCERTAIN_SHOWN = 100


@dataclass(frozen=True, slots=True)
class UncertainDelivery:
    """A message that may or may not have reached its recipient, with the job that was sending it."""

    job: Job
    delivery: Delivery


def counts_by_state(session: Session) -> dict[JobState, int]:
    """How many jobs stand in each state; every state is named."""
    found = session.execute(select(Job.state, func.count()).group_by(Job.state))
    counts = dict.fromkeys(JobState, 0)
    counts.update({state: count for state, count in found})
    return counts


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
    args = args_of(row) if row.kind in KINDS else None
    return session.get(Delivery, args.delivery) if isinstance(args, DeliveryArgs) else None


def uncertain_deliveries(session: Session, now: datetime) -> Sequence[UncertainDelivery]:
    """The messages of which nobody knows whether they left, oldest first."""
    sending = select(Job).where(Job.state == JobState.SENDING).order_by(Job.id).limit(UNCERTAIN_SHOWN)
    unknown = [(args_of(row), row) for row in session.scalars(sending) if row.kind in KINDS and is_uncertain(row, now)]
    waiting = {args.delivery: row for args, row in unknown if isinstance(args, DeliveryArgs)}
    found = session.scalars(select(Delivery).where(Delivery.id.in_(waiting)).order_by(Delivery.id))
    return [UncertainDelivery(waiting[delivery.id], delivery) for delivery in found]


def deliveries_before(session: Session, delivery_id: int | None, *, size: int) -> Sequence[Delivery]:
    """Up to `size` messages, newest first, that are older than `delivery_id`."""
    query = select(Delivery).order_by(Delivery.id.desc()).limit(size)
    if delivery_id is not None:
        query = query.where(Delivery.id < delivery_id)
    return session.scalars(query).all()


def delivery_by_id(session: Session, delivery_id: int) -> Delivery:
    """One message. Raises NotFound."""
    row = session.get(Delivery, delivery_id)
    if row is None:
        raise NotFound(f"delivery {delivery_id}")
    return row


def muted_keys(session: Session, user_id: int) -> frozenset[str]:
    """The kinds of message that a person has switched off."""
    return frozenset(session.scalars(select(MutedEmail.email_key).where(MutedEmail.user_id == user_id)))


register(
    SubjectPolicy(
        kind=SubjectKind.DELIVERY,
        may_see=office | administrator,
        names=labelled("Message ", Delivery.id, Delivery.id, "correspondence.delivery", "delivery_id"),
    )
)
