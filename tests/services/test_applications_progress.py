"""Where an application stands, in plain words: whether it counts, what happens next, and when."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.factories.applications import complete_draft, row, ten_cities
from tests.factories.calls import open_call
from tests.factories.story import story
from tests.query_count import statements
from urbact_calls.applications.submission.reads.progress import Progress, progress_of
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import DecisionOutcome

pytestmark = pytest.mark.usefixtures("session")


def stand(reference: str, now: datetime) -> Progress:
    db.session.rollback()
    (found,) = progress_of(db.session(), [row(reference)], now)
    return found


def test_a_draft_does_not_count_and_says_how_many_hours_are_left(now):
    draft = complete_draft(open_call(db.session, now, closes_at=now + timedelta(hours=5)), now)

    found = stand(draft.reference, now)

    assert str(found.status.title) == "Not submitted."
    assert str(found.status.text) == "It does not count until the lead partner submits it: 5 hours left."
    assert str(found.when) == "The call closes on 10 March 2026 at 15:00, Paris time."


def test_a_submitted_application_counts_with_reference_second_and_fingerprint(now):
    tale = story(now).submit()

    line = stand(tale.reference, now).status

    assert str(line.title) == "Submitted. It counts."
    assert str(line.text).startswith(f"{tale.reference}, received 10 March 2026 at 10:00:00, Paris time, fingerprint ")


def test_a_reopened_application_does_not_count_any_more(now):
    tale = story(now).submit()
    tale.step("reopen", tale.draft.actor)

    line = stand(tale.reference, now).status

    assert str(line.title) == "Not submitted."
    assert str(line.text) == (
        "What was submitted before was reopened. "
        "It does not count until the lead partner submits it again: 30 days left."
    )


def test_after_closing_a_draft_does_not_count(now):
    draft = complete_draft(open_call(db.session, now), now)

    found = stand(draft.reference, now + timedelta(days=31))

    assert str(found.status.text) == "It does not count: the call closed on 9 April 2026 at 11:00, Paris time."
    assert [str(step.when) for step in found.steps[1:]] == ["Not reached"] * 5


def test_a_withdrawn_application_ends_where_it_had_come(now):
    tale = story(now).submit()
    tale.step("withdraw", tale.draft.actor, "The council decided otherwise.")

    found = stand(tale.reference, now)

    assert [step.state for step in found.steps] == ["done", "now", *["not_reached"] * 4]
    assert (str(found.steps[1].text), str(found.status.text)) == ("Withdrawn", "It does not count any more.")


def test_a_question_says_until_when_the_answer_counts(now):
    tale = story(now).submit().close_call().ask_clarification()

    found = stand(tale.reference, tale.now)

    assert str(found.yours) == "Send your answer to the Joint Secretariat."
    assert str(found.when).startswith("The answer counts until ")


def test_a_date_of_the_call_that_is_not_known_is_said_to_be_unknown(now):
    tale = story(now, decision_date=None, network_start=None).submit().close_call()

    found = stand(tale.reference, tale.now)

    assert str(found.when) == "The date of the decision is not known yet."
    assert [str(step.when) for step in found.steps[4:]] == ["Date not known yet"] * 2


def test_a_date_that_has_passed_is_not_promised_again(now):
    tale = story(now).submit().close_call().settle().declare()

    found = stand(tale.reference, tale.now + timedelta(days=200))

    assert "was planned for" in str(found.when)


@pytest.mark.parametrize(
    ("outcome", "state", "when", "line"),
    [
        (
            DecisionOutcome.APPROVED_WITH_CONDITIONS,
            "approved_with_conditions",
            "The conditions must be met by ",
            "Approved with conditions.",
        ),
        (DecisionOutcome.RESERVE, "reserve", "", "On the reserve list."),
        (DecisionOutcome.POSTPONED, "postponed", "", "The decision is postponed."),
        (DecisionOutcome.NOT_APPROVED, "not_approved", "", "Not approved."),
        (
            DecisionOutcome.APPROVED,
            "in_network",
            "Networks of this call start on ",
            "Approved. The network is founded.",
        ),
    ],
)
def test_an_outcome_is_told_when_it_is_announced_and_not_before(now, outcome, state, when, line):
    tale = story(now).submit().close_call().settle().declare().allocate().lock_sheets().sign().record(outcome)

    before = stand(tale.reference, tale.now)
    tale.announce()
    after = stand(tale.reference, tale.now)

    assert (before.state, str(before.steps[4].text)) == ("decision_pending", "Waiting for the Monitoring Committee")
    assert outcome.label not in f"{before.next}{before.when}{before.last}"
    assert (after.state, str(after.when or "").startswith(when)) == (state, True)
    assert str(before.status.title) == "The decision is not announced yet."
    assert (
        str(after.status.title),
        str(after.status.text).startswith(f"Submitted as {tale.reference}, received "),
    ) == (
        line,
        True,
    )


def test_many_applications_take_as_many_queries_as_one(now):
    call = open_call(db.session, now)
    references = [complete_draft(call, now, ten_cities(now, f" {number}")).reference for number in range(3)]
    counts = []
    for asked in (references[:1], references):
        rows = [row(reference) for reference in asked]
        assert [each.call.code for each in rows] == [call.code] * len(asked)
        with statements() as sent:
            progress_of(db.session(), rows, now)
        counts.append(len(sent))

    assert counts == [1, 1]
