"""Jobs announced by the set: one statement whatever their number, as `announce` writes them, never a second time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import ColumnElement, String, cast, select
from sqlalchemy.orm import Session

from tests.factories.jobs import kind
from tests.query_count import statements
from urbact_calls import jobs
from urbact_calls.accounts.models import User
from urbact_calls.database import db, transaction
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.job_sets import JobForEach, announce_each, due_for_each, forget, start_due
from urbact_calls.jobs import Args, Effect, Job, SilentNotifier, announce

pytestmark = pytest.mark.usefixtures("session")


@dataclass(frozen=True, kw_only=True)
class Letter(Args):
    """The arguments of a job of these tests."""

    name: str
    account: int
    until: datetime
    note: str | None = None


@pytest.fixture
def letter(monkeypatch: pytest.MonkeyPatch) -> str:
    return kind(monkeypatch, "test.letter", args=Letter)


def people(count: int) -> list[User]:
    with transaction() as session:
        ones = [
            User(
                email=f"person{number}@example.org",
                name=f"Person “{number}” é",
                password_hash="none",
                created_at=datetime.now(UTC),
            )
            for number in range(count)
        ]
        session.add_all(ones)
    return ones


def for_each_account(now: datetime, **options: object) -> JobForEach:
    key: ColumnElement[str] = "test.letter:" + cast(User.id, String)
    return JobForEach(
        kind="test.letter",
        rows=select(User.id).where(User.email.like("person%")).order_by(User.id),
        key=key,
        args=Letter(name="", account=0, until=now + timedelta(days=1)),
        varying={"name": User.name, "account": User.id},
        subject=(SubjectKind.ACCOUNT, User.id),
        **options,
    )


def written() -> list[Job]:
    db.session.rollback()
    return list(db.session.scalars(select(Job).order_by(Job.id)))


def columns(row: Job) -> dict[str, object]:
    return {column.name: getattr(row, column.name) for column in Job.__table__.columns if column.name != "id"}


def test_each_row_gets_the_job_that_announce_would_write(letter, now):
    (person,) = people(1)

    with transaction() as session:
        assert announce_each(session, for_each_account(now), now) == 1
    (by_the_set,) = (columns(row) for row in written())
    with transaction() as session:
        session.delete(session.scalars(select(Job)).one())
    with transaction() as session:
        announce(
            session,
            kind=letter,
            key=f"test.letter:{person.id}",
            args=Letter(name=person.name, account=person.id, until=now + timedelta(days=1)),
            now=now,
            subject=Subject(SubjectKind.ACCOUNT, person.id),
        )

    assert by_the_set == columns(written()[0])
    assert jobs.args_of(written()[0]) == Letter(
        name=person.name, account=person.id, until=now + timedelta(days=1), note=None
    )


def test_it_is_one_statement_however_many_there_are(letter, now):
    people(30)

    with transaction() as session, statements() as sent:
        assert announce_each(session, for_each_account(now), now) == 30

    assert len(sent) == 1
    assert [row.subject_id for row in written()] == sorted(row.subject_id for row in written())


def test_what_has_its_job_is_not_announced_again_whatever_became_of_it(letter, now):
    people(3)
    with transaction() as session:
        announce_each(session, for_each_account(now), now)
    with transaction() as session:
        for row, state in zip(
            session.scalars(select(Job)), (JobState.DONE, JobState.DEAD, JobState.CANCELLED), strict=True
        ):
            row.state = state

    with transaction() as session:
        assert announce_each(session, for_each_account(now), now) == 0
    assert due_for_each(db.session(), [for_each_account(now)], now) is None


def test_the_workers_are_notified_once_after_the_commit(letter, notifier: SilentNotifier, now):
    people(3)

    with transaction() as session:
        announce_each(session, for_each_account(now), now)
        during = list(notifier.notified)
    with transaction() as session:
        announce_each(session, for_each_account(now), now)

    assert (during, notifier.notified) == ([], [letter])


def test_jobs_for_later_notify_nobody_now(letter, notifier: SilentNotifier, now):
    people(1)
    tomorrow = now + timedelta(days=1)

    with transaction() as session:
        announce_each(session, for_each_account(now, due_at=tomorrow), now)

    assert (notifier.notified, [row.next_at for row in written()]) == ([], [tomorrow])


def test_who_asked_stands_in_the_row(letter, now):
    (person,) = people(1)

    with transaction() as session:
        announce_each(session, for_each_account(now, actor_id=person.id), now)

    assert [row.actor_id for row in written()] == [person.id]


def test_arguments_that_the_kind_does_not_declare_are_refused(letter, now):
    with pytest.raises(TypeError, match=r"test\.letter takes Letter, not Args"):
        JobForEach(
            kind=letter,
            rows=select(User.id),
            key="k" + User.email,
            args=Args(),
            varying={},
            subject=(SubjectKind.ACCOUNT, User.id),
        )
    with pytest.raises(TypeError, match=r"test\.letter has no arguments colour"):
        JobForEach(
            kind=letter,
            rows=select(User.id),
            key="k" + User.email,
            args=Letter(name="", account=0, until=now),
            varying={"colour": User.name},
            subject=(SubjectKind.ACCOUNT, User.id),
        )


def test_the_clock_begins_no_transaction_of_a_writer_when_nothing_is_due(letter, now):
    people(2)

    def ask(session: Session, now: datetime) -> Effect | None:
        return due_for_each(session, [for_each_account(now)], now)

    start_due(ask, now)
    with statements() as sent:
        start_due(ask, now)

    assert len(written()) == 2
    assert [statement.split()[0] for statement in sent] == ["SELECT"]


def test_what_is_old_is_forgotten_and_nothing_else(now):
    people(2)

    def ask(session: Session, now: datetime) -> Effect | None:
        return forget(session, User.email == "person0@example.org", User)

    with statements() as first:
        start_due(ask, now)
    with statements() as second:
        start_due(ask, now)

    kept = db.session.scalars(select(User.email).where(User.email.like("person%")))
    assert list(kept) == ["person1@example.org"]
    assert [statement.split()[0] for statement in (*first, *second)] == ["SELECT", "DELETE", "SELECT"]
