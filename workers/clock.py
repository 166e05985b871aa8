"""The clock: Celery beat, which every few seconds asks the workers to look for what is due.

It sends two short messages and needs to know nothing else: neither pages nor tables, so that its process is small.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from celery import Celery
from celery.beat import Scheduler, SchedulingError

NOTIFY_TASK = "jobs.notify"
ANNOUNCE_TASK = "jobs.announce_due"
# A queue of its own, to which every worker listens: what fills the others cannot hold up the clock.
QUEUE = "clock"

BEAT: dict[str, dict[str, Any]] = {
    # A lost notification costs at most this long; the query behind it reads one index. Expires, so that a worker that
    # was away does not find a heap of old ones.
    "notify of due jobs": {"task": NOTIFY_TASK, "schedule": 2.0, "options": {"queue": QUEUE, "expires": 5}},
    # Apart from it: however long it takes to find what a date starts, what is known to be due is notified.
    "announce what is due": {"task": ANNOUNCE_TASK, "schedule": 5.0, "options": {"queue": QUEUE, "expires": 10}},
}

OPTIONS: dict[str, Any] = {
    "enable_utc": True,
    "timezone": "UTC",
    "task_ignore_result": True,
    "task_publish_retry": False,
    "worker_hijack_root_logger": False,
    # Without these a process waits for ever on a connection whose other end has gone without a word.
    "broker_transport_options": {"socket_timeout": 5.0, "socket_connect_timeout": 2.0, "socket_keepalive": True},
    "beat_schedule": BEAT,
    "beat_scheduler": "workers.clock:Clock",
}
"""What the clock and the workers have in common as users of the broker."""

logger = logging.getLogger(__name__)


def make_clock(broker_url: str) -> Celery:
    """The Celery application of the process that is the clock."""
    celery = Celery("clock", broker=broker_url)
    celery.conf.update(OPTIONS)
    return celery


class Clock(Scheduler):
    """Beat's own scheduler writes two stacks for every notification that the broker does not take: every two seconds,
    as long as the broker is away. A lost one costs nothing, since the next one is about all that is due.

    Nor does it keep a file of when it last sent what: whatever it sends is soon sent again.
    """

    is_heard = True

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as problem:
            if self.is_heard:
                cause = problem.__context__ or problem
                logger.warning("the broker does not take the notifications of the clock: %s", type(cause).__name__)
            self.is_heard = False
        else:
            if not self.is_heard:
                logger.warning("the broker takes the notifications of the clock again")
            self.is_heard = True


class JsonLine(logging.Formatter):
    """One JSON object per line, with the names that the lines of sites and workers have."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)
