"""A command is one business act and one commit; commands do not nest."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from urbact_calls.audit.models import RefusedAttempt
from urbact_calls.audit.services import record_refusal
from urbact_calls.database import after_commit, db, transaction
from urbact_calls.domain.permissions import SYSTEM

pytestmark = pytest.mark.usefixtures("session")


def refuse(now) -> None:
    record_refusal(object_ref="APN-DEMO-017", transition="submit", refusals=(), actor=SYSTEM, now=now)


def attempts() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(RefusedAttempt)) or 0


def test_a_command_inside_a_command_is_refused_and_nothing_is_kept(now):
    def outer() -> None:
        with transaction() as session:
            session.add(RefusedAttempt(object_ref="a", transition="b", refusals=[], at=now))
            refuse(now)

    with pytest.raises(RuntimeError, match="a service called another service inside its transaction"):
        outer()
    assert attempts() == 0


def test_after_a_refused_nesting_the_next_command_works(now):
    test_a_command_inside_a_command_is_refused_and_nothing_is_kept(now)

    refuse(now)

    assert attempts() == 1


def test_a_fault_takes_back_everything_of_the_act(now):
    def act() -> None:
        with transaction() as session:
            session.add(RefusedAttempt(object_ref="a", transition="b", refusals=[], at=now))
            session.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        act()
    assert attempts() == 0


def test_what_waits_for_the_commit_is_forgotten_with_the_act():
    rung: list[str] = []

    def act() -> None:
        with transaction() as session:
            after_commit(session, lambda: rung.append("first"))
            raise RuntimeError("before anything was written")

    with pytest.raises(RuntimeError, match="before anything"):
        act()
    with transaction() as session:
        after_commit(session, lambda: rung.append("second"))

    assert rung == ["second"]


def test_what_waits_for_the_commit_happens_outside_the_transaction(now):
    """Otherwise a bell that writes would be refused, and one that waits would hold a lock."""
    with transaction() as session:
        after_commit(session, lambda: refuse(now))

    assert attempts() == 1
