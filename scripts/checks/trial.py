"""One measured check: the real program on PostgreSQL, a closed call in its database, and a receipt meanwhile."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from sqlalchemy import Text, cast, func, select

from scripts.checks.world import fill
from scripts.postgresql import running_postgresql
from scripts.trials import say
from tests.factories.applications import complete_draft, ten_cities
from tests.factories.calls import open_call
from tests.services_broker import running_valkey
from tests.services_databases import settings_for
from tests.services_mail import MailSink, running_mail_sink
from tests.services_program import Program, command_line, descendants, processor_seconds, running_program
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import JobState, ReportKind
from urbact_calls.eligibility.reports.models import StoredReport
from urbact_calls.factory import create_app
from urbact_calls.jobs import Job

CHECK, LIST = "eligibility.official", "eligibility.closing_list"
# In so many parts of the reports their rate is measured.
STEPS = 8
LEAST_RATE = 15.0
LEAST_STEADINESS = 0.9
LONGEST_RECEIPT = 10.0
MOST_MEMORY = 300 * 2**20
# The report of another application has other names in it.
MOST_GROWTH = 1.02
LOOK_EVERY = 0.25
# Without a report for so long the trial ends.
PATIENCE = 120.0


@dataclass(slots=True)
class Processes:
    """What the processes of a program have used: the most memory of any of each part, in bytes, and seconds of the
    processor of each."""

    memory: dict[str, int] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)

    def look(self) -> None:
        for pid in descendants(os.getpid()):
            # The supervisor of the program and what it has started; not the servers of this trial.
            part = re.search(r"scripts\.serve(?:\.\w+)?", command_line(pid))
            if part is None:
                continue
            # One that has ended meanwhile is not looked at any more.
            with contextlib.suppress(OSError, IndexError):
                self.seconds[pid] = processor_seconds(pid)
                status = Path(f"/proc/{pid}/status").read_text()
                peak = next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]
                self.memory[part[0]] = max(self.memory.get(part[0], 0), int(peak) * 1024)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a check has shown. `rates` are reports a second, of each eighth of them in turn; `size` is that of a report
    in characters, on average; `receipt` the seconds until a receipt came that was asked for half-way."""

    count: int
    made: int
    twice: int
    listing: float
    rates: tuple[float, ...]
    whole: float
    size: float
    receipt: float
    memory: Mapping[str, int]
    processor_ms: float

    def told(self) -> str:
        """All figures, a line for each group."""
        steps = ", ".join(f"{rate:.1f}" for rate in self.rates)
        return "\n".join(
            [
                f"Reports: {self.made:,} of {self.count:,}, {self.twice} made twice",
                f"The list of the closing: {self.listing:.1f} s",
                f"Reports a second: {self.whole:.1f}; of each eighth: {steps}",
                f"Processor of all processes but the database's: {self.processor_ms:.0f} ms for each report",
                f"Size of a report: {self.size:,.0f} characters",
                f"Receipt: {self.receipt:.1f} s",
                "Most memory of one process: "
                + ", ".join(f"{name} {_mib(most)}" for name, most in self.memory.items()),
            ]
        )

    def missed(self, small: Figures) -> list[str]:
        """A sentence for each limit that was not held; `small` are the figures of a small call."""
        limits = {
            f"{self.count - self.made} reports are missing": self.made != self.count,
            f"{self.twice} reports were made twice": self.twice > 0,
            f"the last reports came at {self.rates[-1]:.1f} a second, the first at {self.rates[0]:.1f}": (
                self.rates[-1] < LEAST_STEADINESS * self.rates[0]
            ),
            f"{self.whole:.1f} reports a second, fewer than {LEAST_RATE:.0f}": self.whole < LEAST_RATE,
            f"the receipt took {self.receipt:.1f} s": self.receipt > LONGEST_RECEIPT,
            **{f"{name} took {_mib(most)}": most > MOST_MEMORY for name, most in self.memory.items()},
            f"a report has {self.size:,.0f} characters, and {small.size:,.0f} in a small call": (
                self.size > MOST_GROWTH * small.size
            ),
        }
        return [sentence for sentence, is_missed in limits.items() if is_missed]


def _mib(size: int) -> str:
    return f"{size / 2**20:.0f} MiB"


def trial(count: int) -> Figures:
    """Fills a database, starts the program and waits until its workers have checked the call.

    Raises TimeoutError when they make no report for two minutes.
    """
    with contextlib.ExitStack() as until:
        folder = Path(until.enter_context(tempfile.TemporaryDirectory(prefix="uc-")))
        (folder / "pg").mkdir()
        folder.chmod(0o755)
        server = until.enter_context(running_postgresql(folder / "pg", "shared_buffers=256MB", "max_wal_size=4GB"))
        broker = until.enter_context(running_valkey())
        sink = until.enter_context(running_mail_sink())
        url = server.create("checks")
        app = create_app(settings_for(url, folder, redis_url=broker.url))
        with app.app_context(), contextlib.ExitStack() as connected:
            connected.callback(_let_go)
            now = datetime.now(UTC)
            fill(count, now - timedelta(minutes=1))
            draft = complete_draft(open_call(db.session(), now, "APN-OPEN"), now, ten_cities(now, " of the trial"))
            environment = {"DATABASE_URL": url, "REDIS_URL": broker.url, "MAIL_URL": sink.url}
            environment["UPLOAD_DIR"] = str(folder / "uploads")
            with running_program(folder, environment, broker) as program:
                say("the workers check")
                processes = Processes()
                for _ in _until_made(count // 2, program, processes):
                    pass
                take_transition(draft.reference, "submit", draft.actor, datetime.now(UTC))
                asked, receipt = time.monotonic(), 0.0
                for _ in _until_made(count, program, processes):
                    receipt = receipt or _received(sink, draft.lead_address, asked)
                while not receipt and time.monotonic() < asked + PATIENCE:
                    time.sleep(LOOK_EVERY)
                    receipt = _received(sink, draft.lead_address, asked)
                processes.look()
            return _figures(count, processes, receipt or PATIENCE)


def _let_go() -> None:
    db.session.remove()
    db.engine.dispose()


def _until_made(wanted: int, program: Program, processes: Processes) -> Iterator[None]:
    """Looks at the program until so many official reports are made."""
    made, until = -1, time.monotonic() + PATIENCE
    while made < wanted:
        processes.look()
        yield
        official = select(func.count(StoredReport.id)).where(StoredReport.kind == ReportKind.OFFICIAL)
        now_made = db.session.scalar(official) or 0
        db.session.rollback()
        if now_made > made:
            made, until = now_made, time.monotonic() + PATIENCE
        if time.monotonic() > until:
            raise TimeoutError(f"{made} reports were made:\n{program.log.read_text()[-4000:]}")
        time.sleep(LOOK_EVERY)


def _received(sink: MailSink, address: str, asked: float) -> float:
    return time.monotonic() - asked if sink.to(address) else 0.0


def _figures(count: int, processes: Processes, receipt: float) -> Figures:
    session = db.session()
    rows = session.execute(
        select(Job.kind, Job.created_at, Job.done_at)
        .where(Job.kind.in_((LIST, CHECK)), Job.state == JobState.DONE)
        .order_by(Job.done_at)
    ).all()
    asked = min(row.created_at for row in rows)
    began = min(row.created_at for row in rows if row.kind == CHECK)
    done = [began, *(row.done_at for row in rows if row.kind == CHECK)]
    step = max(1, count // STEPS)
    made, applications, size = session.execute(
        select(
            func.count(StoredReport.id),
            func.count(StoredReport.application_id.distinct()),
            func.avg(func.length(cast(StoredReport.dossier, Text))),
        ).where(StoredReport.kind == ReportKind.OFFICIAL)
    ).one()
    return Figures(
        count=count,
        made=made,
        twice=made - applications,
        listing=(began - asked).total_seconds(),
        rates=tuple(step / _seconds(*pair) for pair in pairwise(done[::step])),
        whole=(len(done) - 1) / _seconds(began, done[-1]),
        size=float(size),
        receipt=receipt,
        memory=dict(sorted(processes.memory.items())),
        processor_ms=1000 * sum(processes.seconds.values()) / count,
    )


def _seconds(start: datetime, end: datetime) -> float:
    return max(0.001, (end - start).total_seconds())
