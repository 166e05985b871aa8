"""Commands on sessions: open one for a browser, note its use, end one or all, forget old ones."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from urbact_calls.accounts.models import BrowserSession, User
from urbact_calls.accounts.reads import hash_of
from urbact_calls.database import transaction
from urbact_calls.job_sets import forget
from urbact_calls.jobs import Effect


def open_session(user_id: int, browser: str, now: datetime) -> str:
    """Opens a session in a browser, which is named for its owner; gives the key that the browser has to keep."""
    key = secrets.token_urlsafe(24)
    with transaction() as session:
        row = BrowserSession(user_id=user_id, sha256=hash_of(key), browser=browser, opened_at=now, used_at=now)
        session.add(row)
    return key


def note_use(session_id: int, now: datetime) -> None:
    """Keeps when a session was used. Not for each request: reading must not queue for the lock of a writer."""
    with transaction() as session:
        session.execute(
            update(BrowserSession)
            .where(BrowserSession.id == session_id, BrowserSession.used_at < now)
            .values(used_at=now)
            .execution_options(synchronize_session=False)
        )


def end_session(session_id: int, now: datetime) -> None:
    """Ends one session; one that has ended stays as it is."""
    with transaction() as session:
        _end(session, BrowserSession.id == session_id, now)


def end_sessions_step(session: Session, user: User, now: datetime) -> None:
    """Signs the person out everywhere, and makes the links in older messages worthless."""
    user.epoch += 1
    _end(session, BrowserSession.user_id == user.id, now)


def forget_sessions(session: Session, now: datetime) -> Effect | None:
    """Deletes the sessions whose browsers need not be known any more."""
    return forget(session, BrowserSession.used_at < now - BrowserSession.KNOWN_FOR, BrowserSession)


def _end(session: Session, which: ColumnElement[bool], now: datetime) -> None:
    session.execute(
        update(BrowserSession)
        .where(which, BrowserSession.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
