"""The Celery application: one task per registered kind of job, each of which runs the row that it names."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime
from typing import Any

import structlog
from celery import Celery
from celery.signals import worker_process_init
from flask import Flask
from kombu import Queue

from urbact_calls import jobs
from urbact_calls.database import db, transaction
from workers.schedule import BEAT, PERIODIC
from workers.watchdog import add_watchdog

NOTIFY_TASK = "jobs.notify"
# Two, so that a long check does not delay a receipt; a worker that is not told otherwise listens to both.
QUEUES = ("fast", "slow")
# An attempt ends this long before its lease does, so that the next worker never works beside it.
LEASE_MARGIN_SECONDS = 5


def utc_now() -> datetime:
    """The clock of the workers."""
    return datetime.now(UTC)


def make_celery(app: Flask) -> Celery:
    """The workers' Celery for this site: JSON only, UTC, no result backend (the job table is the result)."""
    celery = Celery("urbact_calls", broker=app.extensions["settings"].redis_url)
    celery.conf.update(
        task_serializer="json",
        accept_content=["json"],
        enable_utc=True,
        timezone="UTC",
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        # The row protects the work: a message that is lost with its worker is sent again.
        task_acks_late=False,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=1000,
        worker_hijack_root_logger=False,
        broker_connection_retry=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # Without these a worker waits for ever on a connection whose other end has gone without a word.
        broker_transport_options={"socket_timeout": 5.0, "socket_connect_timeout": 2.0, "socket_keepalive": True},
        task_queues=[Queue(name) for name in QUEUES],
        task_default_queue=QUEUES[0],
        task_routes={kind.name: {"queue": kind.queue} for kind in jobs.JOB_KINDS.values()},
        task_create_missing_queues=False,
        beat_schedule=BEAT,
        beat_scheduler="workers.clock:Clock",
    )
    for kind in jobs.JOB_KINDS.values():
        _add_task(celery, app, kind)
    _add_notify_task(celery, app)
    worker_process_init.connect(_forget_connections(app), weak=False)
    add_watchdog(celery, app.extensions["settings"].redis_url)
    return celery


def _add_task(celery: Celery, app: Flask, kind: jobs.JobKind) -> None:
    longest = max(1, int(kind.lease.total_seconds()) - LEASE_MARGIN_SECONDS)

    @celery.task(name=kind.name, shared=False, ignore_result=True, time_limit=longest)
    def run(job_id: int) -> None:
        with app.app_context(), structlog.contextvars.bound_contextvars(job=job_id, kind=kind.name):
            jobs.run(job_id, owner=f"{socket.gethostname()}:{os.getpid()}", clock=utc_now)


def _add_notify_task(celery: Celery, app: Flask) -> None:
    @celery.task(name=NOTIFY_TASK, shared=False, ignore_result=True)
    def notify() -> None:
        """Notifies the workers of every job that is due, and announces what only the clock starts."""
        with app.app_context():
            now = utc_now()
            # First what is due: a fault in what the clock starts must not stop everything else.
            for kind, job_id in jobs.due(db.session(), now):
                app.extensions["notifier"](kind, job_id, jobs.JOB_KINDS[kind].queue)
            for periodic in PERIODIC:
                with transaction() as session:
                    periodic(session, now)


def _forget_connections(app: Flask) -> Any:
    def forget(**_: Any) -> None:
        # A connection that was opened before the fork must not be used by two processes.
        with app.app_context():
            db.engine.dispose(close=False)

    return forget
