"""What was announced for a date that has moved meanwhile is not done: it comes anew for the new date.

Reminders of sheets, whose day can be moved too, are in `test_reminders_of_sheets.py`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from tests.factories.applications import complete_draft, row
from tests.factories.calls import open_call, upcoming_call
from tests.factories.jobs import work_off
from tests.factories.story import Story, story
from urbact_calls.applications.drafts.jobs import announce_closing_soon
from urbact_calls.applications.submission.jobs import announce_lapsed_clarifications
from urbact_calls.calls.models import Call
from urbact_calls.calls.subscriptions import commands as subscriptions
from urbact_calls.calls.subscriptions.jobs import announce_openings
from urbact_calls.calls.subscriptions.models import CallSubscription
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import ReportKind
from urbact_calls.eligibility.reports.commands import announce_official_checks
from urbact_calls.eligibility.reports.reads.report import latest_report
from urbact_calls.job_sets import Periodic, start_due
from urbact_calls.jobs import Job
from urbact_calls.messages.models import Delivery

pytestmark = pytest.mark.usefixtures("session")
LATER = timedelta(days=30)


def announced(periodic: Periodic, now: datetime) -> int:
    """How many jobs wait after the clock has asked."""
    start_due(periodic, now)
    return db.session.scalar(select(func.count()).where(Job.state == "ready")) or 0


def change(code: str, **values: object) -> None:
    with transaction() as session:
        session.execute(update(Call).where(Call.code == code).values(**values))


def sent(key: str) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Delivery.email_key == key)) or 0


def test_a_call_that_is_given_more_time_reminds_of_the_new_date_only(now: datetime):
    call = open_call(db.session, now)
    code, closes_at = call.code, call.closes_at
    complete_draft(call, now)
    work_off(now)
    assert announced(announce_closing_soon, closes_at - timedelta(days=7)) == 1

    change(code, closes_at=closes_at + LATER)
    work_off(closes_at - timedelta(days=7))
    assert sent("call.closing_soon") == 0

    assert announced(announce_closing_soon, closes_at + LATER - timedelta(days=7)) == 1
    work_off(closes_at + LATER - timedelta(days=7))
    assert sent("call.closing_soon") == 1


def test_a_call_that_opens_later_is_announced_on_the_new_date_only(now: datetime):
    call = upcoming_call(db.session, now)
    code, opens_at = call.code, call.opens_at
    subscriptions.subscribe(code, "wanda@example.org", now)
    subscriptions.confirm_subscription(db.session.scalars(select(CallSubscription.key)).one(), now)
    work_off(now)
    assert announced(announce_openings, opens_at) == 1

    change(code, opens_at=opens_at + timedelta(days=2))
    work_off(opens_at)
    assert sent("call.opens") == 0

    assert announced(announce_openings, opens_at + timedelta(days=2)) == 1
    work_off(opens_at + timedelta(days=2))
    assert sent("call.opens") == 1


def test_a_call_that_is_given_more_time_is_checked_after_the_new_date_only(now: datetime):
    tale = story(now).submit()
    code, closes_at = tale.call.code, tale.call.closes_at
    after = closes_at + timedelta(hours=1)
    assert announced(announce_official_checks, after) == 1

    change(code, closes_at=closes_at + LATER)
    work_off(after)
    assert official_reports(tale) == 0

    assert announced(announce_official_checks, after + LATER) == 1
    work_off(after + LATER)
    assert official_reports(tale) == 1


def official_reports(tale: Story) -> int:
    db.session.rollback()
    report = latest_report(db.session(), row(tale.reference).id, ReportKind.OFFICIAL)
    return 0 if report is None else 1


def test_a_time_to_answer_that_is_prolonged_ends_on_the_new_day_only(now: datetime):
    tale = story(now).submit().close_call().ask_clarification()
    reference, code, terms = tale.reference, tale.call.code, tale.call.terms
    first = tale.now + timedelta(days=30)
    assert announced(announce_lapsed_clarifications, first) == 1

    change(code, terms=replace(terms, cure_working_days=terms.cure_working_days + 40))
    work_off(first)
    assert (row(reference).state, sent("clarification.lapsed")) == ("clarification", 0)

    second = first + timedelta(days=60)
    assert announced(announce_lapsed_clarifications, second) == 1
    work_off(second)
    assert (row(reference).state, sent("clarification.lapsed")) == ("submitted", 1)
