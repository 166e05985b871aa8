"""Kinds of job for tests, and rows of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from urbact_calls import jobs
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.jobs import Args, BatchWork, Claim, Effect, Job, JobKind, Policy, Queue, Work, announce

# How a worker takes a job; a test can put another way in its place.
RUN = jobs.run


def nothing(claim: Claim[Any]) -> Effect | None:
    return None


def kind(
    monkeypatch: Any,
    name: str,
    work: Work[Any] | BatchWork[Any] = nothing,
    *,
    args: type[Args] = Args,
    policy: Policy = "retry",
    lease: timedelta = timedelta(minutes=2),
    queue: Queue = "fast",
    batch: int | None = None,
    goes_first: bool = False,
) -> str:
    """Registers a kind of job for one test."""
    monkeypatch.setitem(jobs.JOB_KINDS, name, JobKind(name, args, work, policy, lease, queue, batch, goes_first))
    return name


def announced(kind: str, now: datetime, *, key: str = "a job of a test", **options: Any) -> int:
    """A committed job; its id."""
    options.setdefault("args", Args())
    with transaction() as session:
        job_id = announce(session, kind=kind, key=key, now=now, **options)
    assert job_id is not None
    return job_id


def row(job_id: int) -> Job:
    """The row as it is in the database now."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Job, job_id)


def work_off(now: datetime) -> list[str]:
    """Does every job that is due at `now`, and those that come of them, as the workers do; gives their kinds."""
    done: list[str] = []
    waiting = select(Job.kind, Job.id).where(Job.state == JobState.READY, Job.next_at <= now)
    while due := db.session.execute(waiting.order_by(Job.next_at, Job.id)).all():
        for name, job_id in due:
            RUN(job_id, owner="a worker of the tests", clock=lambda: now)
            done.append(name)
        db.session.rollback()
    return done
