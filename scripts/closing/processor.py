"""What each part of the program uses of the processor while a trial runs, looked up twice a second."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.services_program import descendants, processor_seconds

LOOK_EVERY = 0.5
# By what stands in the command of a process; the first that does.
PARTS = {
    "gunicorn": "site",
    "scripts.serve.site": "site",
    "scripts.serve.worker": "workers",
    "wsgi:celery": "workers",
    "postgres": "database",
    "valkey": "broker",
    "redis": "broker",
}
LOAD = "load"
"""This process: those who submit, the front where there is one, and the mail server."""


class ProcessorUse:
    """Seconds of the processor by part, at each look."""

    def __init__(self) -> None:
        self._looks: list[tuple[float, Mapping[str, float]]] = []

    def look(self) -> None:
        found = defaultdict[str, float](float, {LOAD: time.process_time()})
        for pid in descendants(os.getpid()):
            # It may end meanwhile.
            with contextlib.suppress(OSError):
                command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
                found[next((part for mark, part in PARTS.items() if mark in command), "other")] += processor_seconds(
                    pid
                )
        self._looks.append((time.time(), found))

    def between(self, begins: float, ends: float) -> dict[str, float]:
        """Seconds of the processor by part between two instants, seconds since 1970, to the nearest looks around."""
        instants = [instant for instant, _ in self._looks]
        first, last = max(0, bisect(instants, begins) - 1), min(len(instants) - 1, bisect(instants, ends))
        before, after = self._looks[first][1], self._looks[last][1]
        return {part: used for part in after if (used := after[part] - before.get(part, 0.0)) >= 0.005}


@contextlib.contextmanager
def processor_use() -> Iterator[ProcessorUse]:
    """Looks from now on until the end."""
    use, is_over = ProcessorUse(), threading.Event()

    def watch() -> None:
        while not is_over.wait(LOOK_EVERY):
            use.look()

    use.look()
    watching = threading.Thread(target=watch, name="processor")
    watching.start()
    try:
        yield use
    finally:
        is_over.set()
        watching.join()
