"""Jobs for the workers: a job is a row, written in the commit of the act that asks for it.

A message of the broker only notifies that a kind of job is due. It may be lost, late or doubled: rows are claimed with
a lease and an attempt number, the work is done outside any transaction, and its effect and the end of the row are one
commit. So every effect in the database happens exactly once.

A kind may take several rows at a time (`batch`): one commit claims them, one more writes what came of them.
"""

from __future__ import annotations

import json
import random
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import takewhile
from typing import Any, Generic, Literal, Protocol, TypeVar, cast, overload

from flask import current_app
from sqlalchemy import (
    JSON,
    ColumnElement,
    Executable,
    ForeignKey,
    Index,
    Select,
    String,
    Table,
    and_,
    column,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from urbact_calls.database import Coded, Model, after_commit, db, locked, transaction
from urbact_calls.domain import serialization
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.subject import Subject
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.subjects import PerhapsAbout, subject_of

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
# What failed so often is taken by itself, so that whatever is wrong with it does not touch others of its batch again.
ALONE_FROM = 3


class Job(PerhapsAbout, Model):
    """One piece of work left to the workers. `key` is its meaning: a second one with the same key cannot exist."""

    __tablename__ = "job"
    __table_args__ = (
        # What waits of one kind is found, in its order, however much waits of others.
        Index("ix_job_state_kind_next_at_id", "state", "kind", "next_at", "id"),
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
    about: Subject | None = None

    @property
    def args(self) -> A:
        """The arguments, as the kind declares them. Read by the work, so that unreadable ones are its failure."""
        return cast(A, serialization.from_json(JOB_KINDS[self.kind].args, self.stored))


Work = Callable[[Claim[A]], Effect | None]
"""What a kind of job does: reads, computes, perhaps sends; gives back what to write, or None for nothing."""

Outcome = Effect | Exception | None
BatchWork = Callable[[Sequence[Claim[A]]], Iterable[Outcome]]
"""The same for several claims: one outcome for each, in their order; an exception is the failure of its claim alone.

Outcomes that are given back as a list are written in one commit. Of a generator each is written in a commit of its own,
before the next is asked for: for what must not be forgotten when the worker is killed half-way. What is raised is the
failure of every claim whose outcome was not given. An effect may be called again after a rollback.
"""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A registered kind of job. `lease` is how long one attempt, a whole batch of it, may take before another worker
    tries. `batch` is how many rows the work takes at most; without it the work takes one claim, not a list. What
    `goes_first` is taken before anything of another kind, by whichever worker is there."""

    name: str
    args: type[Args]
    work: Work[Any] | BatchWork[Any]
    policy: Policy
    lease: timedelta
    queue: Queue
    batch: int | None = None
    goes_first: bool = False

    def outcomes(self, claims: Sequence[Claim[Any]]) -> Iterable[Outcome]:
        """Does the work."""
        if self.batch is None:
            return [cast(Work[Any], self.work)(claim) for claim in claims]
        return cast(BatchWork[Any], self.work)(claims)


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


class NotBegun(Exception):
    """The work has not begun with these claims, for want of time: they are ready again at once, as if not taken."""


JOB_KINDS: dict[str, JobKind] = {}


@overload
def job(
    name: str,
    *,
    args: type[A],
    policy: Policy = ...,
    lease: timedelta = ...,
    queue: Queue = ...,
    goes_first: bool = ...,
) -> Callable[[Work[A]], Work[A]]: ...
@overload
def job(
    name: str,
    *,
    args: type[A],
    batch: int,
    policy: Policy = ...,
    lease: timedelta = ...,
    queue: Queue = ...,
    goes_first: bool = ...,
) -> Callable[[BatchWork[A]], BatchWork[A]]: ...
def job(  # noqa: PLR0913 -- what a kind is; all but its name keyword-only
    name: str,
    *,
    args: type[Any],
    batch: int | None = None,
    policy: Policy = "retry",
    lease: timedelta = LEASE,
    queue: Queue = "fast",
    goes_first: bool = False,
) -> Callable[[Any], Any]:
    """Registers a function as the work of the kind `name`: for one claim, or for up to `batch` claims at a time.

    Raises ValueError for a name that is taken.
    """

    def register(work: Any) -> Any:
        if name in JOB_KINDS:
            raise ValueError(f"two kinds of job are called {name}")
        JOB_KINDS[name] = JobKind(name, args, work, policy, lease, queue, batch, goes_first)
        return work

    return register


class Notifier(Protocol):
    """Tells the workers that jobs of a kind are due; best effort, never raises, never waits long.

    A kind of which they were told, and of which nobody was `taken` since, need not be told again.
    """

    def __call__(self, kind: str, queue: Queue) -> None: ...

    def taken(self, kind: str) -> None:
        """A worker has heard, and looks now for what is due of this kind."""


@dataclass(frozen=True, slots=True)
class SilentNotifier:
    """A notifier that tells nobody; whoever looks for due jobs finds them in the table."""

    notified: list[str] = field(default_factory=list)

    def __call__(self, kind: str, queue: Queue) -> None:
        self.notified.append(kind)

    def taken(self, kind: str) -> None:
        """Nobody was told, so nobody hears."""


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
    row = {
        "key": key,
        "kind": kind,
        "args": serialization.to_json(args),
        "state": JobState.READY,
        "policy": registered.policy,
        "attempts": 0,
        "next_at": due_at or now,
        "created_at": now,
        "actor_id": actor_id,
        "subject_kind": subject.kind if subject else None,
        "subject_id": subject.id if subject else None,
    }
    job_id = session.execute(_new_job(session.get_bind().dialect.name), row).scalar_one_or_none()
    if job_id is not None and (due_at is None or due_at <= now):
        notify_after_commit(session, registered)
    return job_id


@cache
def _new_job(dialect: str) -> Executable:
    """The statement that writes a job and gives its id, once for each dialect: several are written in most acts."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(cast(Table, Job.__table__)).on_conflict_do_nothing(index_elements=[Job.key]).returning(Job.id)


def notify_after_commit(session: Session, kind: JobKind) -> None:
    """Has the workers told once that this kind is due, however many of its jobs this transaction writes."""
    notify: Notifier = current_app.extensions["notifier"]
    after_commit(session, _Notification(notify, kind.name, kind.queue))


@dataclass(frozen=True, slots=True)
class _Notification:
    """Equal for equal kinds, so that one transaction asks for it once."""

    notifier: Notifier = field(compare=False)
    kind: str
    queue: Queue

    def __call__(self) -> None:
        self.notifier(self.kind, self.queue)


def args_of(row: Job) -> Args:
    """The arguments of a job, as its kind declares them. Raises KeyError for a kind that this version does not know."""
    return serialization.from_json(JOB_KINDS[row.kind].args, row.args)


def due(session: Session, now: datetime) -> list[str]:
    """The kinds of which somebody should take a job now.

    Asks the index once for each kind that this version of the program knows, however many jobs wait.
    """
    # As one parameter, so that the statement is written once: with one for each kind writing it took longest.
    names, on_postgresql = literal(json.dumps(list(JOB_KINDS)), String), session.get_bind().dialect.name == "postgresql"
    rows = func.json_array_elements_text(cast_to(names, JSON)) if on_postgresql else func.json_each(names)
    kind = rows.table_valued(column("value", String)).c.value
    return list(session.scalars(select(kind).where(is_kind_due(kind, now))))


def is_kind_due(kind: ColumnElement[str] | str, now: datetime) -> ColumnElement[bool]:
    """Whether there is a job of a kind to be taken.

    Asked for the first of each, which a database looks up in the index; whether there is one at all PostgreSQL would
    answer by reading the table, in the hope to find one soon.
    """
    first_ready = select(func.min(Job.next_at)).where(Job.kind == kind, Job.state == JobState.READY)
    first_lost = select(func.min(Job.lease_until)).where(Job.kind == kind, Job.state == JobState.RUNNING)
    return or_(first_ready.scalar_subquery() <= now, first_lost.scalar_subquery() < now)


def run(job_id: int, *, owner: str, clock: Clock) -> bool:
    """Takes a job, does its work and finishes it. False if it was not there to be taken or was taken from us."""
    kind = db.session.scalar(select(Job.kind).where(Job.id == job_id))
    db.session.rollback()
    if kind is None or kind not in JOB_KINDS:
        return False
    now = clock()
    claims = _claim(JOB_KINDS[kind], [(_takeable(now) & (Job.id == job_id), Job.id)], owner, now)
    return _do(JOB_KINDS[kind], claims, clock) == 1


def run_due(kind: str, *, owner: str, clock: Clock) -> int:
    """Takes what is due of a kind, one job or a batch of those that wait longest, does the work and finishes it.

    Gives how many were taken: zero when nothing is due, or all that is due is in other hands.
    """
    now = clock()
    # Most notifications come too late, when all is done or in other hands: they must not cost the write lock.
    is_due = db.session.scalar(select(is_kind_due(kind, now)))
    db.session.rollback()
    return take_due(kind, owner, now, clock) if is_due else 0


def take_due(kind: str, owner: str, now: datetime, clock: Clock) -> int:
    """As `run_due`, once it is known that something is due."""
    claims = _claim(JOB_KINDS[kind], [(_was_lost(now), Job.lease_until), (_waits(now), Job.next_at)], owner, now)
    _do(JOB_KINDS[kind], claims, clock)
    return len(claims)


def about_to_send(claim: Claim[Any]) -> None:
    """Remembers, for a job that may happen only once, that something may leave the process from here on.

    A worker that dies after this leaves the row in `sending`: a person decides what happened.
    """
    if JOB_KINDS[claim.kind].policy == "retry":
        return
    with transaction() as session:
        if not mark_as_sending(session, claim):
            raise RuntimeError("the lease of this job has passed to another worker")


def mark_as_sending(session: Session, claim: Claim[Any]) -> bool:
    """The same in this transaction: nothing may leave before its commit. False if another worker has taken the job."""
    return JOB_KINDS[claim.kind].policy == "retry" or bool(_still_ours(session, [claim], state=JobState.SENDING))


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
    notify_after_commit(session, JOB_KINDS[row.kind])


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


def _waits(now: datetime) -> ColumnElement[bool]:
    return and_(Job.state == JobState.READY, Job.next_at <= now)


def _was_lost(now: datetime) -> ColumnElement[bool]:
    """Whether the worker that took it did not come back."""
    return and_(Job.state == JobState.RUNNING, Job.lease_until < now)


def _takeable(now: datetime) -> ColumnElement[bool]:
    return or_(_waits(now), _was_lost(now))


Order = InstrumentedAttribute[Any]
_TAKEN = (Job.id, Job.key, Job.args, Job.attempts, Job.state, Job.subject_kind, Job.subject_id)


def _claim(
    kind: JobKind, wanted: Sequence[tuple[ColumnElement[bool], Order]], owner: str, now: datetime
) -> list[Claim[Any]]:
    """Takes rows of a kind: of the first of the conditions that any row meets, in the order beside it."""
    # The number of a process comes back after a while; what was drawn for this claim does not.
    owner = f"{owner}:{secrets.token_hex(4)}"
    with transaction() as session:
        found: Sequence[Any] = ()
        for condition, order in wanted:
            found = found or _together(session.execute(_free(kind, condition, order)).all())
        if not found:
            return []
        # Under a lock on both databases, so that of several workers one gets a row.
        claims: list[Claim[Any]] = [
            Claim(row.id, kind.name, row.key, row.args, now, owner, row.attempts + 1, subject_of(row)) for row in found
        ]
        session.execute(
            update(Job)
            .where(Job.id.in_([claim.job_id for claim in claims]))
            .values(state=JobState.RUNNING, owner=owner, attempts=Job.attempts + 1, lease_until=now + kind.lease)
        )
        for claim in claims:
            if claim.attempt > MOST_ATTEMPTS:
                # It killed its worker each time: nobody came back to say so.
                _give_up(session, claim.job_id, "worker_lost")
    return [claim for claim in claims if claim.attempt <= MOST_ATTEMPTS]


def _free(kind: JobKind, condition: ColumnElement[bool], order: Order) -> Select[Any]:
    rows = select(*_TAKEN).where(Job.kind == kind.name, condition)
    return rows.order_by(order, Job.id).limit(kind.batch or 1).with_for_update(skip_locked=True)


def _together(rows: Sequence[Any]) -> Sequence[Any]:
    """Those of the rows, from the first on, that may be one batch: what failed often, or whose worker was lost with it,
    is taken by itself."""
    shared = list(takewhile(lambda row: row.attempts < ALONE_FROM and row.state == JobState.READY, rows))
    return shared or rows[:1]


def _do(kind: JobKind, claims: Sequence[Claim[Any]], clock: Clock) -> int:
    """Does the work of these claims and ends them; gives how many of them are done."""
    if not claims:
        return 0
    open_claims = deque(claims)
    done = 0
    try:
        outcomes = kind.outcomes(claims)
        for group in _commits(outcomes):
            done += _end([(open_claims.popleft(), outcome) for outcome in group], clock)
        if open_claims:
            raise RuntimeError(f"{kind.name} gave back too few outcomes")
    except Exception as problem:
        # Whatever goes wrong in one job must not take the worker down; the row keeps what it was.
        db.session.rollback()
        _end([(claim, problem) for claim in open_claims], clock)
    return done


def _commits(outcomes: Iterable[Outcome]) -> Iterable[Sequence[Outcome]]:
    """The outcomes that are written together."""
    return [outcomes] if isinstance(outcomes, Sequence) else ([outcome] for outcome in outcomes)


def _end(ended: Sequence[tuple[Claim[Any], Outcome]], clock: Clock) -> int:
    """Writes what came of some claims, in one commit if that can be; gives how many of them are done."""
    try:
        return _write(ended, clock())
    except Exception as problem:
        db.session.rollback()
        # What is wrong with the effect of one claim must not undo the others.
        if len(ended) > 1:
            return sum(_end([each], clock) for each in ended)
        [(claim, _)] = ended
        _write([(claim, problem)], clock())
        return 0


def _write(ended: Sequence[tuple[Claim[Any], Outcome]], now: datetime) -> int:
    failed = [(claim, outcome) for claim, outcome in ended if isinstance(outcome, Exception)]
    good = [(claim, outcome) for claim, outcome in ended if not isinstance(outcome, Exception)]
    for claim, problem in failed:
        if isinstance(problem, NotBegun):
            continue
        current_app.logger.error(
            "job %s (%s) failed at attempt %s", claim.job_id, claim.kind, claim.attempt, exc_info=problem
        )
    with transaction() as session:
        _give_back(session, [claim for claim, problem in failed if isinstance(problem, NotBegun)], now)
        for claim, problem in failed:
            if not isinstance(problem, NotBegun):
                _settle_failure(session, claim, problem, now)
        done = {"state": JobState.DONE, "done_at": now, "lease_until": None, "error_code": None}
        ours = _still_ours(session, [claim for claim, _ in good], **done)
        for claim, effect in good:
            if claim.job_id in ours and effect is not None:
                effect(session)
    return len(ours)


def _give_up(session: Session, job_id: int, code: str) -> None:
    given_up = {"state": JobState.DEAD, "error_code": code, "lease_until": None, "owner": None}
    session.execute(update(Job).where(Job.id == job_id).values(**given_up))


def _still_ours(session: Session, claims: Sequence[Claim[Any]], **values: Any) -> set[int]:
    """Writes to the rows of these claims that no other worker has taken since; gives their numbers."""
    written = session.scalars(
        update(Job)
        .where(
            Job.id.in_([claim.job_id for claim in claims]),
            # Drawn anew for each claim: whoever took a row after us is another owner.
            Job.owner.in_({claim.owner for claim in claims}),
            Job.state.in_((JobState.RUNNING, JobState.SENDING)),
        )
        .values(**values)
        .returning(Job.id)
        # Rows that were read before are read again in the next transaction.
        .execution_options(synchronize_session=False)
    )
    return set(written)


def _give_back(session: Session, claims: Sequence[Claim[Any]], now: datetime) -> None:
    """Makes these ready as they were before they were taken, in one statement."""
    if claims:
        before = {"next_at": now, "attempts": Job.attempts - 1, "lease_until": None, "owner": None}
        _still_ours(session, claims, state=JobState.READY, **before)


def _settle_failure(session: Session, claim: Claim[Any], problem: Exception, now: datetime) -> None:
    """Ends an attempt that failed: ready again after a pause, dead, or left for a person."""
    # Only words of our own: what a library says about a fault may hold names and addresses.
    code = (str(problem) if isinstance(problem, (NothingSent, Uncertain)) else type(problem).__name__)[:80]
    row = for_update(session, claim.job_id)
    if row.state == JobState.SENDING and not isinstance(problem, NothingSent):
        # It may have left, and it may happen only once: even a fault that has nothing to do with sending, such
        # as a database that went away just afterwards, leaves it to a person.
        _still_ours(session, [claim], lease_until=now - timedelta(seconds=1), error_code=code)
    elif (isinstance(problem, NothingSent) and problem.for_good) or (
        claim.attempt >= MOST_ATTEMPTS and not isinstance(problem, NotYet)
    ):
        _still_ours(session, [claim], state=JobState.DEAD, error_code=code, lease_until=None, owner=None)
    else:
        wait = min(LONGEST_WAIT, timedelta(seconds=2**claim.attempt))
        spread = random.uniform(0.5, 1.5)  # noqa: S311 -- spreads retries, keeps no secret
        again = {"state": JobState.READY, "next_at": now + wait * spread, "lease_until": None, "owner": None}
        if isinstance(problem, NotYet):
            again["attempts"] = min(claim.attempt, MOST_ATTEMPTS - 1)
        _still_ours(session, [claim], error_code=code, **again)
