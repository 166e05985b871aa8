"""Who makes the faults: kills workers while they work, stops and empties the broker, at random."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable

from sqlalchemy import Engine, create_engine, text

from tests.services_program import Program

# What a worker must be doing when it is killed.
TARGETS = ("eligibility.examine", "mail.deliver", "mail.deliver_once", "casework.carry_out_decision")
EXAMINATION = ("eligibility.examine",)
IN_HAND = text("SELECT id, attempts, kind FROM job WHERE state IN ('running', 'sending')")
LOOK_EVERY = 0.001
# The supervisor waits longer after each death in a row, so only some kills hit the whole worker.
WHOLE_WORKER_KILLS = 4
POOL_KILLS = 12


class Faults:
    """Faults in threads of their own between `start` and `stop`; `made` counts them by kind."""

    def __init__(self, program: Program, seed: int) -> None:
        self.program = program
        self.made: Counter[str] = Counter()
        self._random = random.Random(seed)  # noqa: S311 -- the faults of a seed can be repeated
        self._over = threading.Event()
        self._threads = [threading.Thread(target=act) for act in (self._kill_workers, self._disturb_broker)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends the faults and leaves the broker running."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        if self.program.broker is not None:
            # A server dies with the thread that started it, so the last start is one of this thread.
            self.program.broker.kill()
            self.program.broker.start()

    # Workers

    def _kill_workers(self) -> None:
        engine = create_engine(self.program.database_url)
        kills: list[Callable[[list[int]], None]] = [self._kill_all] * WHOLE_WORKER_KILLS + [
            self._kill_pool
        ] * POOL_KILLS
        self._random.shuffle(kills)
        for kill in kills:
            # Found before, because looking through all processes takes longer than most jobs.
            pids = self._wait_for_pool()
            wanted = self._random.choice([EXAMINATION, TARGETS])
            if pids and (found := self._wait_for_work(engine, wanted)):
                kill(pids)
                self.made[f"killed during {found}"] += 1
            self._over.wait(self._random.uniform(0.1, 0.8))
        engine.dispose()

    def _wait_for_pool(self) -> list[int]:
        """The worker and its pool, once they are all there."""
        while not self._over.is_set():
            pids = self.program.pids("worker")
            if len(pids) >= 3:
                return pids
            self._over.wait(0.1)
        return []

    def _wait_for_work(self, engine: Engine, kinds: tuple[str, ...]) -> str:
        """Waits a moment until a worker takes such a job into its hands; a kill without one proves nothing."""
        until = time.monotonic() + 4
        with engine.connect() as connection:
            # Rows that a killed worker left behind are in nobody's hands.
            known = {(row.id, row.attempts) for row in connection.execute(IN_HAND)}
            while time.monotonic() < until and not self._over.is_set():
                connection.rollback()
                for row in connection.execute(IN_HAND):
                    if row.kind in kinds and (row.id, row.attempts) not in known:
                        return str(row.kind)
                    known.add((row.id, row.attempts))
                time.sleep(LOOK_EVERY)
        return ""

    def _kill_all(self, pids: list[int]) -> None:
        self._kill(pids)
        self.made["workers killed"] += 1

    def _kill_pool(self, pids: list[int]) -> None:
        self._kill(pids[1:])
        self.made["pools killed"] += 1

    def _kill(self, pids: list[int]) -> None:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    # Broker

    def _disturb_broker(self) -> None:
        while not self._over.wait(self._random.uniform(0.5, 3.0)):
            if self._random.random() < 0.25:
                self._restart_broker()
            else:
                self._flush_broker()

    def _flush_broker(self) -> None:
        # It may be away just now, because it was stopped a moment ago.
        with contextlib.suppress(ConnectionError, OSError):
            self.program.flush_broker()
            self.made["broker emptied"] += 1

    def _restart_broker(self) -> None:
        self.made["broker stopped"] += 1
        if self.program.broker is None:
            self.program.kill("broker")
            self._wait_for_broker()
        else:
            self.program.broker.kill()
            self._over.wait(self._random.uniform(0.5, 3.0))
            self.program.broker.start()

    def _wait_for_broker(self) -> None:
        while not self.program.broker_answers():
            time.sleep(0.1)
