"""Jobs that need a person: letters that may have gone out, jobs that are dead, and what the office may do with them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.factories.jobs import announced, kind, row
from urbact_calls import jobs
from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.jobs import Claim, NothingSent, SilentNotifier, Uncertain, run
from urbact_calls.messages import commands

pytestmark = pytest.mark.usefixtures("session")
LEASE = timedelta(minutes=2)


def at(moment: datetime):
    return lambda: moment


# Policy once


def test_an_uncertain_job_of_policy_once_waits_for_a_person(monkeypatch, session, now):
    def work(claim: Claim):
        jobs.about_to_send(claim)
        raise Uncertain("the connection broke")

    job_id = announced(kind(monkeypatch, "test.letter", work, policy="once"), now)
    run(job_id, owner="worker", clock=at(now))

    assert row(job_id).state == JobState.SENDING
    assert jobs.is_uncertain(row(job_id), now)
    assert jobs.due(session, now + timedelta(days=30)) == []
    assert run(job_id, owner="worker", clock=at(now + timedelta(days=30))) is False


def test_an_uncertain_job_that_may_repeat_is_tried_again(monkeypatch, now):
    def work(claim: Claim):
        jobs.about_to_send(claim)
        raise Uncertain("the connection broke")

    job_id = announced(kind(monkeypatch, "test.receipt", work), now)
    run(job_id, owner="worker", clock=at(now))

    assert row(job_id).state == JobState.READY


@pytest.mark.parametrize("fault", [RuntimeError("a fault"), OSError("the database went away"), TimeoutError()])
def test_any_fault_after_sending_began_leaves_a_letter_to_a_person(monkeypatch, now, fault):
    """Also one that has nothing to do with sending: the letter may be out when the database goes away."""

    def effect(session):
        raise fault

    def work(claim: Claim):
        jobs.about_to_send(claim)
        return effect

    job_id = announced(kind(monkeypatch, "test.letter", work, policy="once"), now)
    run(job_id, owner="worker", clock=at(now))

    assert row(job_id).state == JobState.SENDING
    assert jobs.is_uncertain(row(job_id), now)


def test_a_letter_that_certainly_did_not_leave_is_tried_again(monkeypatch, now):
    def work(claim: Claim):
        jobs.about_to_send(claim)
        raise NothingSent("SMTP 451")

    job_id = announced(kind(monkeypatch, "test.letter", work, policy="once"), now)
    run(job_id, owner="worker", clock=at(now))

    assert (row(job_id).state, row(job_id).error_code) == (JobState.READY, "SMTP 451")


def test_what_will_always_be_refused_is_not_tried_again(monkeypatch, now):
    def work(claim: Claim):
        jobs.about_to_send(claim)
        raise NothingSent("SMTP 550", for_good=True)

    job_id = announced(kind(monkeypatch, "test.letter", work, policy="once"), now)
    run(job_id, owner="worker", clock=at(now))

    assert row(job_id).state == JobState.DEAD


def test_a_worker_that_was_overtaken_may_not_begin_to_send(monkeypatch, now):
    later = now + LEASE + timedelta(seconds=1)
    sent: list[int] = []

    def work(claim: Claim):
        if claim.attempt == 1:
            run(claim.job_id, owner="second", clock=at(later))
        jobs.about_to_send(claim)
        sent.append(claim.attempt)

    job_id = announced(kind(monkeypatch, "test.letter", work, policy="once", lease=LEASE), now)
    run(job_id, owner="first", clock=at(now))

    assert sent == [2]


# What a person may do


def dead_job(monkeypatch, now) -> int:
    def work(claim: Claim):
        raise NothingSent("never", for_good=True)

    job_id = announced(kind(monkeypatch, "test.work", work), now)
    run(job_id, owner="worker", clock=at(now))
    return job_id


def letter_being_sent(monkeypatch, now) -> int:
    """A letter whose worker was killed while it sent it."""

    class Killed(BaseException):
        pass

    def work(claim: Claim):
        jobs.about_to_send(claim)
        raise Killed

    job_id = announced(kind(monkeypatch, "test.letter", work, policy="once", lease=LEASE), now)
    with pytest.raises(Killed):
        run(job_id, owner="worker", clock=at(now))
    return job_id


def test_a_dead_job_can_be_tried_again_with_all_its_attempts(monkeypatch, notifier: SilentNotifier, now):
    job_id = dead_job(monkeypatch, now)
    notifier.notified.clear()

    commands.retry(job_id, SYSTEM, now)

    assert (row(job_id).state, row(job_id).attempts) == (JobState.READY, 0)
    assert notifier.notified == ["test.work"]


def test_a_cancelled_job_does_not_happen(monkeypatch, session, now):
    job_id = announced(kind(monkeypatch, "test.work"), now)

    commands.cancel(job_id, SYSTEM, now)

    assert run(job_id, owner="worker", clock=at(now)) is False
    assert row(job_id).state == JobState.CANCELLED
    assert jobs.due(session, now) == []


def test_a_letter_that_is_being_sent_now_cannot_be_sent_again(monkeypatch, now):
    """Within the lease its worker may still be talking to the mail server."""
    job_id = letter_being_sent(monkeypatch, now)

    for act in (commands.retry, commands.cancel):
        with pytest.raises(Refused):
            act(job_id, SYSTEM, now + LEASE - timedelta(seconds=1))

    commands.retry(job_id, SYSTEM, now + LEASE + timedelta(seconds=1))
    assert row(job_id).state == JobState.READY


@pytest.mark.parametrize("act", [commands.retry, commands.cancel])
def test_a_job_that_is_done_stays_done(monkeypatch, now, act):
    job_id = announced(kind(monkeypatch, "test.work"), now)
    run(job_id, owner="worker", clock=at(now))

    with pytest.raises(Refused):
        act(job_id, SYSTEM, now)


@pytest.mark.parametrize("act", [commands.retry, commands.cancel])
def test_a_job_that_does_not_exist_is_not_found(now, act):
    with pytest.raises(NotFound):
        act(404, SYSTEM, now)
