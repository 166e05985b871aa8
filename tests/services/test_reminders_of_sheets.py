"""Reminders of open sheets, and switching a reminder off."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import delete, func, select, update

from tests.factories.jobs import work_off
from tests.factories.story import Story, story
from tests.kept_worlds import Kept
from tests.query_count import statements
from urbact_calls.accounts.models import RoleGrant, User
from urbact_calls.assessment.models import Allocation
from urbact_calls.assessment.sheets.jobs import announce_sheets_due
from urbact_calls.database import db, transaction
from urbact_calls.domain.words import PARIS
from urbact_calls.job_sets import start_due
from urbact_calls.jobs import Job
from urbact_calls.messages import commands as messages
from urbact_calls.messages import emails as messages_emails
from urbact_calls.messages.models import Delivery, MutedEmail

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def tale(kept: Kept, now) -> Story:
    return kept(allocated_story, now)


def allocated_story(now: datetime) -> Story:
    return story(now, "APN-DEMO").submit().close_call().settle().declare().allocate()


def due_on(tale: Story):
    return (tale.now + timedelta(days=14)).date()


def before(tale: Story, days: int) -> datetime:
    return datetime.combine(due_on(tale) - timedelta(days=days), time(8), PARIS)


def announce(moment: datetime) -> None:
    start_due(announce_sheets_due, moment)


def beat(moment: datetime) -> int:
    """The clock notifies twice, and the workers do what is due; how many reminders there are now."""
    announce(moment)
    announce(moment)
    work_off(moment)
    return reminders()


def reminders() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Delivery.email_key == "sheet.due")) or 0


def test_assessors_hear_seven_days_and_one_day_before(tale):
    announce(before(tale, 1))
    work_off(before(tale, -3))
    assert reminders() == 0, "what comes too late says nothing"
    with transaction() as session:
        session.execute(delete(Job).where(Job.kind == "mail:sheet.due"))
    moments = (before(tale, 7) - timedelta(seconds=1), before(tale, 7), before(tale, 3), before(tale, 1))

    assert [beat(moment) for moment in moments] == [0, 2, 2, 4]
    assert beat(before(tale, 0)) == 4
    assert beat(before(tale, -2)) == 4


def test_whoever_locked_the_sheet_hears_nothing(tale):
    tale.lock_sheets()

    assert beat(before(tale, 7)) == 0


def test_nor_who_locks_it_or_gives_it_back_while_the_reminder_waits(tale):
    announce(before(tale, 7))
    with transaction() as session:
        session.execute(
            update(Allocation).where(Allocation.user_id == tale.assessors[0].id).values(released_at=tale.now)
        )
    work_off(before(tale, 7))

    assert reminders() == 1


@pytest.mark.parametrize("has_waited", [False, True])
@pytest.mark.parametrize("how", ["account closed", "role taken away"])
def test_nor_who_left_the_panel(tale, how: str, has_waited: bool):
    if has_waited:
        announce(before(tale, 7))
    who = tale.assessors[0].id
    with transaction() as session:
        if how == "account closed":
            session.execute(update(User).where(User.id == who).values(disabled_at=tale.now))
        else:
            session.execute(delete(RoleGrant).where(RoleGrant.user_id == who))

    beat(before(tale, 7))

    told = db.session.scalars(select(Delivery.address).where(Delivery.email_key == "sheet.due")).all()
    assert told == [tale.assessors[1].email]


def test_a_day_that_was_moved_is_reminded_of_anew_and_not_of_before(tale):
    announce(before(tale, 7))
    with transaction() as session:
        session.execute(update(Allocation).values(due_on=due_on(tale) + timedelta(days=30)))
    work_off(before(tale, 7))
    assert reminders() == 0

    assert beat(before(tale, 7) + timedelta(days=30)) == 2


def test_an_allocation_of_today_is_its_own_reminder(tale):
    with transaction() as session:
        session.execute(update(Allocation).values(allocated_at=before(tale, 3)))

    assert [beat(before(tale, 2)), beat(before(tale, 1))] == [0, 2]


def test_the_clock_asks_the_same_for_one_sheet_and_for_more(tale):
    def asked() -> int:
        with statements() as sent:
            start_due(announce_sheets_due, before(tale, 7))
        return len(sent)

    beat(before(tale, 7))
    two = asked()
    with transaction() as session:
        session.execute(
            update(Allocation).where(Allocation.user_id == tale.assessors[0].id).values(released_at=tale.now)
        )

    assert (two, asked()) == (2, 2)


def test_who_switched_it_off_hears_nothing_and_the_other_does(tale):
    assessor = tale.assessors[0]
    messages.mute(assessor.id, "sheet.due", tale.now)
    messages.mute(assessor.id, "sheet.due", tale.now)

    assert beat(before(tale, 7)) == 1
    assert db.session.scalar(select(func.count(MutedEmail.id))) == 1
    row = db.session.scalars(select(Delivery).where(Delivery.email_key == "sheet.due")).one()
    token = row.leave_href.split("/")[-2]
    switch = messages_emails.switch_of(token)
    assert (switch.user_id, switch.key) == (tale.assessors[1].id, "sheet.due")
    assert row.leave_href in row.text
    assert messages_emails.switch_of(token + "x") is None
