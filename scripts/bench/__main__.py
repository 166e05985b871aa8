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
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from config import ROOT, embedded_broker_url, embedded_socket
from scripts.bench.client import BenchError, Client, Figures, measure
from scripts.bench.pages import PAGES, Page, asker, floor_asker
from scripts.bench.report import Line, misses, table
from scripts.postgresql import ServiceMissing, running_postgresql
from scripts.serve import broker
from scripts.serve.processes import die_with_parent

WORKERS, THREADS = 2, 4


def say(text: str) -> None:
    """Progress goes to standard error, so that the table alone can be kept."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


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
        results = {count: bench(count, options.seconds, pages) for count in sorted(options.counts)}
    except (BenchError, ServiceMissing, broker.BrokerError) as problem:
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


def bench(count: int, seconds: float, pages: Sequence[Page]) -> list[Line]:
    """Measures pages of a call with `count` applications."""
    with tempfile.TemporaryDirectory(prefix="ub-") as name:
        folder = Path(name)
        (folder / "pg").mkdir()
        folder.chmod(0o755)
        with running_postgresql(folder / "pg", "shared_buffers=512MB", "max_wal_size=4GB") as server:
            environment = _environment(folder, server.create("bench"))
            say(f"Filling a call with {count:,} applications")
            command = [sys.executable, "-m", "scripts.bench.fill", str(count)]
            filled = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=False)
            if filled.returncode:
                raise BenchError("The call could not be filled.")
            with _broker(folder), _server("site", environment) as site, _server("floor", environment) as floor:
                return list(_lines(json.loads(filled.stdout), pages, site, floor, seconds))


def _lines(
    world_as_json: dict[str, Any], pages: Sequence[Page], site: int, floor: int, seconds: float
) -> Iterator[Line]:
    from scripts.bench.world import World

    world = World(**{**world_as_json, "drafts": tuple(map(tuple, world_as_json["drafts"]))})
    for page in pages:
        say(page.name)
        status = 302 if page.writes else 200
        one = measure([asker(page, world, site, 0)], seconds=seconds, expected=status)
        eight = measure([asker(page, world, site, n) for n in range(8)], seconds=seconds, expected=status)
        least: Figures = measure([floor_asker(page, world, floor)], seconds=seconds / 2, expected=200)
        yield Line(page.name, one, eight, least)


def _environment(folder: Path, database_url: str) -> Mapping[str, str]:
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "APP_ENV": "production",
        "SECRET_KEY": "of a benchmark that is gone in some minutes",
        "DATABASE_URL": database_url,
        "REDIS_URL": embedded_broker_url(folder),
        "TRUSTED_HOSTS": "localhost",
        "MAIL_URL": "mailbox:",
        "PUBLIC_URL": "http://localhost",
        "INSTANCE_DIR": str(folder),
    }


@contextlib.contextmanager
def _broker(folder: Path) -> Iterator[None]:
    where = embedded_socket(folder)
    broker.prepare(where, folder / "valkey")
    with _process(broker.command(where, folder / "valkey"), {}):
        yield


@contextlib.contextmanager
def _server(what: str, environment: Mapping[str, str]) -> Iterator[int]:
    """A gunicorn as in production; gives its port once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS)]
    # The clients keep their connections while they wait for each other, as a proxy in front of the site does.
    command += ["--keep-alive", "75"]
    with _process([*command, "--log-level", "warning", f"scripts.bench.site:{what}()"], environment) as process:
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                if Client(port).ask("/").status < 500:
                    break
            if process.poll() is not None or time.monotonic() > until:
                raise BenchError(f"The server of the {what} did not start.")
            time.sleep(0.1)
        yield port


@contextlib.contextmanager
def _process(command: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=ROOT, env=dict(environment), preexec_fn=die_with_parent)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


if __name__ == "__main__":
    sys.exit(main())
