"""Processor and memory of the processes that the benchmark starts, as the kernel counts them."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from tests.services_program import command_line, descendants, processor_seconds, shared_mib


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process takes, in MiB: its share of what it has in common with others (PSS), and all that it maps in
    memory (RSS)."""

    process: str
    pss: float
    rss: float


def memory_of(process: str, pid: int) -> Memory:
    """The memory of a running process, under the name `process`."""
    return Memory(process, shared_mib(pid), _resident_mib(pid))


def _resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def workers_of(server: int) -> list[int]:
    """The processes of a gunicorn that answer requests."""
    return sorted(descendants(server))


def used_by(server: int, database: str) -> tuple[float, float]:
    """Seconds of the processor that the workers of a gunicorn have used, and the connections to a database that there
    are now."""
    of_database = re.compile(rf"postgres: \S+ {re.escape(database)} ")
    connections = [pid for pid in descendants(os.getpid()) if of_database.match(command_line(pid))]
    return sum(map(processor_seconds, workers_of(server))), sum(map(_seconds, connections))


def _seconds(pid: int) -> float:
    # A connection may end while it is looked for.
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return processor_seconds(pid)
    return 0.0
