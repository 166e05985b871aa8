"""The processes that do the jobs: a Celery worker for the fast queue and one for the slow queue, each with its pool.

All of them are forked from this one, which has imported the program and does nothing else: so they share its memory,
and one that died is there again at once. Apart, so that however long a job of the slow queue takes, a receipt is sent.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from celery.exceptions import SecurityWarning
from celery.signals import worker_process_init
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import configure_mappers

from scripts.serve.processes import die_with
from urbact_calls import jobs
from urbact_calls.database import db
from workers.schedule import PERIODIC

if TYPE_CHECKING:
    from celery import Celery

# Whatever a worker needs of Celery and has not imported yet, so that it is imported once.
OF_CELERY = (
    *("celery.apps.worker", "celery.app.log", "celery.bin.celery", "celery.concurrency.prefork"),
    *("celery.backends.base", "celery.events.receiver", "celery.worker.autoscale", "celery.worker.consumer"),
    *("celery.worker.loops", "celery.worker.pidbox", "celery.worker.strategy", "billiard.popen_fork"),
    *("billiard.sharedctypes", "kombu.transport.redis", "kombu.utils.limits"),
)
OPTIONS = ("--pool=prefork", "--loglevel=WARNING", "--without-gossip", "--without-mingle")
# Between the death of a worker and its next start; one that cannot start at all must not keep the machine busy.
PAUSE_SECONDS = 2.0
SIGNALS = frozenset({signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP})


@dataclass(slots=True, kw_only=True)
class QueueWorker:
    """A Celery worker for one queue, whose pool has so many processes."""

    queue: str
    processes: int
    pid: int | None = None
    start_again_at: float = field(default=0.0, repr=False)

    def start(self, celery: Celery) -> None:
        """Forks the worker. Comes back in the parent only."""
        parent = os.getpid()
        self.pid = os.fork() or None
        if self.pid is not None:
            return
        die_with(parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        _follow(os.getpid())
        named = (f"--queues={self.queue}", f"--hostname={self.queue}@%h", f"--concurrency={self.processes}")
        celery.worker_main(["--quiet", "worker", *OPTIONS, *named])
        sys.exit()

    def is_due(self) -> bool:
        return self.pid is None and time.monotonic() >= self.start_again_at


def _follow(worker: int) -> None:
    """Has each process of the pool end with its worker, so that it cannot finish a job beside the next worker."""

    def follow_the_worker(**_: Any) -> None:
        die_with(worker)

    worker_process_init.connect(follow_the_worker, weak=False)


def warm_up(app: Flask, celery: Celery) -> None:
    """Does once, in memory that all share, what each process would do at its first job: tables are mapped, and the
    statements of the clock are written."""
    for name in OF_CELERY:
        import_module(name)
    celery.finalize()
    with app.app_context():
        configure_mappers()
        now = datetime.now(UTC)
        try:
            jobs.due(db.session(), now)
            for periodic in PERIODIC:
                periodic(db.session(), now)
        except SQLAlchemyError as problem:
            # It only costs memory: the workers connect by themselves when the database is back.
            app.logger.warning("the database did not answer: %s", type(problem).__name__)
        db.session.remove()
        # No connection may be used by two processes.
        db.engine.dispose()
    gc.collect()
    gc.freeze()


def watch(celery: Celery, workers: list[QueueWorker]) -> None:
    """Keeps the workers alive until a signal ends them all; what they have in hand they finish."""
    # Waited for, not handled: so none can come between two lines.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    is_ending = False
    while not is_ending or any(worker.pid for worker in workers):
        for worker in workers:
            if worker.is_due() and not is_ending:
                worker.start(celery)
        heard = signal.sigtimedwait(SIGNALS, PAUSE_SECONDS)
        if heard is not None and heard.si_signo != signal.SIGCHLD:
            is_ending = True
            for worker in workers:
                if worker.pid:
                    os.kill(worker.pid, signal.SIGTERM)
        for worker in workers:
            _look_after(worker, is_ending=is_ending)


def _look_after(worker: QueueWorker, *, is_ending: bool) -> None:
    if worker.pid is None:
        return
    pid, status = os.waitpid(worker.pid, os.WNOHANG)
    if pid == 0:
        return
    worker.pid, worker.start_again_at = None, time.monotonic() + PAUSE_SECONDS
    if not is_ending:
        code = os.waitstatus_to_exitcode(status)
        print(f"The worker of the {worker.queue} queue stopped ({code}); it starts again.", flush=True)


def main() -> None:
    from wsgi import app, celery

    # A container or a fresh machine has only root; messages are JSON, which is what the warning is about.
    warnings.simplefilter("ignore", SecurityWarning)
    warm_up(app, celery)
    watch(celery, [QueueWorker(queue="fast", processes=1), QueueWorker(queue="slow", processes=2)])


if __name__ == "__main__":
    main()
