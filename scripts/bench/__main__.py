"""`./bench.sh 1000 10000`: measures the pages of a call with so many applications, on PostgreSQL, beside the floor.

Makes a PostgreSQL of its own (with fsync) in a temporary folder, fills it, starts the production server with two
workers, and prints a table; `--json FILE` keeps the figures. The exit status is 1 if a page misses a limit.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from config import ROOT
from scripts.bench.client import BenchError, Client, measure, measure_in_turn
from scripts.bench.pages import PAGES, MeasuredPage, asker, floor_asker
from scripts.bench.report import ReportLine, misses, table
from scripts.bench.world import BenchWorld, fill
from scripts.postgresql import ServiceMissing, running_postgresql
from scripts.serve.broker import BrokerError
from scripts.serve.processes import die_with
from scripts.trials import say
from tests.services_broker import running_valkey
from tests.services_databases import settings_for
from tests.services_mail import free_port
from urbact_calls.database import db
from urbact_calls.factory import create_app

WORKERS, THREADS = 2, 4


def main() -> int:
    parser = argparse.ArgumentParser(prog="./bench.sh", description=__doc__)
    parser.add_argument("counts", metavar="N", type=int, nargs="+", help="applications of the call, at least 100")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each page is asked for (4)")
    parser.add_argument("--only", metavar="TEXT", action="append", help="only pages with this in the name")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    if min(options.counts) < 100:
        parser.error("a call of the benchmark has at least 100 applications")
    pages = [page for page in PAGES if not options.only or any(text in page.name for text in options.only)]
    if not pages:
        parser.error("no page has such a name")
    try:
        results = bench(sorted(set(options.counts)), options.seconds, pages)
    except (BenchError, ServiceMissing, BrokerError) as problem:
        say(str(problem))
        return 2
    for count, lines in results.items():
        print(f"\n{count:,} applications, p50 and p95 in ms, 1 and 8 clients, {WORKERS} workers\n{table(lines)}")
    if options.json:
        kept = {str(count): [dataclasses.asdict(line) for line in lines] for count, lines in results.items()}
        options.json.write_text(json.dumps(kept, indent=1))
    problems = misses(results)
    print("\n" + ("\n".join(problems) if problems else "Every page keeps its limits."))
    return 1 if problems else 0


@dataclass(frozen=True, slots=True)
class Ground:
    """One call with its applications, and the ports at which its site and its floor answer."""

    world: BenchWorld
    site: int
    floor: int


def bench(counts: Sequence[int], seconds: float, pages: Sequence[MeasuredPage]) -> dict[int, list[ReportLine]]:
    """Measures pages of a call with so many applications, for each count.

    All are there at once and each page is asked for in turn: what else slows a machine down for a minute then slows
    all of them down, and what is compared stays comparable.
    """
    with contextlib.ExitStack() as services:
        folder = Path(services.enter_context(tempfile.TemporaryDirectory(prefix="ub-")))
        (folder / "pg").mkdir()
        folder.chmod(0o755)
        server = services.enter_context(running_postgresql(folder / "pg", "shared_buffers=512MB", "max_wal_size=4GB"))
        broker = services.enter_context(running_valkey())
        grounds = [
            services.enter_context(_ground(count, folder, server.create(f"bench{count}"), broker.url))
            for count in counts
        ]
        results: dict[int, list[ReportLine]] = {count: [] for count in counts}
        for page in pages:
            say(page.name)
            for count, line in zip(counts, _lines(page, grounds, seconds), strict=True):
                results[count].append(line)
        return results


@contextlib.contextmanager
def _ground(count: int, folder: Path, database_url: str, broker_url: str) -> Iterator[Ground]:
    say(f"Filling a call with {count:,} applications")
    with create_app(settings_for(database_url, folder)).app_context():
        world = fill(count, datetime.now(UTC))
        db.engine.dispose()
    environment = _environment(folder, database_url, broker_url)
    with _server("site", environment) as site, _server("floor", environment) as floor:
        yield Ground(world, site, floor)


def _lines(page: MeasuredPage, grounds: Sequence[Ground], seconds: float) -> list[ReportLine]:
    """The page on each ground: by one client who asks one after the other, by eight, and the floor by one."""
    status = 302 if page.writes else 200
    ones = measure_in_turn([asker(page, each.world, each.site, 0) for each in grounds], seconds, status)
    eights = [
        measure([asker(page, each.world, each.site, n) for n in range(8)], seconds=seconds, expected=status)
        for each in grounds
    ]
    floors = measure_in_turn([floor_asker(page, each.world, each.floor) for each in grounds], seconds / 2, 200)
    return [ReportLine(page.name, *figures) for figures in zip(ones, eights, floors, strict=True)]


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
def _server(what: str, environment: Mapping[str, str]) -> Iterator[int]:
    """A gunicorn that writes a line for each request into a file, as in production; gives its port once it answers."""
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
            with contextlib.suppress(OSError):
                if Client(port).ask("/").status < 500:
                    break
            if process.poll() is not None or time.monotonic() > until:
                raise BenchError(f"The server of the {what} did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


if __name__ == "__main__":
    sys.exit(main())
