"""The Celery application: one task for each registered kind of job, which takes what is due of it."""

from __future__ import annotations

import os
import socket
import time
from datetime import UTC, datetime
from typing import Any

import structlog
from celery import Celery
from celery.signals import celeryd_after_setup, worker_process_init
from flask import Flask, current_app
from kombu import Queue

from urbact_calls import jobs
from urbact_calls.database import db, only_one
from urbact_calls.job_sets import start_due
from urbact_calls.job_turns import run_next
from urbact_calls.jobs import Notifier
from workers.clock import ANNOUNCE_TASK, NOTIFY_TASK, OPTIONS
from workers.clock import QUEUE as CLOCK
from workers.schedule import PERIODIC
from workers.watchdog import add_watchdog

# Fast and slow, so that a long check does not delay a receipt; a worker that is not told otherwise listens to both.
QUEUES = ("fast", "slow", CLOCK)
# An attempt ends this long before its lease does, so that the next worker never works beside it.
LEASE_MARGIN_SECONDS = 5
# How long a worker stays with one kind before the next one that is due has its turn: a heap of letters must not hold up
# a receipt.
TURN_SECONDS = 1.0
# So long after the last job that goes first the others wait for the next one.
LULL_SECONDS = 2.0
# A process that has grown beyond this is replaced when it has done what it has in hand.
MOST_MEMORY_KIB = 250 * 1024
# Any number will do; it only has to be the same for all workers that share one PostgreSQL.
ANNOUNCING = 2_026_130


def utc_now() -> datetime:
    """The clock of the workers."""
    return datetime.now(UTC)


def make_celery(app: Flask) -> Celery:
    """The workers' Celery for this site: JSON only, UTC, no result backend (the job table is the result)."""
    celery = Celery("urbact_calls", broker=app.extensions["settings"].redis_url)
    # With the schedule, for whoever starts beat with this application; `workers.beat` is the smaller one.
    celery.conf.update(
        OPTIONS,
        task_serializer="json",
        accept_content=["json"],
        task_store_errors_even_if_ignored=False,
        # The row protects the work: a message that is lost with its worker is sent again.
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=1000,
        worker_max_memory_per_child=MOST_MEMORY_KIB,
        broker_connection_retry=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_queues=[Queue(name) for name in QUEUES],
        task_default_queue=QUEUES[0],
        task_routes={kind.name: {"queue": kind.queue} for kind in jobs.JOB_KINDS.values()},
        task_create_missing_queues=False,
    )
    precedence = Precedence()
    for kind in jobs.JOB_KINDS.values():
        _add_task(celery, app, kind, precedence)
    _add_tasks_of_the_clock(celery, app)
    worker_process_init.connect(_forget_connections(app), weak=False)
    celeryd_after_setup.connect(listen_to_the_clock, weak=False)
    add_watchdog(celery, app.extensions["settings"].redis_url)
    return celery


class Precedence:
    """Remembers, in each process, when it last saw something that goes before all others: what is stored faster than it
    comes in leaves no heap, and yet more of it is about to come, for which the processor is needed."""

    def __init__(self) -> None:
        self._until = 0.0

    def note(self) -> None:
        """Something that goes first was there just now."""
        self._until = time.monotonic() + LULL_SECONDS

    def holds(self) -> bool:
        """Whether others wait, because more of it may come."""
        return time.monotonic() < self._until


def _add_task(celery: Celery, app: Flask, kind: jobs.JobKind, precedence: Precedence) -> None:
    longest = max(1, int(kind.lease.total_seconds()) - LEASE_MARGIN_SECONDS)

    @celery.task(name=kind.name, shared=False, ignore_result=True, time_limit=longest)
    def take() -> None:
        """Takes what is due of this kind, until nothing is or others should have their turn; what goes first, first."""
        owner = f"{socket.gethostname()}:{os.getpid()}"
        until = time.monotonic() + TURN_SECONDS
        notifier: Notifier = app.extensions["notifier"]
        # Before anything is looked for: whoever commits a job from here on is heard again.
        notifier.taken(kind.name)
        with structlog.contextvars.bound_contextvars(kind=kind.name):
            while True:
                with app.app_context():
                    turn = run_next(kind.name, owner=owner, clock=utc_now, hold=precedence.holds())
                if turn.others_wait:
                    precedence.note()
                # The clock tells again of what has to wait.
                if not turn.taken:
                    return
                if time.monotonic() > until:
                    notifier(kind.name, kind.queue)
                    return


def notify_due(now: datetime) -> None:
    """Notifies the workers of every kind of job that is due."""
    for kind in jobs.due(db.session(), now):
        current_app.extensions["notifier"](kind, jobs.JOB_KINDS[kind].queue)


def announce_due(now: datetime) -> None:
    """Announces what only a date starts, unless another worker does so at this moment."""
    with only_one(ANNOUNCING) as is_alone:
        if is_alone:
            for periodic in PERIODIC:
                start_due(periodic, now)
            db.session.rollback()


def _add_tasks_of_the_clock(celery: Celery, app: Flask) -> None:
    @celery.task(name=NOTIFY_TASK, shared=False, ignore_result=True)
    def notify() -> None:
        """Notifies the workers of every kind of job that is due."""
        with app.app_context():
            notify_due(utc_now())

    @celery.task(name=ANNOUNCE_TASK, shared=False, ignore_result=True)
    def announce() -> None:
        """Announces what only a date starts."""
        with app.app_context():
            announce_due(utc_now())


def listen_to_the_clock(instance: Any, **_: Any) -> None:
    """Has a worker listen to the clock, whichever queues it was told to listen to: the clock must always be heard."""
    queues = instance.app.amqp.queues
    queues.select_add(queues[CLOCK])


def _forget_connections(app: Flask) -> Any:
    def forget(**_: Any) -> None:
        # A connection that was opened before the fork must not be used by two processes.
        with app.app_context():
            db.engine.dispose(close=False)

    return forget
