"""The clock of the program: Celery beat, which asks the workers every few seconds to look for what is due."""

from __future__ import annotations

from celery.apps.beat import Beat

if __name__ == "__main__":
    from workers.beat import celery

    # Not by the command of Celery, whose other commands would take half of the memory of this process.
    Beat(app=celery, quiet=True, loglevel="WARNING").run()
