"""Commands on attempts with a password: each wrong one makes the next wait longer; nothing is ever locked.

An attempt is counted as wrong before the password is looked at and taken back when it was right, so that many at the
same moment count as many. One that comes too soon is not looked at and does not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from urbact_calls.accounts.models import WrongPasswords
from urbact_calls.accounts.reads import hash_of
from urbact_calls.database import locked, transaction
from urbact_calls.domain.refusal import Refusal, TooSoon
from urbact_calls.domain.text import message
from urbact_calls.job_sets import forget
from urbact_calls.jobs import Effect

TOO_SOON = message(
    "password.too_soon",
    "Many wrong passwords were typed. Wait {count} seconds and try again, or choose a new password: that always works.",
    one="Many wrong passwords were typed. Wait a second and try again, or choose a new password: that always works.",
)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many wrong passwords cost nothing; from then on the wait doubles from one second up to the longest."""

    free: int
    longest: timedelta

    def wait(self, count: int) -> timedelta:
        """How long after the last of so many wrong ones the next may come."""
        if count < self.free:
            return timedelta()
        return min(timedelta(seconds=2 ** min(count - self.free, 10)), self.longest)


OF_AN_ACCOUNT = Pace(5, timedelta(minutes=1))
# Shared by all who sit behind one network address: what is wrong with one of them must not stop the others for long.
OF_A_MACHINE = Pace(50, timedelta(seconds=5))

Counted = Mapping[str, Pace]


def begin_attempt(counted: Counted, now: datetime) -> int:
    """Counts an attempt for each of what it is counted by; gives the highest count of those that an account has.

    Raises TooSoon if one of them has to wait.
    """
    with transaction() as session:
        # In one order, so that two attempts do not wait for each other.
        rows = [(_row(session, hash_of(name), now), pace) for name, pace in sorted(counted.items())]
        wait = max(row.last_at + pace.wait(row.count) - now for row, pace in rows)
        if wait > timedelta():
            seconds = ceil(wait.total_seconds())
            raise TooSoon(Refusal(TOO_SOON(count=seconds), "password"), seconds=seconds)
        for row, _ in rows:
            row.count, row.last_at = row.count + 1, now
        return max(row.count for row, pace in rows if pace is OF_AN_ACCOUNT)


def take_back_attempt(counted: Counted) -> None:
    """The password was right: what is counted for its owner begins anew, a machine has one wrong one less."""
    with transaction() as session:
        for name, pace in sorted(counted.items()):
            this = WrongPasswords.key == hash_of(name)
            if pace is OF_AN_ACCOUNT:
                session.execute(delete(WrongPasswords).where(this))
            else:
                one_less = update(WrongPasswords).where(this).values(count=WrongPasswords.count - 1)
                session.execute(one_less.execution_options(synchronize_session=False))


def forget_attempts(session: Session, now: datetime) -> Effect | None:
    """Deletes what was counted and is over."""
    return forget(session, WrongPasswords.last_at < now - WrongPasswords.FORGOTTEN_AFTER, WrongPasswords)


def _row(session: Session, key: str, now: datetime) -> WrongPasswords:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    new = insert(WrongPasswords).values(key=key, count=0, last_at=now)
    session.execute(new.on_conflict_do_nothing(index_elements=[WrongPasswords.key]))
    row = locked(session, select(WrongPasswords).where(WrongPasswords.key == key), key)
    if now - row.last_at > WrongPasswords.FORGOTTEN_AFTER:
        row.count = 0
    return row
