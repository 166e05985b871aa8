"""Kinds of job that go before all others: what was handed in is stored before letters are written."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from tests.factories.jobs import announced, kind, row
from tests.query_count import statements
from urbact_calls.database import transaction
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.job_turns import LONGEST_HELD_UP, Turn, run_next
from urbact_calls.jobs import JOB_KINDS, Job

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def first(monkeypatch) -> str:
    return kind(monkeypatch, "test.first", goes_first=True)


@pytest.fixture
def other(monkeypatch) -> str:
    return kind(monkeypatch, "test.other")


def take(name: str, now: datetime, *, hold: bool = False) -> Turn:
    return run_next(name, owner="worker", clock=lambda: now, hold=hold)


def in_other_hands(job_id: int, until: datetime) -> None:
    with transaction() as session:
        running = update(Job).where(Job.id == job_id)
        session.execute(running.values(state=JobState.RUNNING, owner="another", lease_until=until))


def test_a_worker_takes_what_goes_first_whichever_kind_it_was_told_of(first, other, now):
    earlier, later = announced(other, now, key="letter"), announced(first, now, key="submission")

    turns = [take(other, now), take(other, now), take(other, now)]

    assert turns == [Turn(1, others_wait=True), Turn(1, others_wait=False), Turn(0, others_wait=False)]
    assert row(later).done_at == row(earlier).done_at == now


def test_others_wait_while_what_goes_first_is_in_the_hands_of_another_worker(first, other, now):
    letter = announced(other, now, key="letter")
    in_other_hands(announced(first, now, key="submission"), now + timedelta(minutes=1))

    assert take(other, now) == Turn(0, others_wait=True)
    assert row(letter).state is JobState.READY


def test_others_wait_while_more_may_come_that_goes_first(first, other, now):
    announced(other, now, key="letter")

    assert take(other, now, hold=True) == Turn(0, others_wait=False)
    assert take(first, now, hold=True) == Turn(0, others_wait=False)
    announced(first, now, key="submission")
    assert take(first, now, hold=True) == Turn(1, others_wait=True)


def test_what_was_held_up_for_long_waits_no_more(first, other, now):
    letter = announced(other, now, key="letter")
    later = now + LONGEST_HELD_UP
    in_other_hands(announced(first, now, key="submission"), later + timedelta(minutes=1))

    assert take(other, later, hold=True) == Turn(1, others_wait=True)
    assert row(letter).state is JobState.DONE


def test_to_look_for_what_goes_first_costs_no_statement_of_its_own(first, other, now):
    with statements() as sent:
        take(other, now)

    assert len(sent) == 1


def test_submissions_that_are_kept_go_first():
    assert [name for name, each in JOB_KINDS.items() if each.goes_first] == ["applications.store"]
