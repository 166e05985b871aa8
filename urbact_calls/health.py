"""Health of the program: whether it can answer (database, tables), whether the broker is there, how long work waits."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import parse_qs, urlsplit

from alembic.script import ScriptDirectory
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from urbact_calls import job_counts

BROKER_PATIENCE_SECONDS = 0.3
LATE_AFTER = timedelta(minutes=10)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was found, in words that anybody may read: they name no machine, no version and no person."""

    database: str
    migrations: str
    broker: str
    oldest_due: timedelta | None

    @property
    def is_ready(self) -> bool:
        """Neither work that waits nor a broker that is away makes the site unready.

        The pages work and what they announce waits in its table; to take the site away would help nobody.
        """
        return (self.database, self.migrations) == ("ok", "ok")

    @property
    def jobs(self) -> str:
        if self.oldest_due is None:
            return "not known"
        return "late" if self.oldest_due > LATE_AFTER else "ok"


def readiness(session: Session, *, migrations: str, broker_url: str, now: datetime) -> Readiness:
    """What the program finds now; `migrations` is the folder of the migrations of this version."""
    broker = "ok" if broker_answers(broker_url) else "away"
    try:
        revision = stored_revision(session)
        at_head = revision == _head(migrations)
        oldest_due = job_counts.oldest_due_age(session, now) if at_head else None
    except SQLAlchemyError as problem:
        session.rollback()
        logger.warning("the database did not answer: %s", type(problem).__name__)
        return Readiness("away", "not known", broker, None)
    return Readiness("ok", "ok" if at_head else "not at head", broker, oldest_due)


def stored_revision(session: Session) -> str | None:
    """The last migration that the database has seen."""
    return session.scalar(text("SELECT version_num FROM alembic_version"))


def connection_to(broker_url: str, patience_seconds: float) -> Redis:
    """A client of the broker itself, which connects when it is used and waits no longer than this for an answer."""
    parts = urlsplit(broker_url)
    # Celery writes the address of a socket in its own way.
    if parts.scheme == "redis+socket":
        number = parse_qs(parts.query).get("virtual_host", ["0"])[0]
        return Redis.from_url(f"unix://{parts.path}?db={number}", retry=None, socket_timeout=patience_seconds)
    patience = {"socket_connect_timeout": patience_seconds, "socket_timeout": patience_seconds}
    return Redis.from_url(broker_url, retry=None, **patience)


def broker_answers(broker_url: str) -> bool:
    """Whether the broker answers a ping within `BROKER_PATIENCE_SECONDS`."""
    try:
        with connection_to(broker_url, BROKER_PATIENCE_SECONDS) as connection:
            return bool(connection.ping())
    except (RedisError, OSError) as problem:
        logger.warning("the broker did not answer: %s", type(problem).__name__)
        return False


@cache
def _head(folder: str) -> str | None:
    return ScriptDirectory(folder).get_current_head()
