"""Notifier: tells the workers that a kind of job is due. It may stay silent; the jobs wait in their table."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from urbact_calls.health import connection_to

logger = logging.getLogger(__name__)

# So long a message counts as waiting if no worker has said that it took it. One that was lost with its worker is then
# sent again; while workers are away or busy for longer, one more waits for each such while.
JOINED_SECONDS = 10
# Longer than the queue of a worker can be: a message for each kind, of which each has its turn, behind the longest job.
# A worker that was away for a day does not find a heap of them.
NOTIFICATION_EXPIRES_SECONDS = 600


class BrokerNotifier:
    """Sends one Celery message, however many jobs of the kind are due, and none while one waits. Never raises and never
    holds its caller for long."""

    def __init__(self, broker_url: str) -> None:
        # Without these options the first messages of a process hold their caller for 6 seconds each while the
        # broker is away (celery 5.7, redis-py 8.1); with them it is 0.01 seconds.
        self._celery = Celery("notifier", broker=broker_url)
        self._celery.conf.update(
            task_ignore_result=True,
            broker_connection_retry=False,
            broker_transport_options={"max_retries": 0, "socket_connect_timeout": 0.2, "socket_timeout": 0.4},
        )
        self._broker = connection_to(broker_url, patience_seconds=0.4)

    def __call__(self, kind: str, queue: str) -> None:
        options: dict[str, Any] = {"retry": False, "expires": NOTIFICATION_EXPIRES_SECONDS, "ignore_result": True}
        with self._best_effort(kind):
            if self._broker.set(_waiting(kind), 1, nx=True, ex=JOINED_SECONDS):
                self._celery.send_task(kind, queue=queue, **options)

    def taken(self, kind: str) -> None:
        """From now on the next one that is due is told of again."""
        with self._best_effort(kind):
            self._broker.delete(_waiting(kind))

    @contextlib.contextmanager
    def _best_effort(self, kind: str) -> Iterator[None]:
        try:
            yield
        except (OperationalError, RedisError, OSError) as problem:
            logger.warning("the broker did not take the notification of %s: %s", kind, type(problem).__name__)


def _waiting(kind: str) -> str:
    """The mark in the broker that a message about a kind waits there."""
    return f"notified:{kind}"
