"""Several jobs of a kind in the hands of one worker: claimed together, ended together, failing each by itself."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories.jobs import announced, kind, row
from tests.query_count import statements
from urbact_calls import jobs
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.jobs import ALONE_FROM, Claim, NotBegun, NothingSent, NotYet, Outcome, run_due

pytestmark = pytest.mark.usefixtures("session")
LEASE = timedelta(minutes=2)


def at(moment: datetime):
    return lambda: moment


def announced_many(name: str, count: int, now: datetime) -> list[int]:
    return [announced(name, now + timedelta(microseconds=number), key=f"job {number}") for number in range(count)]


def states(job_ids: Sequence[int]) -> list[JobState]:
    return [row(job_id).state for job_id in job_ids]


class Killed(BaseException):
    """Stands for kill -9: nobody writes anything afterwards."""


def test_a_batch_takes_those_that_wait_longest(monkeypatch, now):
    taken: list[list[int]] = []

    def work(claims: Sequence[Claim]) -> list[Outcome]:
        taken.append([claim.job_id for claim in claims])
        return [None for _ in claims]

    name = kind(monkeypatch, "test.work", work, batch=2)
    first, second, third = announced_many(name, 3, now)

    counts = [run_due(name, owner="worker", clock=at(now + LEASE)) for _ in range(3)]

    assert counts == [2, 1, 0]
    assert taken == [[first, second], [third]]
    assert states([first, second, third]) == [JobState.DONE] * 3


def test_a_batch_of_many_costs_as_many_statements_as_one_of_few(monkeypatch, now):
    def asked(count: int) -> int:
        name = kind(monkeypatch, f"test.{count}", lambda claims: [None for _ in claims], batch=count)
        for number in range(count):
            announced(name, now, key=f"{count}: job {number}")
        with statements() as seen:
            assert run_due(name, owner="worker", clock=at(now)) == count
        return len(seen)

    assert asked(2) == asked(20)


def test_one_that_fails_leaves_the_others_of_its_batch_done(monkeypatch, now):
    def work(claims: Sequence[Claim]) -> list[Outcome]:
        return [NothingSent("SMTP 451") if claim.key == "job 1" else None for claim in claims]

    name = kind(monkeypatch, "test.work", work, batch=3)
    job_ids = announced_many(name, 3, now)
    run_due(name, owner="worker", clock=at(now + LEASE))

    assert states(job_ids) == [JobState.DONE, JobState.READY, JobState.DONE]
    assert row(job_ids[1]).error_code == "SMTP 451"


def test_one_whose_effect_cannot_be_written_leaves_the_others_of_its_batch_done(monkeypatch, now):
    effects: list[str] = []

    def effect_of(claim: Claim):
        def effect(session: Session) -> None:
            if claim.key == "job 1":
                raise ValueError("a fault of a test")
            jobs.announce(session, kind=other, key=f"effect of {claim.key}", args=jobs.Args(), now=now)
            effects.append(claim.key)

        return effect

    other = kind(monkeypatch, "test.other")
    name = kind(monkeypatch, "test.work", lambda claims: [effect_of(claim) for claim in claims], batch=3)
    job_ids = announced_many(name, 3, now)
    run_due(name, owner="worker", clock=at(now + LEASE))

    assert states(job_ids) == [JobState.DONE, JobState.READY, JobState.DONE]
    written = db.session.scalars(db.select(jobs.Job.key).where(jobs.Job.kind == other).order_by(jobs.Job.key))
    assert list(written) == ["effect of job 0", "effect of job 2"]


def test_a_fault_of_the_whole_work_is_the_failure_of_each(monkeypatch, now):
    def work(claims: Sequence[Claim]) -> list[Outcome]:
        raise NotYet

    name = kind(monkeypatch, "test.work", work, batch=3)
    job_ids = announced_many(name, 3, now)

    assert run_due(name, owner="worker", clock=at(now + LEASE)) == 3
    assert {(row(job_id).state, row(job_id).error_code) for job_id in job_ids} == {(JobState.READY, "NotYet")}


def test_work_that_forgets_an_outcome_has_not_done_what_it_forgot(monkeypatch, now):
    def work(claims: Sequence[Claim]):
        yield None

    name = kind(monkeypatch, "test.work", work, batch=2)
    job_ids = announced_many(name, 2, now)
    run_due(name, owner="worker", clock=at(now + LEASE))

    assert states(job_ids) == [JobState.DONE, JobState.READY]


def test_of_a_generator_each_outcome_is_kept_before_the_next_is_asked_for(monkeypatch, now):
    """So that a worker which is killed half-way through its letters leaves one in doubt, not all of them."""
    seen: list[list[JobState]] = []

    def work(claims: Sequence[Claim]):
        for claim in claims:
            seen.append(states(job_ids))
            jobs.about_to_send(claim)
            if claim.key == "job 2":
                raise Killed
            yield None

    name = kind(monkeypatch, "test.letter", work, batch=4, policy="once")
    job_ids = announced_many(name, 4, now)
    with pytest.raises(Killed):
        run_due(name, owner="worker", clock=at(now + LEASE))

    done, running, sending = JobState.DONE, JobState.RUNNING, JobState.SENDING
    assert seen == [[running] * 4, [done] + [running] * 3, [done, done, running, running]]
    assert states(job_ids) == [done, done, sending, running]


def test_what_a_generator_raises_is_the_failure_of_those_that_it_had_not_given(monkeypatch, now):
    def work(claims: Sequence[Claim]):
        yield None
        raise NothingSent("the mail server went away")

    name = kind(monkeypatch, "test.work", work, batch=3)
    job_ids = announced_many(name, 3, now)
    run_due(name, owner="worker", clock=at(now + LEASE))

    assert states(job_ids) == [JobState.DONE, JobState.READY, JobState.READY]


def test_what_the_work_has_not_begun_is_ready_again_as_if_nobody_had_taken_it(monkeypatch, now, caplog):
    def work(claims: Sequence[Claim]):
        yield None
        raise NotBegun

    name = kind(monkeypatch, "test.work", work, batch=3)
    job_ids = announced_many(name, 3, now)
    run_due(name, owner="worker", clock=at(now + LEASE))

    assert states(job_ids) == [JobState.DONE, JobState.READY, JobState.READY]
    assert {(row(job_id).attempts, row(job_id).next_at, row(job_id).error_code) for job_id in job_ids[1:]} == {
        (0, now + LEASE, None)
    }
    assert caplog.records == []


def test_what_was_lost_with_its_worker_is_taken_by_itself(monkeypatch, now):
    """One of them may have killed it, and must not do so to the others again."""
    batches: list[int] = []
    later = now + 2 * LEASE

    def work(claims: Sequence[Claim]) -> list[Outcome]:
        batches.append(len(claims))
        if claims[0].attempt == 1:
            raise Killed
        return [None for _ in claims]

    name = kind(monkeypatch, "test.work", work, batch=3, lease=LEASE)
    job_ids = announced_many(name, 3, now)
    with pytest.raises(Killed):
        run_due(name, owner="worker", clock=at(now + timedelta(seconds=1)))
    while run_due(name, owner="another", clock=at(later)):
        pass

    assert batches == [3, 1, 1, 1]
    assert states(job_ids) == [JobState.DONE] * 3


def test_what_failed_often_is_taken_by_itself(monkeypatch, now):
    batches: list[list[str]] = []
    moment = [now + timedelta(seconds=1)]

    def work(claims: Sequence[Claim]) -> list[Outcome]:
        batches.append([claim.key for claim in claims])
        if any(claim.key == "job 1" for claim in claims):
            raise ValueError("a fault of a test")
        return [None for _ in claims]

    name = kind(monkeypatch, "test.work", work, batch=3)
    job_ids = announced_many(name, 3, now)
    while row(job_ids[0]).state != JobState.DONE or row(job_ids[2]).state != JobState.DONE:
        # Long enough for all of them to be due again, however their pauses were spread.
        moment[0] += timedelta(hours=2)
        run_due(name, owner="worker", clock=lambda: moment[0])

    assert [sorted(batch) for batch in batches[:ALONE_FROM]] == [["job 0", "job 1", "job 2"]] * ALONE_FROM
    assert all(len(batch) == 1 for batch in batches[ALONE_FROM:])
    assert row(job_ids[1]).attempts <= ALONE_FROM + 2


def test_a_batch_that_was_overtaken_writes_nothing(monkeypatch, now):
    effects: list[str] = []
    later = now + 2 * LEASE

    def work(claims: Sequence[Claim]) -> list[Outcome]:
        if claims[0].attempt == 1:
            while run_due(name, owner="second", clock=at(later)):
                pass
        return [lambda session, claim=claim: effects.append(claim.owner.partition(":")[0]) for claim in claims]

    name = kind(monkeypatch, "test.work", work, batch=2, lease=LEASE)
    announced_many(name, 2, now)
    run_due(name, owner="first", clock=at(now + timedelta(seconds=1)))

    assert effects == ["second", "second"]


def test_workers_that_come_together_share_what_is_due(monkeypatch, app: Flask, now):
    claimed: list[int] = []

    def work(claims: Sequence[Claim]) -> list[Outcome]:
        claimed.extend(claim.job_id for claim in claims)
        return [None for _ in claims]

    name = kind(monkeypatch, "test.work", work, batch=3)
    job_ids = announced_many(name, 20, now)
    db.session.remove()
    start = threading.Barrier(4)

    def work_off(owner: str) -> None:
        with app.app_context():
            start.wait()
            while run_due(name, owner=owner, clock=at(now + LEASE)):
                pass

    workers = [threading.Thread(target=work_off, args=(f"worker {number}",)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(claimed) == sorted(job_ids)


def test_one_transaction_that_writes_many_jobs_notifies_once_of_each_kind(monkeypatch, notifier, now):
    often, seldom = kind(monkeypatch, "test.often"), kind(monkeypatch, "test.seldom")

    with jobs.transaction() as session:
        for number in range(3):
            jobs.announce(session, kind=often, key=f"job {number}", args=jobs.Args(), now=now)
        jobs.announce(session, kind=seldom, key="one more", args=jobs.Args(), now=now)

    assert notifier.notified == [often, seldom]
