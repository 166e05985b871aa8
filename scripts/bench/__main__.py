"""`./bench.sh 1000 10000`: measures a call with so many applications on PostgreSQL, beside the floor of the same run.

Makes a PostgreSQL of its own (with fsync) in a temporary folder, fills it, and starts the production server with two
workers: pages, with what a browser asks for at first and again. Then the acts: a submission, many before a deadline,
the official check, the announcement, the sealing; and what each process keeps in memory. `--json FILE` keeps the
figures, `--against FILE` compares them with kept ones. The exit status is 1 if a limit is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from config import ROOT
from scripts.bench.acts import ACTS
from scripts.bench.browser import Browser
from scripts.bench.client import Asker, BenchError, Client, measure, measure_in_turn
from scripts.bench.pages import PAGES, MeasuredPage, asking, asking_floor, path_of, visitor
from scripts.bench.processes import Memory, memory_of, used_by, workers_of
from scripts.bench.report import BenchReport, ReportLine, compared
from scripts.bench.world import BenchWorld, fill
from scripts.postgresql import ServiceMissing, running_postgresql
from scripts.serve.broker import BrokerError
from scripts.serve.processes import die_with
from scripts.trials import say
from tests.services_broker import running_valkey
from tests.services_databases import settings_for
from tests.services_mail import free_port
from tests.services_program import MARKS, Program, running_program
from urbact_calls.database import db
from urbact_calls.factory import create_app

WORKERS, THREADS = 2, 4
ACT_SIZES = (100, 1000)
# Until the clock has been heard: what a worker does first costs memory.
REST_SECONDS = 8.0
# How often each page is shown before the memory of the whole program is looked at.
VISITS = 3


def main() -> int:
    parser = argparse.ArgumentParser(prog="./bench.sh", description=__doc__)
    parser.add_argument("counts", metavar="N", type=int, nargs="+", help="applications of the call, at least 100")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each page is asked for (4)")
    parser.add_argument("--only", metavar="TEXT", action="append", help="only pages and acts with this in the name")
    parser.add_argument(
        "--acts", metavar="N", type=int, nargs="*", default=[*ACT_SIZES], help="applications for the acts (100 1000)"
    )
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--against", type=Path, help="file of another run, to compare with")
    options = parser.parse_args()
    if min([*options.counts, *options.acts]) < 100:
        parser.error("a call of the benchmark has at least 100 applications")
    before = json.loads(options.against.read_text()) if options.against else None
    pages = [page for page in PAGES if _is_meant(page.name, options.only)]
    acts = [act for act in ACTS if _is_meant(act, options.only)]
    if not pages and not acts:
        parser.error("no page and no act has such a name")
    report = BenchReport()
    try:
        if pages:
            measure_site(sorted(set(options.counts)), options.seconds, pages, report)
        measure_acts(sorted(set(options.acts)), acts, report)
    except (BenchError, ServiceMissing, BrokerError) as problem:
        say(str(problem))
        return 2
    print(f"\n{report.told()}")
    stored = report.stored()
    if options.json:
        options.json.write_text(json.dumps({"made": datetime.now(UTC).isoformat(), **stored}, indent=1))
    if before is not None:
        print(f"\nAgainst the run of {before['made'][:16]}\n{compared(stored, before)}")
    problems = report.missed()
    print("\n" + ("\n".join(problems) if problems else "Every limit is kept."))
    return 1 if problems else 0


def _is_meant(name: str, only: Sequence[str] | None) -> bool:
    return not only or any(text in name for text in only)


@dataclass(frozen=True, slots=True)
class Server:
    """A gunicorn: the port at which it answers, its process, and the database that it asks."""

    port: int
    process: int
    database: str

    def used(self) -> tuple[float, float]:
        """Seconds of the processor so far: of its workers, and of its connections to the database."""
        return used_by(self.process, self.database)


@dataclass(frozen=True, slots=True)
class Ground:
    """One call with its applications, and the servers of its site and its floor."""

    count: int
    world: BenchWorld
    site: Server
    floor: Server
    database_url: str
    seconds: float
    """How long it took to fill it."""


def measure_site(counts: Sequence[int], seconds: float, pages: Sequence[MeasuredPage], report: BenchReport) -> None:
    """Measures pages of a call with so many applications, for each count, and the memory of the processes after it."""
    with contextlib.ExitStack() as services:
        folder = Path(services.enter_context(tempfile.TemporaryDirectory(prefix="ub-")))
        (folder / "pg").mkdir()
        folder.chmod(0o755)
        server = services.enter_context(running_postgresql(folder / "pg", "shared_buffers=512MB", "max_wal_size=8GB"))
        broker = services.enter_context(running_valkey())
        with contextlib.ExitStack() as sites:
            grounds = [
                sites.enter_context(ground(count, folder, server.create(f"bench{count}"), broker.url))
                for count in counts
            ]
            measure_pages(grounds, seconds, pages, report)
        say("./run.sh at rest")
        report.program = _program_at_rest(folder, grounds[-1], [page for page in pages if not page.writes])


def measure_pages(
    grounds: Sequence[Ground], seconds: float, pages: Sequence[MeasuredPage], report: BenchReport
) -> None:
    """Asks for the pages on each ground, and looks at the memory of the web workers after that.

    All grounds are there at once and each page is asked for in turn: what else slows a machine down for a minute then
    slows all of them down, and what is compared stays comparable.
    """
    report.filled = {each.count: each.seconds for each in grounds}
    report.pages = {each.count: [] for each in grounds}
    for page in pages:
        say(page.name)
        try:
            for each, line in zip(grounds, _lines(page, grounds, seconds), strict=True):
                report.pages[each.count].append(line)
        except BenchError as problem:
            report.failures.append(f"{page.name}: {problem}")
    report.web_workers = [
        memory_of(f"web worker, {each.count:,}", pid) for each in grounds for pid in workers_of(each.site.process)
    ]


def measure_acts(counts: Sequence[int], acts: Sequence[str], report: BenchReport) -> None:
    """Measures acts of a call of so many applications, each count after the other."""
    for act in acts:
        for count in counts:
            say(f"{act}, {count:,}")
            try:
                report.acts.append(ACTS[act](count))
            except TimeoutError as problem:
                report.failures.append(f"{act} of {count:,}: {problem}")


@contextlib.contextmanager
def ground(count: int, folder: Path, database_url: str, broker_url: str) -> Iterator[Ground]:
    """Fills an empty database with a call of so many applications and serves it; `folder` is for files."""
    say(f"Filling a call with {count:,} applications")
    began = time.monotonic()
    with create_app(settings_for(database_url, folder)).app_context():
        world = fill(count, datetime.now(UTC))
        database = db.engine.url.database or ""
        db.engine.dispose()
    seconds = time.monotonic() - began
    environment = _environment(folder, database_url, broker_url)
    with _server("site", environment, database) as site, _server("floor", environment, database) as floor:
        yield Ground(count, world, site, floor, database_url, seconds)


def _lines(page: MeasuredPage, grounds: Sequence[Ground], seconds: float) -> list[ReportLine]:
    """The page and its floor on each ground by one client who asks one after the other, and the page by eight."""
    status = 302 if page.writes else 200
    lines = []
    with contextlib.ExitStack() as until:
        ones = [Asker(asking(page, each.world, each.site.port, 0, until), status, each.site.used) for each in grounds]
        floors = [
            Asker(asking_floor(page, each.world, each.floor.port, until), 200, each.floor.used) for each in grounds
        ]
        alone = measure_in_turn([*ones, *floors], seconds)
        for each, one, floor in zip(grounds, alone[: len(grounds)], alone[len(grounds) :], strict=True):
            eight = [
                Asker(asking(page, each.world, each.site.port, n, until), status, each.site.used) for n in range(8)
            ]
            lines.append(ReportLine(page.name, one, measure(eight, seconds=seconds), floor))
    return [_with_views(line, page, each) for line, each in zip(lines, grounds, strict=True)]


def _with_views(line: ReportLine, page: MeasuredPage, ground: Ground) -> ReportLine:
    if page.writes:
        return line
    client = visitor(page, ground.world, ground.site.port)
    with contextlib.closing(client):
        browser, path = Browser(client), path_of(page, ground.world)
        return replace(line, first=browser.view(path), again=browser.view(path))


def _program_at_rest(folder: Path, ground: Ground, pages: Sequence[MeasuredPage]) -> list[Memory]:
    """The memory of what `./run.sh` starts, on the database of a ground, once each page was shown and nothing is
    asked for any more."""
    environment = {"DATABASE_URL": ground.database_url, "UPLOAD_DIR": str(folder / "uploads")}
    with running_program(folder, environment, None) as program:
        for page in pages:
            client = visitor(page, ground.world, program.port)
            with contextlib.closing(client):
                for _ in range(VISITS):
                    client.ask(path_of(page, ground.world))
        time.sleep(REST_SECONDS)
        return _memory(program)


def _memory(program: Program) -> list[Memory]:
    if program.process is None:
        raise BenchError("The program has ended.")
    found = [memory_of("supervisor", program.process.pid)]
    for part in MARKS:
        pids = program.pids(part)
        found += [memory_of(f"{part} {number}" if pids[1:] else part, pid) for number, pid in enumerate(pids, 1)]
    return found


def _environment(folder: Path, database_url: str, broker_url: str) -> Mapping[str, str]:
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "APP_ENV": "production",
        "SECRET_KEY": "of a benchmark that is gone in some minutes",
        "DATABASE_URL": database_url,
        "REDIS_URL": broker_url,
        "TRUSTED_HOSTS": "localhost",
        # No worker runs, so nothing is sent.
        "MAIL_URL": "smtp://localhost",
        "OFFICE_ADDRESS": "office@example.org",
        "PUBLIC_URL": "https://localhost",
        "PROXIES": "0",
        "INSTANCE_DIR": str(folder),
    }


@contextlib.contextmanager
def _server(what: str, environment: Mapping[str, str], database: str) -> Iterator[Server]:
    """A gunicorn that writes a line for each request into a file, as in production; comes back once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS)]
    # The clients keep their connections while they wait for each other, as a proxy in front of the site does.
    command += ["--keep-alive", "75", "--log-level", "warning", f"scripts.bench.site:{what}()"]
    log = Path(environment["INSTANCE_DIR"], f"{what}-{port}.log")
    with log.open("ab") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=file, stderr=file, preexec_fn=partial(die_with, os.getpid())
        )
    try:
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), contextlib.closing(Client(port)) as client:
                if client.ask("/").status < 500:
                    break
            if process.poll() is not None or time.monotonic() > until:
                raise BenchError(f"The server of the {what} did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.1)
        yield Server(port, process.pid, database)
    finally:
        process.terminate()
        process.wait(timeout=20)


if __name__ == "__main__":
    sys.exit(main())
