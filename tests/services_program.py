"""The real program for the tests: site, worker and beat under their supervisor, in a folder of their own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import redis

from config import ROOT, embedded_socket
from tests.services_broker import Broker
from tests.services_mail import free_port

Part = Literal["site", "worker", "beat", "broker"]
# What a process of each part has on its command line.
MARKS: dict[Part, str] = {
    "site": "scripts.serve.site",
    "worker": "scripts.serve.worker",
    "beat": "scripts.serve.beat",
    "broker": "valkey-server",
}
START_PATIENCE = 60.0


class Program:
    """A running program. `folder` is its instance folder; `broker` is given when it is not the bundled one.

    `words` are those of `./run.sh`; `root` is the folder of another copy of the program.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        broker: Broker | None,
        *,
        root: Path = ROOT,
        words: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.root = root
        self.words = words
        self.broker = broker
        self.port = free_port()
        self.log = folder / "program.log"
        self.environment = {
            # Nothing of the person's own environment but what finding programs needs.
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ},
            "APP_ENV": "test",
            "INSTANCE_DIR": str(folder / "instance"),
            "PORT": str(self.port),
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def database_url(self) -> str:
        return self.environment.get("DATABASE_URL") or f"sqlite:///{self.folder / 'instance' / 'urbact.sqlite'}"

    def start(self) -> None:
        """Starts it; comes back when it answers that it is ready."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "scripts.serve", *self.words]
            self.process = subprocess.Popen(command, cwd=self.root, env=self.environment, stdout=log, stderr=log)
        until = time.monotonic() + START_PATIENCE
        while self.status("/readyz") != 200:
            assert self.process.poll() is None, f"the program ended:\n{self.log.read_text()}"
            assert time.monotonic() < until, f"the program did not become ready:\n{self.log.read_text()}"
            time.sleep(0.05)

    def start_seconds(self) -> float:
        """What supervisor and site have used of the processor; right after `start`, what it cost until it was ready."""
        assert self.process is not None
        return sum(processor_seconds(pid) for pid in [self.process.pid, *self.pids("site")])

    def stop(self) -> int:
        """Ends it as Ctrl-C does; answers its exit status."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(timeout=30)
        self.process = None
        return status

    def status(self, path: str) -> int:
        """The status with which the site answers, 0 if it does not."""
        try:
            with urlopen(self.url + path, timeout=2) as answer:  # noqa: S310 -- our own address
                return int(answer.status)
        except HTTPError as refused:
            with refused:
                return refused.code
        except (URLError, ConnectionError, TimeoutError):
            return 0

    def flask(self, *words: str, typed: str = "") -> str:
        """What `flask --app wsgi WORDS` prints, with the settings of this program."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, input=typed, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def pids(self, part: Part) -> list[int]:
        """The processes of a part, oldest first; of the worker also those of its queues and their pools."""
        assert self.process is not None
        found = [pid for pid in descendants(self.process.pid) if MARKS[part] in command_line(pid)]
        return sorted(found)

    def pool(self) -> list[int]:
        """The processes that do the jobs."""
        worker = self.pids("worker")
        return [pid for each in worker if parent_of(each) in worker[:1] for pid in descendants(each)]

    def memory_mib(self) -> dict[str, list[float]]:
        """What each process takes of the memory, its share of what it has in common with others, by its part."""
        assert self.process is not None
        found = {part: [shared_mib(pid) for pid in self.pids(part)] for part in MARKS}
        return {"supervisor": [shared_mib(self.process.pid)]} | {part: each for part, each in found.items() if each}

    def kill(self, part: Part) -> bool:
        """Kills a part with all its processes, as when memory runs out. The supervisor starts it again; False if there
        was none."""
        pids = self.pids(part)
        kill_all(pids)
        return bool(pids)

    def flush_broker(self) -> None:
        """Empties the broker: every message in it is lost."""
        with self.broker_connection() as connection:
            connection.flushall()

    def broker_answers(self) -> bool:
        try:
            with self.broker_connection() as connection:
                return bool(connection.ping())
        except redis.ConnectionError:
            return False

    def broker_connection(self) -> redis.Redis:
        if self.broker is not None:
            return self.broker.connect()
        socket = embedded_socket(Path(self.environment["INSTANCE_DIR"]))
        return redis.Redis.from_url(f"unix://{socket}?db=0")


@contextlib.contextmanager
def running_program(
    folder: Path, environment: Mapping[str, str], broker: Broker | None, **of_program: Any
) -> Iterator[Program]:
    program = Program(folder, environment, broker, **of_program)
    try:
        program.start()
        yield program
    finally:
        if program.process is not None and program.process.poll() is None:
            program.stop()


def kill_all(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def parent_of(pid: int) -> int | None:
    """The parent of a process, None if it has gone. It stands second after the name, which is in brackets and may hold
    blanks."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None


def descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        parent = parent_of(int(entry.name))
        if parent is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def processor_seconds(pid: int) -> float:
    """What a process has used of the processor, for itself and in the kernel, and its children that have ended."""
    used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def shared_mib(pid: int) -> float:
    """The memory of a process in MiB, its share of what it has in common with others (PSS)."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return 0.0


def command_line(pid: int) -> str:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""
