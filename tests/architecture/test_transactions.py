"""A command is one business act and one commit; commands do not nest."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from urbact_calls.database import after_commit, after_rollback, db, transaction
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.record.models import RefusedAttempt

pytestmark = pytest.mark.usefixtures("session")


ANY = Subject(SubjectKind.APPLICATION, 17)


def refuse(now) -> None:
    with transaction() as session:
        session.add(RefusedAttempt(about=ANY, transition="submit", refusals=[], at=now))


def attempts() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(RefusedAttempt)) or 0


def test_a_command_inside_a_command_is_refused_and_nothing_is_kept(now):
    def outer() -> None:
        with transaction() as session:
            session.add(RefusedAttempt(about=ANY, transition="b", refusals=[], at=now))
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
            session.add(RefusedAttempt(about=ANY, transition="b", refusals=[], at=now))
            session.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        act()
    assert attempts() == 0


def test_what_waits_for_the_commit_is_forgotten_with_the_act():
    notified: list[str] = []

    def act() -> None:
        with transaction() as session:
            after_commit(session, lambda: notified.append("first"))
            raise RuntimeError("before anything was written")

    with pytest.raises(RuntimeError, match="before anything"):
        act()
    with transaction() as session:
        after_commit(session, lambda: notified.append("second"))

    assert notified == ["second"]


def test_what_waits_for_the_commit_happens_outside_the_transaction(now):
    """Otherwise a notifier that writes would be refused, and one that waits would hold a lock."""
    with transaction() as session:
        after_commit(session, lambda: refuse(now))

    assert attempts() == 1


def test_the_trace_of_what_was_refused_is_kept_once_the_act_is_given_up(now):
    def act() -> None:
        with transaction() as session:
            after_rollback(session, lambda: refuse(now))
            raise Refused(Refusal("any", "Not now."))

    with pytest.raises(Refused):
        act()

    assert attempts() == 1


def test_an_act_that_is_committed_leaves_no_trace_of_a_refusal(now):
    with transaction() as session:
        after_rollback(session, lambda: refuse(now))
    with pytest.raises(RuntimeError), transaction():
        raise RuntimeError("another act")

    assert attempts() == 0
