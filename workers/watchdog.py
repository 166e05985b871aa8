"""Watchdog of a worker: one that stands still ends itself, so that it is started again."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.bootsteps import ConsumerStep

from urbact_calls.health import broker_answers

logger = logging.getLogger(__name__)

# Celery itself waits up to half a minute between two attempts to reach a broker that was away for long.
LONGEST_STILLNESS = 45.0
# From here on the broker is asked: while it is away a worker has reason to wait.
SUSPICIOUS_STILLNESS = 5.0
HEARTBEAT_EVERY = 1.0


def end_at_once() -> None:
    """Says where it stands still, without a value of any variable, and ends this process and so its pool."""
    try:
        logger.error("the worker stood still for %.0f s; it ends, to be started again", LONGEST_STILLNESS)
        # Celery puts something else in the place of `sys.stderr`, which is no file.
        faulthandler.dump_traceback(file=sys.__stderr__ or 2)
    finally:
        os._exit(1)


class Watchdog:
    """Remembers when the worker last moved; `look` ends it when it should have moved and did not."""

    def __init__(self, broker_is_there: Callable[[], bool], end: Callable[[], None]) -> None:
        self._broker_is_there = broker_is_there
        self._end = end
        self._moved_at = time.monotonic()
        self._thread: threading.Thread | None = None

    def heartbeat(self) -> None:
        """The worker moves."""
        self._moved_at = time.monotonic()

    def look(self) -> None:
        """Ends a worker that stands still although the broker is there."""
        stillness = time.monotonic() - self._moved_at
        if stillness < SUSPICIOUS_STILLNESS:
            return
        if not self._broker_is_there():
            self.heartbeat()
        elif stillness > LONGEST_STILLNESS:
            self._end()

    def watch(self) -> None:
        """Looks from now on, in a thread of its own: the one that stands still cannot."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        while True:
            time.sleep(HEARTBEAT_EVERY)
            self.look()


def add_watchdog(celery: Celery, broker_url: str) -> None:
    """Has each worker of this app watched, from the moment in which it begins to listen."""
    watchdog = Watchdog(lambda: broker_answers(broker_url), end_at_once)

    class Heartbeat(ConsumerStep):
        """Gives a heartbeat in the loop that takes the messages: what keeps that loop from turning keeps it away."""

        def start(self, _consumer: Any) -> None:
            watchdog.heartbeat()
            watchdog.watch()

        def register_with_event_loop(self, _consumer: Any, hub: Any) -> None:
            hub.call_repeatedly(HEARTBEAT_EVERY, watchdog.heartbeat)

    celery.steps["consumer"].add(Heartbeat)
