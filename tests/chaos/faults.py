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
# There are few of them, so they are worth a longer wait.
LETTERS = ("mail.deliver_once",)
PATIENCE = {EXAMINATION: 4.0, LETTERS: 10.0, TARGETS: 4.0}
# A letter counts from the moment at which it may leave; a kill before that proves less.
IN_HAND = text(
    "SELECT id, attempts, kind FROM job WHERE state = 'sending' OR (state = 'running' AND kind <> 'mail.deliver_once')"
)
LOOK_EVERY = 0.001
# The supervisor waits longer after each death in a row, so only some kills hit the whole worker.
WHOLE_WORKER_KILLS = 4
POOL_KILLS = 12


Kill = Callable[[list[int]], None]


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
        kills: list[Kill] = [self._kill_all] * (WHOLE_WORKER_KILLS - 1) + [self._kill_pool] * POOL_KILLS
        self._random.shuffle(kills)
        # What a trial must have, comes first; the rest is chance.
        wanted = [EXAMINATION, LETTERS, *self._random.choices([*PATIENCE], k=len(kills))]
        for kill, kinds in zip([self._kill_all, *kills], wanted, strict=False):
            # Found before, because looking through all processes takes longer than most jobs.
            pids = self._wait_for_pool()
            if pids and (found := self._wait_for_work(engine, kinds)):
                if found in LETTERS:
                    # Before, while and after the mail server takes it.
                    time.sleep(self._random.uniform(0.0, 0.12))
                kill(pids)
                self.made[f"killed during {found}"] += 1
            self._over.wait(self._random.uniform(0.1, 0.5))
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
        until = time.monotonic() + PATIENCE[kinds]
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
        acts = [self._restart_broker, self._flush_broker]
        while not self._over.wait(self._random.uniform(0.5, 3.0)):
            act = acts.pop(0) if acts else self._random.choices([self._restart_broker, self._flush_broker], [1, 3])[0]
            act()

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
