"""A worker that stands still ends itself; one that waits for its broker does not."""

from __future__ import annotations

import pytest
from flask import Flask

from workers import watchdog
from workers.celery_app import make_celery
from workers.watchdog import LONGEST_STILLNESS, Watchdog


class Clock:
    """The clock of the machine, which the test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(watchdog, "time", made)
    return made


def looked_at(clock: Clock, *, broker_is_there: bool, beats: bool) -> int:
    """How often a worker was ended that was looked at each second for two minutes."""
    ends: list[float] = []
    watched = Watchdog(lambda: broker_is_there, lambda: ends.append(clock.now))
    for _ in range(120):
        clock.now += 1
        if beats:
            watched.heartbeat()
        watched.look()
        if ends:
            break
    return len(ends)


def test_a_worker_that_stands_still_is_ended(clock: Clock):
    assert looked_at(clock, broker_is_there=True, beats=False) == 1
    assert clock.now == pytest.approx(1000 + LONGEST_STILLNESS, abs=2)


def test_a_worker_that_moves_is_left_alone(clock: Clock):
    assert looked_at(clock, broker_is_there=True, beats=True) == 0


def test_a_worker_that_waits_for_its_broker_is_left_alone(clock: Clock):
    assert looked_at(clock, broker_is_there=False, beats=False) == 0


def test_after_the_broker_is_back_the_worker_has_its_time(clock: Clock):
    is_there, ends = [False], []
    watched = Watchdog(lambda: is_there[0], lambda: ends.append(clock.now))
    for second in range(120):
        clock.now += 1
        is_there[0] = second >= 60
        watched.look()
        if ends:
            break

    assert ends[0] >= 1060 + LONGEST_STILLNESS


def test_each_worker_has_a_watchdog(app: Flask):
    steps = make_celery(app).steps["consumer"]

    assert [step.__name__ for step in steps] == ["Heartbeat"]
