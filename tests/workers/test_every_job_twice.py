"""Every kind of job, run twice, has its effect once.

The stories need every kind. They are told with each job run once, and on each database with each job run by two workers
at the same time and once more when it was done; what the databases hold at the end must be the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from tests.emails.test_golden import written
from tests.factories import jobs as factory
from tests.factories.stories import tell_all
from tests.services_databases import Databases, Dialect, settings_for
from tests.web_client import app_under_test
from urbact_calls import jobs
from urbact_calls.database import Base, db, transaction
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.jobs import Clock, Job, SilentNotifier
from urbact_calls.messages.models import Delivery
from urbact_calls.record.models import WorkflowEvent

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
# These hand a message to a mail server; what becomes of a second one is the subject of `test_messages.py`.
SENDING = {"mail.deliver", "mail.deliver_once"}


@dataclass(frozen=True, slots=True)
class Told:
    """What a database holds after the stories, and the kinds of job they needed."""

    rows: dict[str, int]
    states: Counter[str]
    events: list[tuple[str, int, str]]
    kinds: frozenset[str]
    messages: Counter[tuple[str, str]]
    """The key of each message with what it says, and how often it was written."""


Run = Callable[..., bool]
Tell = Callable[[Dialect, Run], Told]


@pytest.fixture
def tell(databases: Databases, tmp_path_factory) -> Tell:
    def told(dialect: Dialect, run: Run) -> Told:
        folder: Path = tmp_path_factory.mktemp("stories")
        with (
            databases.fresh(dialect) as url,
            app_under_test(settings_for(url, folder), SilentNotifier()) as app,
            app.app_context(),
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr(factory, "RUN", run)
            tell_all(NOW)
            return _seen()

    return told


def _seen() -> Told:
    # Not by id: on PostgreSQL the number of a row that was given up is not given again.
    events = select(WorkflowEvent.subject_kind, WorkflowEvent.number, WorkflowEvent.transition)
    return Told(
        rows={
            table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        },
        states=Counter(db.session.scalars(select(Job.state))),
        events=sorted(tuple(row) for row in db.session.execute(events)),
        kinds=frozenset(db.session.scalars(select(Job.kind).distinct())),
        messages=Counter((each.email_key, written(each)) for each in db.session.scalars(select(Delivery))),
    )


def run_twice(job_id: int, *, owner: str, clock: Clock) -> bool:
    """Two workers compute the same effect before either has finished; later somebody makes the job ready again.

    Stricter than what can happen: the second worker is not even held back by its lost lease.
    """
    done = _run_by_two(job_id, owner, clock)
    assert jobs.run(job_id, owner=owner, clock=clock) is False
    with transaction() as session:
        again = {"state": JobState.READY, "attempts": 0, "done_at": None}
        session.execute(update(Job).where(Job.id == job_id, Job.state == JobState.DONE).values(**again))
    jobs.run(job_id, owner=owner, clock=clock)
    return done


def _run_by_two(job_id: int, owner: str, clock: Clock) -> bool:
    name = db.session.scalar(select(Job.kind).where(Job.id == job_id))
    if name in SENDING:
        return jobs.run(job_id, owner=owner, clock=clock)
    kind, now = jobs.JOB_KINDS[str(name)], clock()
    claims = jobs._claim(kind, [(jobs._takeable(now) & (Job.id == job_id), Job.id)], owner, now)
    if not claims:
        return False
    [effect], [same_effect] = (kind.outcomes(claims) for _ in range(2))
    done = jobs._end([(claims[0], effect)], clock) == 1
    try:
        with transaction() as session:
            if same_effect is not None:
                same_effect(session)
    except (IntegrityError, NotFound, Refused):
        # It came upon what the first one had written, and left no trace.
        db.session.rollback()
    return done


@pytest.mark.slow
def test_every_kind_of_job_run_twice_has_its_effect_once(tell: Tell):
    once = tell("sqlite", jobs.run)
    twice = {dialect: tell(dialect, run_twice) for dialect in get_args(Dialect)}

    assert set(jobs.JOB_KINDS) - once.kinds == set(), "no story needs this kind: add one to tests/factories/stories.py"
    assert once.states == Counter({JobState.DONE: once.rows["job"]})
    assert twice == {"sqlite": once, "postgresql": once}
