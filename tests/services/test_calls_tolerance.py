"""The tolerance after closing: the call, its pages, its lists and the rule agree on the last second."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories.applications import complete_draft, row
from tests.factories.calls import open_call
from urbact_calls.applications.reads.applications import public_state, time_left
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.applications.submission.models import Submission
from urbact_calls.calls.models import Call
from urbact_calls.calls.publication.reads import call_facts
from urbact_calls.calls.reads import closed_calls, open_calls
from urbact_calls.database import db
from urbact_calls.domain.eligibility.rulebook import RULEBOOK
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.vocabulary import ApplicationState, CallPhase, PublicState

pytestmark = pytest.mark.usefixtures("session")

LAST = timedelta(seconds=30, milliseconds=999)
TOO_LATE = timedelta(seconds=31)


@pytest.fixture
def call(now: datetime) -> Call:
    return open_call(db.session, now, tolerance_seconds=30)


def test_what_arrives_in_the_last_second_of_the_tolerance_is_submitted_and_on_time(call, now):
    closes_at, terms, draft = call.closes_at, call.terms, complete_draft(call, now)

    take_transition(draft.reference, "submit", draft.actor, closes_at + LAST)

    assert row(draft.reference).state is ApplicationState.SUBMITTED
    dossier = db.session.scalars(select(Submission.dossier)).one()
    assert RULEBOOK["submission.on_time"].examine(dossier, terms, is_named=True).outcome == "met"


def test_what_arrives_after_the_tolerance_is_refused(call, now):
    closes_at, draft = call.closes_at, complete_draft(call, now)

    with pytest.raises(Refused, match="The call closed on"):
        take_transition(draft.reference, "submit", draft.actor, closes_at + TOO_LATE)


@pytest.mark.parametrize(
    ("after", "phase", "state", "left"),
    [
        (LAST, CallPhase.OPEN, PublicState.DRAFT, "0 minutes left"),
        (TOO_LATE, CallPhase.CLOSED, PublicState.LAPSED, "closed"),
    ],
)
def test_page_and_lists_say_what_the_rule_says(call, now, after, phase, state, left):
    moment, draft = call.closes_at + after, complete_draft(call, now)

    application = row(draft.reference)
    assert (application.call.phase(moment), public_state(application, moment)) == (phase, state)
    assert str(time_left(application.call, moment)) == left
    is_open = phase is CallPhase.OPEN
    assert (application.call_id in set(db.session.scalars(open_calls(moment)))) is is_open
    assert (application.call_id in set(db.session.scalars(closed_calls(moment)))) is not is_open


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "No late applications."),
        (1, "What is received within 1 second after that still counts."),
        (30, "What is received within 30 seconds after that still counts."),
    ],
)
def test_the_page_of_the_call_says_how_much_later_still_counts(now, seconds, words):
    terms = open_call(db.session, now, tolerance_seconds=seconds).terms

    assert str(call_facts.after_closing(terms)) == words
