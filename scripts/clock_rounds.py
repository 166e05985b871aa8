"""Rounds of the clock: what it costs to look for what is due, beside many jobs that wait and many more that are done.

`python -m scripts.clock_rounds` closes a call with thousands of submitted applications on each database, has the clock
announce their official checks, and measures its further rounds while no worker takes them. It prints a line for each
database and ends with 1 if a round took longer than allowed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import CTE, Integer, String, cast, insert, literal, select, text, true, update
from sqlalchemy.orm import Session

from scripts.trials import add_database, databases_in, exit_status, say
from tests.factories.applications import complete_draft
from tests.factories.calls import open_call
from tests.query_count import statements
from tests.services_databases import Databases, Dialect, settings_for
from tests.web_client import app_under_test
from urbact_calls import jobs
from urbact_calls.applications.models import Application
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.applications.submission.models import Submission
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import JobState, ReportKind, Verdict
from urbact_calls.eligibility.closing_lists.commands import KIND as LIST
from urbact_calls.eligibility.closing_lists.models import ClosingList
from urbact_calls.eligibility.reports.models import StoredReport
from urbact_calls.jobs import Job, SilentNotifier
from workers.celery_app import announce_due, notify_due, utc_now

LONGEST_MS = 50.0
ROUNDS = 20
# So many jobs are done for each that waits: a table that has been written for years.
DONE_FOR_EACH = 10


@dataclass(frozen=True, slots=True)
class Rounds:
    """What rounds of the clock have shown: of all that the clock looks for together, in milliseconds each."""

    database: Dialect
    waiting: int
    announcing_ms: float
    wall_ms: Sequence[float]
    processor_ms: Sequence[float]
    reported_ms: Sequence[float]
    """Of the rounds after all that waited was done, which is what a call looks like for weeks."""
    sent: Sequence[str]
    """The statements of the last round."""
    notified: Sequence[str]
    """The kinds of which the last round told the workers."""

    @property
    def is_short(self) -> bool:
        return max(*self.wall_ms, *self.reported_ms) < LONGEST_MS

    def __str__(self) -> str:
        return (
            f"{self.database:10}  {self.waiting:>7} wait, announced in {self.announcing_ms:.0f} ms;"
            f"  a round: median {median(self.wall_ms):.1f} ms, longest {max(self.wall_ms):.1f} ms,"
            f" own processor {sum(self.processor_ms) / len(self.processor_ms):.1f} ms, {len(self.sent)} statements;"
            f"  all reported: median {median(self.reported_ms):.1f} ms, longest {max(self.reported_ms):.1f} ms"
        )


def measure(databases: Databases, dialect: Dialect, folder: Path, waiting: int, rounds: int = ROUNDS) -> Rounds:
    """Fills a database, has the clock announce what is due of it, and measures its further rounds."""
    with databases.fresh(dialect) as url:
        notifier = SilentNotifier()
        with app_under_test(settings_for(url, folder), notifier) as app, app.app_context():
            fill(waiting, utc_now())
            announcing_ms, _ = _took(_announce)
            _look_at_sizes(dialect)
            # As the workers do before they begin (`scripts.serve.worker.warm_up`).
            _round()
            both: list[tuple[float, float]] = []
            for _ in range(rounds):
                notifier.notified.clear()
                with statements() as sent:
                    both.append(_took(_round))
            notified = [*notifier.notified]
            _report()
            _look_at_sizes(dialect)
            reported_ms = [_took(_round)[0] for _ in range(rounds)]
            db.session.remove()
            db.engine.dispose()
    wall_ms, processor_ms = zip(*both, strict=True)
    return Rounds(dialect, waiting, announcing_ms, wall_ms, processor_ms, reported_ms, sent, notified)


def _announce() -> None:
    """Announces the list of the closing; whoever writes it announces the official checks with it."""
    announce_due(utc_now())
    jobs.run_due(LIST, owner="a worker of the trial", clock=utc_now)


def _round() -> None:
    notify_due(utc_now())
    announce_due(utc_now())


def _took(work: Callable[[], None]) -> tuple[float, float]:
    """Milliseconds on the wall and of this process."""
    wall, own = time.perf_counter(), time.process_time()
    work()
    db.session.rollback()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - own) * 1000


def fill(waiting: int, now: datetime, *, done_for_each: int = DONE_FOR_EACH) -> None:
    """A call that closed an hour ago with so many submitted applications, and the jobs of the years before."""
    before = now - timedelta(days=1)
    call = open_call(db.session(), before)
    draft = complete_draft(call, before)
    take_transition(draft.reference, "submit", draft.actor, before)
    with transaction() as session:
        first = session.scalars(select(Application)).one()
        numbers = _numbers(waiting)
        of_each: dict[str, Any] = {
            column.name: literal(getattr(first, column.name), column.type)
            for column in Application.__table__.columns
            if column.name != "id" and getattr(first, column.name) is not None
        }
        of_each["reference"] = literal(f"{call.code}-X", String) + cast(numbers.c.number, String)
        of_each["number"] = numbers.c.number + 1
        session.execute(insert(Application).from_select(list(of_each), select(*of_each.values())))
        done = _numbers(waiting * done_for_each)
        row = {
            "key": literal("mail:done:", String) + cast(done.c.number, String),
            "kind": literal("mail.deliver", String),
            "args": literal({"delivery": 1}, Job.__table__.c.args.type),
            "state": literal(JobState.DONE, Job.state.type),
            "policy": literal("retry", String),
            "attempts": literal(1, Integer),
            "next_at": literal(before, Job.next_at.type),
            "created_at": literal(before, Job.created_at.type),
        }
        session.execute(insert(Job).from_select(list(row), select(*row.values())))
        call = session.merge(call)
        call.closes_at = now - timedelta(hours=1)
        # Nothing was stored lately, so nothing more can come.
        session.execute(update(Submission).values(committed_at=before))


def submit_all_step(session: Session) -> Submission:
    """Gives each application a submission like the one that is there; gives that one."""
    first = session.scalars(select(Submission)).one()
    of_each: dict[str, Any] = {
        column.name: literal(getattr(first, column.name), column.type)
        for column in Submission.__table__.columns
        if column.name != "id" and getattr(first, column.name) is not None
    }
    of_each["application_id"] = Application.__table__.c.id
    others = select(*of_each.values()).where(Application.id != first.application_id)
    session.execute(insert(Submission).from_select(list(of_each), others))
    return first


def _report() -> None:
    """Has every application submitted and reported on by the list of the closing, as the workers leave them."""
    with transaction() as session:
        first = submit_all_step(session)
        of_each: dict[str, Any] = {
            "application_id": Submission.__table__.c.application_id,
            "submission_id": Submission.__table__.c.id,
            "kind": literal(ReportKind.OFFICIAL, StoredReport.kind.type),
            "rulebook_version": literal("1", String),
            "verdict": literal(Verdict.ELIGIBLE, StoredReport.verdict.type),
            "dossier": literal(first.dossier, StoredReport.dossier.type),
            "made_at": Submission.__table__.c.received_at,
            "closing_list_id": ClosingList.__table__.c.id,
        }
        pairs = select(*of_each.values()).select_from(Submission).join(ClosingList, true())
        session.execute(insert(StoredReport).from_select(list(of_each), pairs))
        counted = {"report_kind": ReportKind.OFFICIAL, "reported_submission": Application.submission_count}
        session.execute(update(Application).values(counted))
        session.execute(update(Job).values(state=JobState.DONE))


def _numbers(count: int) -> CTE:
    """The numbers from 1 to `count`, as a table; from 1 to 1 where that is less."""
    numbers = select(literal(1, Integer).label("number")).cte(f"to_{count}", recursive=True)
    return numbers.union_all(select(numbers.c.number + 1).where(numbers.c.number < count))


def _look_at_sizes(dialect: Dialect) -> None:
    """Does at once what a server that has been up for an hour has done."""
    with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("VACUUM ANALYZE" if dialect == "postgresql" else "ANALYZE"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waiting", type=int, default=8000, help="submitted applications that wait for their check")
    add_database(parser)
    options = parser.parse_args()

    def passes(dialect: Dialect) -> bool:
        with tempfile.TemporaryDirectory() as name, databases_in(Path(name)) as databases:
            say(f"{options.waiting} applications on {dialect}")
            found = measure(databases, dialect, Path(name), options.waiting)
            print(found, flush=True)
            return found.is_short

    return exit_status(options, passes)


if __name__ == "__main__":
    sys.exit(main())
