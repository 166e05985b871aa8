"""The clock of the workers: Celery beat, which says once that the broker is away, and once that it is back."""

from __future__ import annotations

import logging
from typing import Any

from celery.beat import PersistentScheduler, SchedulingError

logger = logging.getLogger(__name__)


class Clock(PersistentScheduler):
    """Beat's own scheduler writes two stacks for every notification that the broker does not take: every two seconds,
    as long as the broker is away. A lost one costs nothing, since the next one is about all that is due."""

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
