"""The process that does the jobs: a Celery worker with two pool processes."""

from __future__ import annotations

import os
import warnings
from typing import Any

from celery.exceptions import SecurityWarning
from celery.signals import worker_process_init

from scripts.serve.processes import die_with

_WORKER = os.getpid()


@worker_process_init.connect
def follow_the_worker(**_: Any) -> None:
    """A pool process whose worker was killed ends too, so that it cannot finish a job beside the next worker."""
    die_with(_WORKER)


if __name__ == "__main__":
    from wsgi import celery

    # A container or a fresh machine has only root; messages are JSON, which is what the warning is about.
    warnings.simplefilter("ignore", SecurityWarning)
    options = ["--pool=prefork", "--concurrency=2", "--loglevel=WARNING", "--without-gossip", "--without-mingle"]
    celery.worker_main(["--quiet", "worker", *options])
