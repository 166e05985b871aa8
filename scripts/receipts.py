"""Receipts beside long work: how soon a receipt is sent while the workers make thousands of official reports.

`python -m scripts.receipts` closes a call with thousands of submissions on each database and starts the program, whose
clock and workers do the rest. Meanwhile people submit to another call. It prints when their receipts reached a mail
server, how many reports were made a second, and how much memory the processes took; it ends with 1 if a receipt came
too late or a process grew too large.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from sqlalchemy import func, select

from config import embedded_broker_url
from scripts.clock_rounds import fill, submit_all_step
from scripts.trials import add_database, exit_status, say
from tests.factories.applications import Draft, complete_draft, ten_cities
from tests.factories.calls import open_call
from tests.quick_folder import quick_folder
from tests.services_broker import running_redis
from tests.services_databases import Databases, Dialect, settings_for
from tests.services_mail import MailSink, running_mail_sink
from tests.services_postgresql import running_postgresql
from tests.services_program import Program, running_program
from tests.web_client import app_under_test
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.jobs import Job, SilentNotifier
from workers.notify import BrokerNotifier

CHECK = "eligibility.official"
LONGEST_SECONDS = 10.0
LARGEST_MIB = 300.0
# Between two people who submit.
PAUSE_SECONDS = 3.0
# Until the clock has announced the checks and the workers make the first ones; and until a receipt counts as lost.
PATIENCE_SECONDS = 120.0
LOOK_EVERY = 0.05


@dataclass(slots=True)
class Trial:
    """What it has shown: seconds until each receipt arrived, reports made meanwhile, the largest memory by process."""

    database: Dialect
    waited: list[float] = field(default_factory=list)
    reports: int = 0
    left: int = 0
    seconds: float = 0.0
    largest_mib: dict[str, float] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """Whether each receipt came soon, although reports waited until the end, and no process grew too large."""
        return self.left > 0 and max(self.waited) < LONGEST_SECONDS and max(self.largest_mib.values()) < LARGEST_MIB

    def __str__(self) -> str:
        memory = ", ".join(f"{name} {mib:.0f}" for name, mib in sorted(self.largest_mib.items()))
        return (
            f"{self.database:10}  {len(self.waited)} receipts, the longest after {max(self.waited):.1f} s;"
            f"  {self.reports / self.seconds:.1f} reports a second, {self.left} still waited;"
            f"  largest process in MiB: {memory}"
        )


def trial(dialect: Dialect, waiting: int, receipts: int) -> Trial:
    """Fills a database, starts the program and submits beside its work."""
    found = Trial(dialect)
    with contextlib.ExitStack() as until:
        folder = until.enter_context(quick_folder("urbact-receipts"))
        start = cache(lambda: until.enter_context(running_postgresql()))
        url = until.enter_context(Databases(folder, start).fresh(dialect))
        sink = until.enter_context(running_mail_sink())
        broker = until.enter_context(running_redis()) if dialect == "postgresql" else None
        broker_url = broker.url if broker else embedded_broker_url(folder / "instance")
        environment = {"DATABASE_URL": url, "UPLOAD_DIR": str(folder / "uploads"), "MAIL_URL": sink.url}
        environment |= {"REDIS_URL": broker_url} if broker else {}
        settings = settings_for(url, folder, redis_url=broker_url)
        with app_under_test(settings, SilentNotifier()) as app, app.app_context():
            say(f"{waiting} submissions on {dialect}")
            drafts = _filled(waiting, receipts, datetime.now(UTC))
            program = until.enter_context(running_program(folder, environment, broker))
            # From here on those who submit are heard as on the site.
            app.extensions["notifier"] = BrokerNotifier(broker_url)
            say("the workers begin")
            _wait_for_first_reports()
            began, before = time.monotonic(), _count(JobState.DONE)
            for draft in drafts:
                found.waited.append(_seconds_to_receipt(draft, sink))
                _look_at_memory(program, found)
                time.sleep(PAUSE_SECONDS)
            found.seconds = time.monotonic() - began
            found.reports, found.left = _count(JobState.DONE) - before, _count(JobState.READY)
            db.session.remove()
            db.engine.dispose()
    return found


def _filled(waiting: int, receipts: int, now: datetime) -> Sequence[Draft]:
    """A closed call with so many submissions, and complete drafts of an open one."""
    fill(waiting, now, done_for_each=0)
    with transaction() as session:
        submit_all_step(session)
    call = open_call(db.session(), now, "APN-RECEIPTS")
    return [complete_draft(call, now, ten_cities(now, f" of draft {number}")) for number in range(receipts)]


def _count(state: JobState) -> int:
    """How many checks stand so."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Job.kind == CHECK, Job.state == state)) or 0


def _wait_for_first_reports() -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not _count(JobState.DONE):
        if time.monotonic() > until:
            raise TimeoutError("the workers made no report")
        time.sleep(LOOK_EVERY)


def _seconds_to_receipt(draft: Draft, sink: MailSink) -> float:
    db.session.rollback()
    began = time.monotonic()
    take_transition(draft.reference, "submit", draft.actor, datetime.now(UTC))
    while not sink.to(draft.lead_address):
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise TimeoutError(f"no receipt of {draft.reference}")
        time.sleep(LOOK_EVERY)
    return time.monotonic() - began


def _look_at_memory(program: Program, found: Trial) -> None:
    for part, each in program.memory_mib().items():
        found.largest_mib[part] = max(found.largest_mib.get(part, 0.0), *each)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waiting", type=int, default=8000, help="submissions whose official reports are to be made")
    parser.add_argument("--receipts", type=int, default=10, help="people who submit meanwhile")
    add_database(parser)
    options = parser.parse_args()

    def passes(dialect: Dialect) -> bool:
        found = trial(dialect, options.waiting, options.receipts)
        print(found, flush=True)
        return found.is_good

    return exit_status(options, passes)


if __name__ == "__main__":
    sys.exit(main())
