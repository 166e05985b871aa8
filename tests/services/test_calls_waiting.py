"""Waiting for a call: who is on the list, what is sent when, and what is forgotten. Reminders go to drafts only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from tests.factories.accounts import person
from tests.factories.applications import complete_draft, draft, row, ten_cities
from tests.factories.calls import closed_call, open_call, upcoming_call
from tests.factories.jobs import work_off
from tests.factories.organisations import member
from urbact_calls.accounts.models import User
from urbact_calls.applications.drafts.jobs import announce_closing_soon
from urbact_calls.applications.models import ApplicationAccess
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.calls.subscriptions import commands as subscriptions
from urbact_calls.calls.subscriptions.jobs import announce_openings, forget_subscriptions
from urbact_calls.calls.subscriptions.models import CallSubscription
from urbact_calls.calls.subscriptions.reads import LINK_LASTS
from urbact_calls.database import db, transaction
from urbact_calls.domain.refusal import NotFound, Refused
from urbact_calls.domain.vocabulary import Role
from urbact_calls.job_sets import start_due
from urbact_calls.messages.emails import _message_of
from urbact_calls.messages.models import Delivery
from urbact_calls.organisations.models import Membership

pytestmark = pytest.mark.usefixtures("session")
ADDRESS = "wanda@example.org"


def sent(key: str) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Delivery.address).where(Delivery.email_key == key).order_by(Delivery.id)))


def subscription() -> CallSubscription | None:
    db.session.rollback()
    return db.session.scalars(select(CallSubscription)).one_or_none()


def beat(now, *periodic):
    for each in periodic or (announce_openings, announce_closing_soon, forget_subscriptions):
        start_due(each, now)
    work_off(now)


@pytest.fixture
def call(session, now):
    return upcoming_call(db.session, now)


def on_the_list(call, now, address=ADDRESS):
    subscriptions.subscribe(call.code, address, now)
    key = db.session.scalars(select(CallSubscription.key).where(CallSubscription.address == address)).one()
    subscriptions.confirm_subscription(key, now)
    work_off(now)
    return key


class TestTheList:
    def test_an_address_is_on_it_once_its_owner_has_confirmed(self, call, now):
        subscriptions.subscribe(call.code, ADDRESS, now)
        work_off(now)
        assert (sent("call.subscription"), subscription().confirmed_at) == ([ADDRESS], None)

        subscriptions.confirm_subscription(subscription().key, now)

        assert subscription().confirmed_at == now

    def test_asking_again_says_and_writes_the_same(self, call, now):
        key = on_the_list(call, now)

        subscriptions.subscribe(call.code, ADDRESS, now + timedelta(minutes=61))
        work_off(now + timedelta(minutes=61))

        assert sent("call.subscription") == [ADDRESS, ADDRESS]
        assert (subscription().key, subscription().confirmed_at) == (key, now)

    def test_a_link_is_over_after_three_days(self, call, now):
        subscriptions.subscribe(call.code, ADDRESS, now)

        with pytest.raises(NotFound):
            subscriptions.confirm_subscription(subscription().key, now + LINK_LASTS + timedelta(seconds=1))

        assert subscription().confirmed_at is None

    def test_an_old_link_is_replaced(self, call, now):
        subscriptions.subscribe(call.code, ADDRESS, now)
        old, later = subscription().key, now + LINK_LASTS + timedelta(seconds=1)

        subscriptions.subscribe(call.code, ADDRESS, later)

        assert subscription().key != old
        assert subscriptions.confirm_subscription(subscription().key, later) == call.code

    def test_whoever_leaves_is_forgotten(self, call, now):
        key = on_the_list(call, now)

        subscriptions.leave(key)
        subscriptions.leave(key)

        assert subscription() is None

    @pytest.mark.parametrize("make", [open_call, closed_call])
    def test_there_is_nothing_to_wait_for_once_a_call_has_opened(self, session, now, make):
        with pytest.raises(Refused):
            subscriptions.subscribe(make(db.session, now).code, ADDRESS, now)

    def test_an_unpublished_call_has_no_list(self, call, now):
        call.published_at = None
        db.session.commit()

        with pytest.raises(NotFound):
            subscriptions.subscribe(call.code, ADDRESS, now)

    def test_what_nobody_confirmed_and_what_has_served_is_forgotten(self, call, now):
        on_the_list(call, now)
        subscriptions.subscribe(call.code, "never@example.org", now)

        beat(now + LINK_LASTS + timedelta(seconds=1), forget_subscriptions)
        assert subscription().address == ADDRESS

        beat(call.opens_at + timedelta(days=7, seconds=1), forget_subscriptions)
        assert subscription() is None


class TestOpening:
    def test_the_list_hears_once_when_the_call_opens(self, call, now):
        on_the_list(call, now)
        subscriptions.subscribe(call.code, "never@example.org", now)
        opens_at = call.opens_at

        beat(opens_at - timedelta(seconds=1), announce_openings)
        assert sent("call.opens") == []

        for moment in (opens_at, opens_at + timedelta(seconds=2), opens_at + timedelta(days=1)):
            beat(moment, announce_openings)
        assert sent("call.opens") == [ADDRESS]

    def test_the_message_can_be_left_with_one_click(self, call, now):
        key = on_the_list(call, now)
        beat(call.opens_at, announce_openings)

        message = _message_of(db.session.scalars(select(Delivery).where(Delivery.email_key == "call.opens")).one())

        assert message["List-Unsubscribe"] == f"<http://localhost:8000/calls/subscriptions/{key}/leave>"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_other_messages_name_no_list(self, session, now):
        tale = complete_draft(open_call(db.session, now), now)
        take_transition(tale.reference, "submit", tale.actor, now)
        work_off(now)

        delivery = db.session.scalars(select(Delivery).where(Delivery.email_key == "application.submitted")).one()
        assert _message_of(delivery)["List-Unsubscribe"] is None


class TestClosingSoon:
    @pytest.fixture
    def closing(self, session, now):
        return open_call(db.session, now)

    def test_leads_of_drafts_hear_seven_days_and_one_day_before(self, closing, now):
        started = complete_draft(closing, now)
        address, closes_at = started.lead.email, closing.closes_at
        told = []
        for before in (timedelta(days=7, seconds=1), timedelta(days=7), timedelta(days=3), timedelta(days=1)):
            beat(closes_at - before, announce_closing_soon)
            told.append(len(sent("call.closing_soon")))
        beat(closes_at - timedelta(hours=1), announce_closing_soon)

        assert told == [0, 1, 1, 2]
        assert sent("call.closing_soon") == [address, address]

    def test_whoever_has_submitted_hears_nothing(self, closing, now):
        started = complete_draft(closing, now)
        take_transition(started.reference, "submit", started.actor, now)

        beat(closing.closes_at - timedelta(days=6), announce_closing_soon)
        beat(closing.closes_at - timedelta(hours=20), announce_closing_soon)

        assert row(started.reference).state == "submitted"
        assert sent("call.closing_soon") == []

    def test_nor_who_submits_while_the_reminder_waits(self, closing, now):
        started = complete_draft(closing, now)
        moment = closing.closes_at - timedelta(days=6)
        start_due(announce_closing_soon, moment)

        take_transition(started.reference, "submit", started.actor, moment)
        work_off(moment)

        assert sent("call.closing_soon") == []

    @pytest.mark.parametrize("how", ["left the organisation", "place taken away", "account closed"])
    def test_nor_who_left_while_the_reminder_waits(self, closing, now, how):
        started, leaves = complete_draft(closing, now), person(email="leaves@example.org")
        application = row(started.reference)
        place = ApplicationAccess(application_id=application.id, user_id=leaves.id, role=Role.LEAD, granted_at=now)
        moment = closing.closes_at - timedelta(days=6)
        if how == "left the organisation":
            member(leaves, application.partners[0].organisation)
        with transaction() as session:
            if how != "left the organisation":
                session.add(place)
        start_due(announce_closing_soon, moment)

        with transaction() as session:
            if how == "account closed":
                session.get_one(User, leaves.id).disabled_at = moment
            else:
                rights = Membership if how == "left the organisation" else ApplicationAccess
                session.execute(delete(rights).where(rights.user_id == leaves.id))
        work_off(moment)

        assert sent("call.closing_soon") == [started.lead.email]

    def test_a_draft_that_begins_later_gets_the_later_reminder_only(self, closing, now):
        moment = closing.closes_at - timedelta(days=5)
        draft(closing, moment)

        beat(moment + timedelta(hours=1), announce_closing_soon)
        assert sent("call.closing_soon") == []
        beat(closing.closes_at - timedelta(hours=20), announce_closing_soon)
        assert len(sent("call.closing_soon")) == 1

    def test_a_closed_or_unpublished_call_reminds_nobody(self, closing, now):
        complete_draft(closing, now)
        beat(closing.closes_at + timedelta(seconds=1), announce_closing_soon)
        closing.published_at = None
        db.session.commit()
        beat(closing.closes_at - timedelta(days=1), announce_closing_soon)

        assert sent("call.closing_soon") == []

    def test_the_clock_asks_the_same_for_one_draft_and_for_three(self, closing, now):
        from tests.query_count import statements

        def asked():
            with statements() as found:
                start_due(announce_closing_soon, closing.closes_at - timedelta(days=6))
            return len(found)

        complete_draft(closing, now)
        asked()
        one = asked()
        for suffix in (" two", " three"):
            complete_draft(closing, now, ten_cities(now, suffix))
        asked()

        assert asked() == one
        assert db.session.scalar(select(func.count(CallSubscription.id))) == 0
