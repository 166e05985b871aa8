"""The clock of the program: Celery beat, which notifies the workers of every job that is due."""

from __future__ import annotations

from config import Settings

if __name__ == "__main__":
    from wsgi import celery

    schedule = Settings.from_environment().instance_dir / "beat-schedule"
    celery.start(["--quiet", "beat", "--loglevel=WARNING", "--pidfile=", f"--schedule={schedule}"])
