"""The job table: one row per meaning, one worker per row, one effect per job, whatever dies in between."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from tests.factories.jobs import announced, kind, nothing, row
from urbact_calls import job_counts, jobs
from urbact_calls.database import db, transaction
from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.jobs import (
    MOST_ATTEMPTS,
    Args,
    Claim,
    Job,
    NothingSent,
    OfApplication,
    SilentNotifier,
    announce,
    run,
    run_due,
)
from urbact_calls.messages import commands

pytestmark = pytest.mark.usefixtures("session")
LEASE = timedelta(minutes=2)


def at(moment: datetime):
    return lambda: moment


# Announcing


def test_a_job_announced_twice_is_one_row(monkeypatch, session, notifier: SilentNotifier, now):
    name = kind(monkeypatch, "test.work")

    announced(name, now, key="the same meaning")
    with transaction() as writing:
        second = announce(writing, kind=name, key="the same meaning", args=Args(), now=now)

    assert second is None
    assert session.scalar(select(func.count()).select_from(Job)) == 1
    assert notifier.notified == [name]


def test_workers_are_notified_after_the_commit_and_not_before(monkeypatch, notifier: SilentNotifier, now):
    name = kind(monkeypatch, "test.work")

    with transaction() as session:
        announce(session, kind=name, key="key", args=Args(), now=now)
        during = list(notifier.notified)

    assert during == []
    assert len(notifier.notified) == 1


def test_a_rollback_takes_the_job_back_and_notifies_nobody(monkeypatch, session, notifier: SilentNotifier, now):
    name = kind(monkeypatch, "test.work")

    def act() -> None:
        with transaction() as writing:
            announce(writing, kind=name, key="key", args=Args(), now=now)
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        act()
    with transaction():
        pass

    assert session.scalar(select(func.count()).select_from(Job)) == 0
    assert notifier.notified == []


def test_a_job_for_later_notifies_nobody_now(monkeypatch, session, notifier: SilentNotifier, now):
    name = kind(monkeypatch, "test.work")

    announced(name, now, due_at=now + timedelta(hours=1))

    assert notifier.notified == []
    assert jobs.due(session, now) == []
    assert jobs.due(session, now + timedelta(hours=1)) == [name]


def test_a_kind_that_nobody_registered_cannot_be_announced(now):
    with pytest.raises(KeyError, match=r"test\.unknown"), transaction() as session:
        announce(session, kind="test.unknown", key="key", args=Args(), now=now)


def test_two_kinds_cannot_have_one_name(monkeypatch):
    name = kind(monkeypatch, "test.work")

    with pytest.raises(ValueError, match=name):
        jobs.job(name, args=Args)(nothing)


def test_a_job_takes_the_arguments_that_its_kind_declares_and_no_others(monkeypatch, session, now):
    name = kind(monkeypatch, "test.work", args=OfApplication)
    job_id = announced(name, now, args=OfApplication(reference="APN-DEMO-017"))

    with transaction() as writing, pytest.raises(TypeError, match=r"test\.work takes OfApplication, not Args"):
        announce(writing, kind=name, key="key", args=Args(), now=now)
    with pytest.raises(TypeError, match="reference"):
        OfApplication()

    assert row(job_id).args == {"reference": "APN-DEMO-017"}
    assert jobs.args_of(row(job_id)) == OfApplication(reference="APN-DEMO-017")


# Running


def test_a_job_takes_effect_once_however_often_it_is_rung_for(monkeypatch, session, now):
    effects: list[int] = []
    name = kind(monkeypatch, "test.work", lambda claim: lambda session: effects.append(claim.attempt))
    job_id = announced(name, now)

    answers = [run(job_id, owner="worker", clock=at(now)) for _ in range(3)]

    assert answers == [True, False, False]
    assert effects == [1]
    assert (row(job_id).state, row(job_id).done_at) == (JobState.DONE, now)


def test_of_many_workers_that_hear_the_bell_one_gets_the_job(monkeypatch, app: Flask, now):
    claimed: list[str] = []
    name = kind(monkeypatch, "test.work", lambda claim: claimed.append(claim.owner))
    job_ids = [announced(name, now, key=f"job {number}") for number in range(10)]
    db.session.remove()
    start, answers = threading.Barrier(4), []

    def work(owner: str) -> None:
        with app.app_context():
            start.wait()
            answers.extend(run(job_id, owner=owner, clock=at(now)) for job_id in job_ids)

    workers = [threading.Thread(target=work, args=(f"worker {number}",)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(claimed) == 10
    assert answers.count(True) == 10


def test_the_effect_and_the_end_of_the_row_are_one_commit(monkeypatch, session, now):
    other = kind(monkeypatch, "test.other")

    def effect(session):
        announce(session, kind=other, key="an effect", args=Args(), now=now)
        raise RuntimeError("half-way")

    job_id = announced(kind(monkeypatch, "test.work", lambda claim: effect), now)

    assert run(job_id, owner="worker", clock=at(now)) is False
    assert row(job_id).state == JobState.READY
    assert session.scalar(select(func.count()).where(Job.key == "an effect")) == 0


def test_work_is_done_outside_any_transaction(monkeypatch, now):
    other = kind(monkeypatch, "test.other")
    job_id = announced(
        kind(monkeypatch, "test.work", lambda claim: announced(other, now, key="by itself") and None), now
    )

    assert run(job_id, owner="worker", clock=at(now)) is True


# Leases and fencing


def test_a_job_in_hand_is_not_given_to_another_worker(monkeypatch, session, now):
    second: list[bool] = []
    name = kind(monkeypatch, "test.work", lambda claim: second.append(run(claim.job_id, owner="b", clock=at(now))))
    job_id = announced(name, now)

    run(job_id, owner="a", clock=at(now))

    assert second == [False]
    assert jobs.due(session, now) == []


def test_after_its_lease_a_job_is_taken_by_another_and_the_first_cannot_finish(monkeypatch, now):
    """The first worker was stopped for a while, and wakes up after the second one has finished."""
    effects: list[str] = []
    later = now + LEASE + timedelta(seconds=1)

    def work(claim: Claim):
        if claim.attempt == 1:
            assert run(claim.job_id, owner="second", clock=at(later)) is True
        return lambda session: effects.append(claim.owner.partition(":")[0])

    job_id = announced(kind(monkeypatch, "test.work", work, lease=LEASE), now)

    assert run(job_id, owner="first", clock=at(now)) is False
    assert effects == ["second"]
    assert row(job_id).attempts == 2


def test_a_worker_that_was_overtaken_cannot_fail_the_job_of_the_other(monkeypatch, now):
    later = now + LEASE + timedelta(seconds=1)

    def work(claim: Claim):
        if claim.attempt == 1:
            run(claim.job_id, owner="second", clock=at(later))
            raise RuntimeError("woke up too late")

    job_id = announced(kind(monkeypatch, "test.work", work, lease=LEASE), now)

    run(job_id, owner="first", clock=at(now))

    assert row(job_id).state == JobState.DONE


def test_two_claims_of_one_process_are_told_apart(monkeypatch, now):
    """A retry by a person starts the attempts again at one; the claim before must not count as the new one."""
    owners: list[str] = []

    def work(claim: Claim):
        owners.append(claim.owner)
        raise NothingSent("never", for_good=True)

    job_id = announced(kind(monkeypatch, "test.work", work), now)
    run(job_id, owner="host:1", clock=at(now))
    commands.retry(job_id, SYSTEM, now)
    run(job_id, owner="host:1", clock=at(now))

    assert len(set(owners)) == 2


# Failure


def test_failure_backs_off_and_ends_after_twenty_attempts(monkeypatch, now):
    def work(claim: Claim):
        raise ValueError("a fault of a test")

    job_id = announced(kind(monkeypatch, "test.work", work), now)
    waits = []
    moment = now
    while row(job_id).state == JobState.READY:
        run(job_id, owner="worker", clock=at(moment))
        waits.append((row(job_id).next_at - moment).total_seconds())
        moment = max(row(job_id).next_at, moment)

    assert row(job_id).state == JobState.DEAD
    assert row(job_id).attempts == MOST_ATTEMPTS == len(waits)
    assert row(job_id).error_code == "ValueError"
    expected = [min(2**attempt, 3600) for attempt in range(1, MOST_ATTEMPTS)]
    assert [low for low, wait in zip(expected, waits, strict=False) if not low * 0.5 <= wait <= low * 1.5] == []


def test_a_job_that_kills_its_worker_each_time_ends_as_dead(monkeypatch, now):
    class Killed(BaseException):
        """Stands for kill -9: nobody writes anything afterwards."""

    def work(claim: Claim):
        raise Killed

    job_id = announced(kind(monkeypatch, "test.work", work, lease=LEASE), now)
    moment = now
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(Killed):
            run(job_id, owner="worker", clock=at(moment))
        moment += LEASE + timedelta(seconds=1)

    assert run(job_id, owner="worker", clock=at(moment)) is False
    assert (row(job_id).state, row(job_id).error_code) == (JobState.DEAD, "worker_lost")


def test_the_reason_of_a_fault_is_kept_without_what_it_says(monkeypatch, now):
    def work(claim: Claim):
        raise ValueError("ana@example.org has no account")

    job_id = announced(kind(monkeypatch, "test.work", work), now)
    run(job_id, owner="worker", clock=at(now))

    assert row(job_id).error_code == "ValueError"


# What is due


def test_a_row_of_an_unknown_kind_does_not_hold_up_the_others(monkeypatch, session, now):
    """As after going back to an older version of the program."""
    with monkeypatch.context() as newer:
        stranger = announced(kind(newer, "test.newer"), now, key="of a newer version")
    announced(kind(monkeypatch, "test.work"), now)

    assert jobs.due(session, now) == ["test.work"]
    assert run(stranger, owner="worker", clock=at(now)) is False
    assert job_counts.oldest_due_age(session, now + timedelta(seconds=90)) == timedelta(seconds=90)


def test_what_is_due_is_taken_oldest_first_one_at_a_time_where_the_kind_knows_no_batches(monkeypatch, now):
    taken: list[int] = []
    name = kind(monkeypatch, "test.work", lambda claim: taken.append(claim.job_id))
    second = announced(name, now, key="second")
    first = announced(name, now - timedelta(minutes=5), key="first")

    counts = [run_due(name, owner="worker", clock=at(now)) for _ in range(3)]

    assert (taken, counts) == ([first, second], [1, 1, 0])


def test_a_kind_is_named_once_however_many_of_its_jobs_are_due(monkeypatch, session, now):
    often, seldom = kind(monkeypatch, "test.often"), kind(monkeypatch, "test.seldom")
    for number in range(3):
        announced(often, now, key=f"job {number}")
    announced(seldom, now, key="one more")

    assert sorted(jobs.due(session, now)) == [often, seldom]


def test_nothing_due_has_no_age(session, now):
    assert job_counts.oldest_due_age(session, now) == timedelta()


@pytest.mark.parametrize("ask", [jobs.due, job_counts.oldest_due_age])
def test_looking_for_due_jobs_reads_the_index(monkeypatch, session, now, ask):
    """The beat asks every two seconds, for years, beside all the jobs that are done."""
    name = kind(monkeypatch, "test.work")
    with transaction() as writing:
        writing.execute(
            Job.__table__.insert(),
            [
                {"key": f"{n}", "kind": name, "args": {}, "state": JobState.DONE, "policy": "retry", "attempts": 1,
                 "next_at": now, "created_at": now}
                for n in range(5000)
            ],
        )  # fmt: skip
    asked: list[str] = []

    def explain(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith(("SELECT", "WITH")) and "job" in statement:
            sqlite = connection.dialect.name == "sqlite"
            plan = connection.connection.driver_connection.cursor()
            plan.execute(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{statement}", parameters)
            asked.extend(str(line) for line in plan.fetchall())

    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE job"))
        session.commit()
    from sqlalchemy import event

    event.listen(db.engine, "before_cursor_execute", explain)
    ask(session(), now)

    plan = "\n".join(asked)
    assert "ix_job_state_kind_next_at_id" in plan
    assert "Seq Scan" not in plan
    assert "SCAN job" not in plan
