"""Jobs for the workers: a job is a row, written in the commit of the act that asks for it.

A message of the broker only notifies. It may be lost, late or doubled: the row is claimed with a lease and
an attempt number, the work is done outside any transaction, and its effect and the end of the row are one
commit. So every effect in the database happens exactly once.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, Literal, Protocol, TypeVar, cast

from flask import current_app
from sqlalchemy import ForeignKey, Index, String, and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from urbact_calls.database import Coded, Model, after_commit, db, locked, transaction
from urbact_calls.domain import serialization
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.subject import Subject
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.subjects import PerhapsAbout

UNKNOWN_KIND = message("job.unknown_kind", "This version of the program does not know this kind of job.")
NOT_DEAD = message("job.not_dead", "Only a dead, cancelled or uncertain job can be tried again.")
NOT_WAITING = message("job.not_waiting", "Only a job that waits, is dead or uncertain can be cancelled.")
NOT_UNCERTAIN = message("job.not_uncertain", "Only a job whose end is not known can be settled by hand.")

Policy = Literal["retry", "once"]
Queue = Literal["fast", "slow"]
Effect = Callable[[Session], None]
Clock = Callable[[], datetime]

# With pauses that double up to an hour: a mail server that is away for half a day costs nobody any work.
MOST_ATTEMPTS = 20
LONGEST_WAIT = timedelta(hours=1)
# Work takes much less than a second. What a killed worker had in its hands waits this long for the next one.
LEASE = timedelta(seconds=30)


class Job(PerhapsAbout, Model):
    """One piece of work left to the workers. `key` is its meaning: a second one with the same key cannot exist."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_state_next_at", "state", "next_at"),
        Index("ix_job_subject_kind_subject_id", "subject_kind", "subject_id"),
    )

    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(80))
    args: Mapped[dict[str, Any]]
    state: Mapped[JobState] = mapped_column(Coded(JobState, 12))
    policy: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    owner: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    error_code: Mapped[str | None] = mapped_column(String(80))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))


@dataclass(frozen=True, kw_only=True)
class Args:
    """The arguments of a job. A kind that needs some declares a class of its own, by which they are stored and read."""


@dataclass(frozen=True, kw_only=True)
class OfApplication(Args):
    """The arguments of a job about an application, named by its reference."""

    reference: str


A = TypeVar("A", bound=Args)


@dataclass(frozen=True, slots=True)
class Claim(Generic[A]):
    """A job in the hands of one worker: what to do, since when, for the how-manieth time."""

    job_id: int
    kind: str
    key: str
    stored: dict[str, Any]
    now: datetime
    owner: str
    attempt: int

    @property
    def args(self) -> A:
        """The arguments, as the kind declares them. Read by the work, so that unreadable ones are its failure."""
        return cast(A, serialization.from_json(JOB_KINDS[self.kind].args, self.stored))


Work = Callable[[Claim[A]], Effect | None]
"""What a kind of job does: reads, computes, perhaps sends; gives back what to write, or None for nothing."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A registered kind of job. `lease` is how long one attempt may take before another worker tries."""

    name: str
    args: type[Args]
    work: Work[Any]
    policy: Policy
    lease: timedelta
    queue: Queue


class Uncertain(Exception):
    """It is not known whether something left the process. A job of policy `once` then waits for a person."""


class NothingSent(Exception):
    """It is certain that nothing left the process, so that the job may be tried again whatever its policy.

    `for_good` says that trying again cannot help: the job is dead at once and a person decides.
    """

    def __init__(self, message: str, *, for_good: bool = False) -> None:
        super().__init__(message)
        self.for_good = for_good


class NotYet(Exception):
    """What the job needs is away for a while: it waits, and is tried again however often it was."""


JOB_KINDS: dict[str, JobKind] = {}


def job(
    name: str, *, args: type[A], policy: Policy = "retry", lease: timedelta = LEASE, queue: Queue = "fast"
) -> Callable[[Work[A]], Work[A]]:
    """Registers a function as the work of the kind `name`. Raises ValueError for a name that is taken."""

    def register(work: Work[A]) -> Work[A]:
        if name in JOB_KINDS:
            raise ValueError(f"two kinds of job are called {name}")
        JOB_KINDS[name] = JobKind(name, args, work, policy, lease, queue)
        return work

    return register


class Notifier(Protocol):
    """Tells the workers that a job of a kind is due; best effort, never raises, never waits long."""

    def __call__(self, kind: str, job_id: int, queue: Queue) -> None: ...


@dataclass(frozen=True, slots=True)
class SilentNotifier:
    """A notifier that tells nobody; whoever looks for due jobs finds them in the table."""

    notified: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, kind: str, job_id: int, queue: Queue) -> None:
        self.notified.append((kind, job_id))


def announce(  # noqa: PLR0913 -- a row has these columns; all keyword-only
    session: Session,
    *,
    kind: str,
    key: str,
    args: Args,
    now: datetime,
    due_at: datetime | None = None,
    actor_id: int | None = None,
    subject: Subject | None = None,
) -> int | None:
    """Writes a job in the current transaction and notifies the workers once it has committed.

    Gives the id of the row, or None if a job with this key exists already. Raises TypeError for other arguments than
    those that the kind declares.
    """
    registered = JOB_KINDS[kind]
    if not isinstance(args, registered.args):
        raise TypeError(f"{kind} takes {registered.args.__name__}, not {type(args).__name__}")
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(Job)
        .values(
            key=key,
            kind=kind,
            args=serialization.to_json(args),
            state=JobState.READY,
            policy=registered.policy,
            attempts=0,
            next_at=due_at or now,
            created_at=now,
            actor_id=actor_id,
            subject_kind=subject.kind if subject else None,
            subject_id=subject.id if subject else None,
        )
        .on_conflict_do_nothing(index_elements=[Job.key])
        .returning(Job.id)
    )
    job_id = session.execute(statement).scalar_one_or_none()
    if job_id is not None and (due_at is None or due_at <= now):
        notify: Notifier = current_app.extensions["notifier"]
        after_commit(session, lambda: notify(kind, job_id, registered.queue))
    return job_id


def args_of(row: Job) -> Args:
    """The arguments of a job, as its kind declares them. Raises KeyError for a kind that this version does not know."""
    return serialization.from_json(JOB_KINDS[row.kind].args, row.args)


def due(session: Session, now: datetime, *, limit: int = 200) -> Sequence[tuple[str, int]]:
    """Kind and id of the jobs that somebody should take now, oldest first."""
    # A row of a kind that this version of the program does not know must not hold up the others.
    takeable = select(Job.kind, Job.id).where(_takeable(now), Job.kind.in_(list(JOB_KINDS)))
    query = takeable.order_by(Job.next_at, Job.id).limit(limit)
    return [(kind, job_id) for kind, job_id in session.execute(query)]


def oldest_due_age(session: Session, now: datetime) -> timedelta:
    """How long the job that waits longest has been due; zero if none waits."""
    oldest = session.scalar(select(func.min(Job.next_at)).where(Job.state == JobState.READY, Job.next_at <= now))
    return now - oldest if oldest else timedelta()


def unfinished_by_state(session: Session) -> dict[JobState, int]:
    """How many jobs stand in each state but done and cancelled; every such state is named."""
    open_states = [state for state in JobState if state not in (JobState.DONE, JobState.CANCELLED)]
    found = session.execute(select(Job.state, func.count()).where(Job.state.in_(open_states)).group_by(Job.state)).all()
    return dict.fromkeys(open_states, 0) | dict(found)


def run(job_id: int, *, owner: str, clock: Clock) -> bool:
    """Takes a job, does its work and finishes it. False if it was not there to be taken or was taken from us."""
    claim = _claim(job_id, owner, clock())
    if claim is None:
        return False
    try:
        return _finish(claim, JOB_KINDS[claim.kind].work(claim), clock())
    except Exception as problem:
        # Whatever goes wrong in one job must not take the worker down; the row keeps what it was.
        current_app.logger.exception("job %s failed at attempt %s", claim.kind, claim.attempt)
        db.session.rollback()
        _settle_failure(claim, problem, clock())
        return False


def about_to_send(claim: Claim[Any]) -> None:
    """Remembers, for a job that may happen only once, that something may leave the process from here on.

    A worker that dies after this leaves the row in `sending`: a person decides what happened.
    """
    if JOB_KINDS[claim.kind].policy == "retry":
        return
    with transaction() as session:
        if not _still_ours(session, claim, state=JobState.SENDING):
            raise RuntimeError("the lease of this job has passed to another worker")


def is_uncertain(row: Job, now: datetime) -> bool:
    """Whether nobody knows what became of this job: it was about to send, and its worker does not answer for it."""
    return row.state == JobState.SENDING and (row.lease_until is None or row.lease_until < now)


def retry(session: Session, row: Job, now: datetime) -> None:
    """Makes a dead, cancelled or uncertain job ready again, with all its attempts. Raises Refused."""
    if row.kind not in JOB_KINDS:
        raise Refused(Refusal(UNKNOWN_KIND()))
    if row.state not in (JobState.DEAD, JobState.CANCELLED) and not is_uncertain(row, now):
        raise Refused(Refusal(NOT_DEAD()))
    row.state, row.attempts, row.next_at, row.lease_until, row.owner = JobState.READY, 0, now, None, None
    notify: Notifier = current_app.extensions["notifier"]
    kind, job_id, queue = row.kind, row.id, JOB_KINDS[row.kind].queue
    after_commit(session, lambda: notify(kind, job_id, queue))


def cancel(row: Job, now: datetime) -> None:
    """Ends a job that must not happen any more. Raises Refused if it is done or running."""
    if row.state not in (JobState.READY, JobState.DEAD) and not is_uncertain(row, now):
        raise Refused(Refusal(NOT_WAITING()))
    row.state, row.done_at = JobState.CANCELLED, now


def settle(row: Job, now: datetime) -> None:
    """Says, in the act of a person who knows, that an uncertain job has happened. Raises Refused."""
    if not is_uncertain(row, now):
        raise Refused(Refusal(NOT_UNCERTAIN()))
    row.state, row.done_at, row.lease_until, row.owner = JobState.DONE, now, None, None


def for_update(session: Session, job_id: int) -> Job:
    """A job as it is stored now, locked. Raises NotFound."""
    return locked(session, select(Job).where(Job.id == job_id), f"job {job_id}")


def _takeable(now: datetime) -> Any:
    return or_(
        and_(Job.state == JobState.READY, Job.next_at <= now),
        and_(Job.state == JobState.RUNNING, Job.lease_until < now),
    )


def _claim(job_id: int, owner: str, now: datetime) -> Claim[Any] | None:
    # Most notifications come too late, for a row that is done or in other hands: they must not cost the write lock.
    kind = db.session.scalar(select(Job.kind).where(Job.id == job_id, _takeable(now)))
    db.session.rollback()
    if kind is None or kind not in JOB_KINDS:
        return None
    # The number of a process comes back after a while; what was drawn for this claim does not.
    owner = f"{owner}:{secrets.token_hex(4)}"
    with transaction() as session:
        free = select(Job.id).where(Job.id == job_id, _takeable(now)).with_for_update(skip_locked=True)
        # One statement, so that of several workers one wins, on both databases.
        row = session.execute(
            update(Job)
            .where(Job.id == free.scalar_subquery())
            .values(
                state=JobState.RUNNING,
                owner=owner,
                attempts=Job.attempts + 1,
                lease_until=now + JOB_KINDS[kind].lease,
            )
            .returning(Job.key, Job.args, Job.attempts)
        ).one_or_none()
        if row is None:
            return None
        if row.attempts > MOST_ATTEMPTS:
            # It killed its worker each time: nobody came back to say so.
            _give_up(session, job_id, "worker_lost")
            return None
    return Claim(job_id, kind, row.key, row.args, now, owner, row.attempts)


def _give_up(session: Session, job_id: int, code: str) -> None:
    given_up = {"state": JobState.DEAD, "error_code": code, "lease_until": None, "owner": None}
    session.execute(update(Job).where(Job.id == job_id).values(**given_up))


def _still_ours(session: Session, claim: Claim[Any], **values: Any) -> bool:
    """Writes to the row of this claim if no other worker has taken it since."""
    written = session.execute(
        update(Job)
        .where(
            Job.id == claim.job_id,
            Job.owner == claim.owner,
            Job.attempts == claim.attempt,
            Job.state.in_((JobState.RUNNING, JobState.SENDING)),
        )
        .values(**values)
        .returning(Job.id)
    ).one_or_none()
    return written is not None


def _finish(claim: Claim[Any], effect: Effect | None, now: datetime) -> bool:
    with transaction() as session:
        if not _still_ours(session, claim, state=JobState.DONE, done_at=now, lease_until=None, error_code=None):
            return False
        if effect is not None:
            effect(session)
    return True


def _settle_failure(claim: Claim[Any], problem: Exception, now: datetime) -> None:
    """Ends an attempt that failed: ready again after a pause, dead, or left for a person."""
    # Only words of our own: what a library says about a fault may hold names and addresses.
    code = (str(problem) if isinstance(problem, (NothingSent, Uncertain)) else type(problem).__name__)[:80]
    with transaction() as session:
        row = for_update(session, claim.job_id)
        if row.state == JobState.SENDING and not isinstance(problem, NothingSent):
            # It may have left, and it may happen only once: even a fault that has nothing to do with sending, such
            # as a database that went away just afterwards, leaves it to a person.
            _still_ours(session, claim, lease_until=now - timedelta(seconds=1), error_code=code)
        elif (isinstance(problem, NothingSent) and problem.for_good) or (
            claim.attempt >= MOST_ATTEMPTS and not isinstance(problem, NotYet)
        ):
            _still_ours(session, claim, state=JobState.DEAD, error_code=code, lease_until=None, owner=None)
        else:
            wait = min(LONGEST_WAIT, timedelta(seconds=2**claim.attempt))
            spread = random.uniform(0.5, 1.5)  # noqa: S311 -- spreads retries, keeps no secret
            again = {"state": JobState.READY, "next_at": now + wait * spread, "lease_until": None, "owner": None}
            if isinstance(problem, NotYet):
                again["attempts"] = min(claim.attempt, MOST_ATTEMPTS - 1)
            _still_ours(session, claim, error_code=code, **again)
