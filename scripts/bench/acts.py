"""The acts of a call that are no page: measured by the trials that show that they are right, with other numbers.

A submission alone and many before a deadline (`scripts.closing`), the official check of a whole call
(`scripts.checks`), the announcement of all decisions (`scripts.announcement`), and the sealing of a ranking.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scripts.announcement import trial as announcement
from scripts.announcement.world import CODE, build
from scripts.checks import trial as checks
from scripts.closing import trial as closing
from scripts.trials import databases_in
from tests.factories.accounts import actor_of, person
from tests.services_databases import settings_for
from urbact_calls.assessment.ranking.commands import seal_ranking
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import Role
from urbact_calls.factory import create_app

# Of the applications of a call, how many come within its last second.
LAST_SECOND = 0.2
SEED = 1


@dataclass(frozen=True, slots=True)
class MeasuredAct:
    """What one of so many took: milliseconds, milliseconds of the processor where they were counted; and the longest
    that somebody waited for an answer, in seconds. `problems` are what went wrong, in words."""

    act: str
    count: int
    each_ms: float
    cpu_ms: float | None
    longest: float
    problems: tuple[str, ...] = ()

    @property
    def cost_ms(self) -> float:
        """What one costs: of the processor, because that stays the same beside other work, or else of time."""
        return self.each_ms if self.cpu_ms is None else self.cpu_ms


def _closing(act: str, submissions: int, call_of: int) -> MeasuredAct:
    with tempfile.TemporaryDirectory(prefix="uc-") as name, databases_in(Path(name)) as databases:
        outcome = closing.trial("gunicorn", databases, Path(name), closing.Size(submissions, call_of))
    longest = max(outcome.answered_after)
    return MeasuredAct(act, call_of, 1000 / outcome.rate, None, longest, tuple(outcome.problems))


def _alone(count: int) -> MeasuredAct:
    return _closing("submission alone", 1, count)


def _last_second(count: int) -> MeasuredAct:
    return _closing("submissions at the hour", max(1, round(count * LAST_SECOND)), count)


def _check(count: int) -> MeasuredAct:
    figures = checks.trial(count)
    problems = [f"{figures.count - figures.made} reports are missing"] * (figures.made != figures.count)
    problems += [f"{figures.twice} reports were made twice"] * (figures.twice > 0)
    cpu = figures.processor_ms
    return MeasuredAct("official check", count, 1000 / figures.whole, cpu, figures.receipt, tuple(problems))


def _announcement(count: int) -> MeasuredAct:
    outcome = announcement.trial("postgresql", announcement.Size(count), SEED)
    each = 1000 / outcome.per_second
    return MeasuredAct("announcement", count, each, None, outcome.request, tuple(outcome.problems))


def _sealing(count: int) -> MeasuredAct:
    """One command, in this process: the time for each place of the ranking."""
    with contextlib.ExitStack() as until:
        folder = Path(until.enter_context(tempfile.TemporaryDirectory(prefix="uc-")))
        url = until.enter_context(until.enter_context(databases_in(folder)).fresh("postgresql"))
        until.enter_context(create_app(settings_for(url, folder)).app_context())
        # Before the database goes.
        until.callback(db.engine.dispose)
        until.callback(db.session.remove)
        now = datetime.now(UTC)
        build(count, now)
        actor = actor_of(person(Role.PROGRAMME_OFFICER))
        began, processor = time.perf_counter(), time.process_time()
        seal_ranking(CODE, actor, now)
        took, processor = time.perf_counter() - began, time.process_time() - processor
    return MeasuredAct("sealing", count, 1000 * took / count, 1000 * processor / count, took)


ACTS: dict[str, Callable[[int], MeasuredAct]] = {
    "submission alone": _alone,
    "submissions at the hour": _last_second,
    "official check": _check,
    "announcement": _announcement,
    "sealing": _sealing,
}
"""Each with the number of applications of its call."""
