"""The digest of what colleagues changed in one's own part of a draft."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import stories
from tests.factories.accounts import actor_of, person
from tests.factories.applications import Draft, complete_draft, row, ten_cities
from tests.factories.calls import open_call
from tests.factories.organisations import member
from urbact_calls.accounts.models import User
from urbact_calls.applications.budget import commands as budget
from urbact_calls.applications.drafts.jobs import announce_changes
from urbact_calls.applications.submission import commands as submission
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import CostCategory
from urbact_calls.domain.words import PARIS
from urbact_calls.job_sets import start_due
from urbact_calls.jobs import Job
from urbact_calls.messages.models import Delivery


@pytest.fixture
def draft(session, now: datetime) -> Draft:
    return complete_draft(open_call(db.session, now), now, ten_cities(now))


@pytest.fixture
def petra(draft: Draft) -> User:
    """She works for the second partner."""
    user = person(name="Petra Partner")
    member(user, row(draft.reference).partners[1].organisation)
    return user


def digests() -> dict[str, str]:
    """The text of each digest, by address."""
    rows = db.session.execute(
        select(Delivery.address, Delivery.text).where(Delivery.email_key == "application.changed")
    )
    return {each.address: each.text for each in rows}


def part_of(draft: Draft, place: int) -> int:
    return row(draft.reference).partners[place].id


def test_a_digest_names_each_field_once_with_who_changed_it(draft: Draft, petra: User, now: datetime):
    second = part_of(draft, 1)
    for population in ("1200", "1300"):
        stories.write_for(draft.reference, second, population, draft.actor, now)
    version, cell = row(draft.reference).version, (second, CostCategory.EQUIPMENT)
    budget.save_budget(draft.reference, amounts={cell: 500_00}, version=version, actor=draft.actor, now=now)

    stories.next_morning(now)

    text = digests()[petra.email]
    assert text.count("- ") == 2
    assert f"- Organisation and contacts, Population, by {draft.lead.name}" in text
    assert f"- Budget, Equipment, by {draft.lead.name}" in text


def test_nobody_is_told_of_an_own_change_or_of_the_part_of_another_partner(draft: Draft, petra: User, now: datetime):
    stories.write_for(draft.reference, part_of(draft, 2), "1200", draft.actor, now)
    own = actor_of(petra, row(draft.reference).partners[1].organisation_id)
    stories.write_for(draft.reference, part_of(draft, 1), "1300", own, now)

    stories.next_morning(now)

    assert digests() == {}


def test_after_the_submission_nobody_is_told_what_changed_before(draft: Draft, petra: User, now: datetime):
    stories.write_for(draft.reference, part_of(draft, 1), "1200", draft.actor, now)
    submission.take_transition(draft.reference, "submit", draft.actor, now)

    stories.next_morning(now)

    assert digests() == {}


def test_no_digest_is_asked_for_after_a_day_without_a_change(draft: Draft, now: datetime):
    start_due(announce_changes, now + timedelta(days=2))

    assert db.session.scalar(select(func.count()).where(Job.kind == "applications.digest")) == 0


def test_the_digest_is_asked_for_once_a_day_from_seven_in_the_morning(draft: Draft, now: datetime):
    stories.write_for(draft.reference, part_of(draft, 1), "1200", draft.actor, now)
    day = now.astimezone(PARIS).date() + timedelta(days=1)
    for hour in (time(0), time(6, 59), time(7), time(7, 1), time(23)):
        start_due(announce_changes, datetime.combine(day, hour, PARIS))

    jobs = db.session.execute(select(Job.key, Job.created_at).where(Job.kind == "applications.digest")).all()
    assert [(job.key, job.created_at.astimezone(PARIS).time()) for job in jobs] == [
        (f"applications.digest:{day - timedelta(days=1)}", time(7))
    ]


def test_a_change_before_midnight_is_told_the_next_morning_and_never_again(draft: Draft, petra: User, now: datetime):
    late = datetime.combine(now.astimezone(PARIS).date(), time(23, 59, 59), PARIS)
    stories.write_for(draft.reference, part_of(draft, 1), "1200", draft.actor, late)

    for days in range(3):
        stories.next_morning(now + timedelta(days=days))

    told = select(func.count()).where(Delivery.email_key == "application.changed", Delivery.user_id == petra.id)
    assert db.session.scalar(told) == 1
