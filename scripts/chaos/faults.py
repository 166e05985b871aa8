"""Fault injection: kills processes and connections, stops and empties servers, in an order that a seed repeats."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

import redis
from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from scripts.postgresql import PostgreSQL
from scripts.trials import say
from tests.services_program import Program, kill_all

# How many of 200 faults are of each kind. The supervisor waits longer after each death in a row of the same part, up
# to half a minute, so whole parts die seldom; a pool, a connection or a message is replaced at once.
ON_POSTGRESQL = {
    "connections ended": 80,
    "pool killed": 50,
    "broker emptied": 40,
    "broker stopped": 8,
    "database stopped": 8,
    "worker killed": 5,
    "site killed": 5,
    "beat killed": 4,
}
ON_SQLITE = {
    "pool killed": 75,
    "broker emptied": 66,
    "database locked": 35,
    "site killed": 8,
    "worker killed": 6,
    "broker stopped": 5,
    "beat killed": 5,
}
# A letter counts from the moment at which it may leave; a kill before that proves less.
IN_HAND = text(
    "SELECT id, attempts, kind FROM job WHERE state = 'sending' OR (state = 'running' AND kind <> 'mail.deliver_once')"
)
LOOK_EVERY = 0.002
# How long a kill waits until a worker has a job in its hands.
PATIENCE = 2.0
# How long a part may be away before the trial ends without its fault.
LONGEST_ABSENCE = 180.0
# One lock in so many is held longer than a request waits.
LONG_LOCK = 8
# Of the fast queue and of the slow queue.
POOL = 3

# Makes one fault; False if its target is not there now.
Act = Callable[[], bool]


def plan(weights: Mapping[str, int], count: int, chance: random.Random) -> list[str]:
    """So many faults in the shares of `weights`, at least one of each kind, in random order."""
    chosen = [kind for kind, weight in weights.items() for _ in range(max(1, weight * count // sum(weights.values())))]
    kinds = [*weights]
    while len(chosen) < count:
        chosen.append(chance.choices(kinds, [*weights.values()])[0])
    chance.shuffle(chosen)
    return chosen


class Faults:
    """Makes faults in the thread that calls `make`; `made` counts them by kind."""

    def __init__(self, program: Program, cluster: PostgreSQL | None, seed: int) -> None:
        self.program = program
        self.cluster = cluster
        self.made: Counter[str] = Counter()
        self.in_hand: Counter[str] = Counter()
        self._chance = random.Random(seed)  # noqa: S311 -- the faults of a seed can be repeated
        self._engine = create_engine(program.database_url, poolclass=NullPool)
        self._acts: dict[str, Act] = {
            "database locked": self._lock_database,
            "pool killed": self._kill_pool,
            "worker killed": lambda: self.program.kill("worker"),
            "site killed": lambda: self.program.kill("site"),
            "beat killed": lambda: self.program.kill("beat"),
            "broker emptied": self._empty_broker,
            "broker stopped": self._stop_broker,
        }
        if cluster is not None:
            self._acts["connections ended"] = lambda: self._end_connections(cluster)
            self._acts["database stopped"] = lambda: self._stop_database(cluster)

    def make(self, count: int, kinds: Sequence[str] = ()) -> None:
        """Makes so many faults, only of `kinds` if any are named, with short pauses; waits for what must be there."""
        weights = ON_POSTGRESQL if self.cluster else ON_SQLITE
        waiting = plan({kind: weights[kind] for kind in kinds or weights}, count, self._chance)
        while waiting:
            since = time.monotonic()
            # In their order: skipping what is away now would bring all of one kind together.
            while not self._acts[waiting[-1]]():
                if time.monotonic() - since > LONGEST_ABSENCE:
                    raise TimeoutError(f"no {waiting[-1]} for {LONGEST_ABSENCE:.0f} s: the part did not come back")
                time.sleep(0.2)
            self.made[waiting.pop()] += 1
            if len(waiting) % 20 == 0:
                say(f"{count - len(waiting)} of {count} faults made")
            time.sleep(self._chance.uniform(0.05, 0.8))

    # Processes

    def _kill_pool(self) -> bool:
        """Kills the processes that do the jobs, most often while one of them has a job in its hands."""
        if len(self.program.pool()) < POOL:
            return False
        found = self._wait_for_work() if self._chance.random() < 0.7 else ""
        if found == "mail.deliver_once":
            # Before, while and after the mail server takes it.
            time.sleep(self._chance.uniform(0.0, 0.12))
        kill_all(self.program.pool())
        if found:
            self.in_hand[found] += 1
        return True

    def _wait_for_work(self) -> str:
        """The kind of a job that a worker has just taken; empty if none did within a moment."""
        until = time.monotonic() + PATIENCE
        with contextlib.suppress(DBAPIError), self._engine.connect() as connection:
            # Rows that a killed worker left behind are in nobody's hands.
            known = {(row.id, row.attempts) for row in connection.execute(IN_HAND)}
            while time.monotonic() < until:
                connection.rollback()
                for row in connection.execute(IN_HAND):
                    if (row.id, row.attempts) not in known:
                        return str(row.kind)
                time.sleep(LOOK_EVERY)
        return ""

    # Database

    def _end_connections(self, cluster: PostgreSQL) -> bool:
        # A site that starts again would die of it each time, and wait longer after each.
        if self.program.status("/healthz") != HTTPStatus.OK:
            return False
        database = make_url(self.program.database_url).database
        return cluster.end_connections(str(database), self._chance.choice([1, 1, 2, 4])) > 0

    def _stop_database(self, cluster: PostgreSQL) -> bool:
        if self.program.status("/healthz") != HTTPStatus.OK:
            return False
        cluster.stop()
        time.sleep(self._chance.uniform(0.2, 2.5))
        cluster.start()
        return True

    def _lock_database(self) -> bool:
        """Holds the write lock of the file, now and then for longer than anybody waits."""
        is_long = self.made["database locked"] % LONG_LOCK == LONG_LOCK - 1
        path = make_url(self.program.database_url).database
        with contextlib.closing(sqlite3.connect(str(path), timeout=10, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(7.0 if is_long else self._chance.uniform(0.1, 1.5))
            connection.execute("ROLLBACK")
        return True

    # Broker

    def _empty_broker(self) -> bool:
        with contextlib.suppress(redis.ConnectionError, OSError):
            self.program.flush_broker()
            return True
        return False

    def _stop_broker(self) -> bool:
        broker = self.program.broker
        if broker is None:
            return self.program.kill("broker")
        broker.kill()
        time.sleep(self._chance.uniform(0.2, 2.5))
        broker.start()
        return True
