"""Decisions: recorded for those who may know, corrected before the announcement, announced all at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories import decisions as make
from tests.factories.accounts import actor_of, person
from tests.factories.applications import row
from tests.factories.assessment import GRID, assessed, assessed_row, panel
from tests.factories.calls import open_call
from tests.factories.eligibility import after_closing
from tests.factories.jobs import work_off
from urbact_calls.assessment.ranking.commands import seal_ranking
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.decisions.outcomes import commands as outcomes_commands
from urbact_calls.decisions.outcomes import reads as outcomes_reads
from urbact_calls.decisions.outcomes.commands import CommitteeDecision
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refused, Stale
from urbact_calls.domain.vocabulary import DecisionOutcome, Role
from urbact_calls.jobs import Job
from urbact_calls.messages.models import Delivery

APPROVED, RESERVE = DecisionOutcome.APPROVED, DecisionOutcome.RESERVE


@pytest.fixture
def call(session, now: datetime) -> Call:
    return open_call(db.session, now)


@pytest.fixture
def officer(session) -> Actor:
    return actor_of(person(Role.PROGRAMME_OFFICER, name="Olga Officer"))


@pytest.fixture
def two(call: Call, officer: Actor, now: datetime) -> tuple[str, str]:
    """Two assessed applications of a sealed ranking."""
    assert officer.user_id is not None
    first = assessed_row(call, 1, dict.fromkeys(GRID.codes, 5), now, officer.user_id)
    second = assessed_row(call, 2, dict.fromkeys(GRID.codes, 4), now, officer.user_id)
    seal_ranking(call.code, officer, now)
    return first, second


@pytest.fixture
def meeting(call: Call, two: tuple[str, str], officer: Actor, now: datetime) -> int:
    return make.meeting(call.code, officer, now)


def colleague() -> Actor:
    """Another officer, who announces what the first has recorded."""
    return actor_of(person(Role.PROGRAMME_OFFICER, name="Otto Officer"))


def codes(problem: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in problem.value.refusals]


def outcomes(reference: str) -> tuple[str | None, DecisionOutcome | None]:
    """The last outcome that is recorded, and the one that is announced."""
    application = row(reference)
    of_application = select(Decision.outcome).where(Decision.application_id == application.id)
    recorded = db.session.scalars(of_application.order_by(Decision.id.desc())).first()
    return recorded, outcomes_reads.announced_outcome(db.session(), application.id)


def test_no_more_networks_are_approved_than_the_call_founds(
    call: Call, two: tuple[str, str], meeting: int, officer: Actor, now: datetime
):
    with transaction() as session:
        stored = session.get_one(Call, call.id)
        stored.terms = replace(stored.terms, networks_max=1)
    make.recorded(two[0], meeting, officer, now)

    with pytest.raises(Refused, match="The call founds at most 1 network") as problem:
        make.recorded(two[1], meeting, officer, now)

    assert codes(problem) == ["decision.networks_max"]
    assert outcomes(two[1]) == (None, None)
    # Correcting the first one needs no place more, and giving its place up leaves it to the other.
    make.recorded(two[0], meeting, officer, now, DecisionOutcome.APPROVED_WITH_CONDITIONS)
    make.recorded(two[0], meeting, officer, now, RESERVE)
    make.recorded(two[1], meeting, officer, now)
    assert (outcomes(two[0])[0], outcomes(two[1])[0]) == (RESERVE, APPROVED)


def test_a_recorded_decision_is_not_announced(two: tuple[str, str], meeting: int, officer: Actor, now: datetime):
    make.recorded(two[0], meeting, officer, now)

    assert outcomes(two[0]) == (APPROVED, None)
    assert row(two[0]).state == "assessed"


def test_a_decision_can_be_corrected_before_it_is_announced(
    two: tuple[str, str], meeting: int, officer: Actor, now: datetime
):
    make.recorded(two[0], meeting, officer, now)

    make.recorded(two[0], meeting, officer, now + timedelta(minutes=5), RESERVE)

    assert outcomes(two[0]) == (RESERVE, None)
    assert len(db.session.scalars(select(Decision)).all()) == 1


def test_nobody_overwrites_a_colleagues_record_unseen(
    two: tuple[str, str], meeting: int, officer: Actor, now: datetime
):
    make.recorded(two[0], meeting, officer, now)

    with pytest.raises(Stale):
        outcomes_commands.record_decision(
            two[0], make.verdict(RESERVE), meeting_id=meeting, seen="", actor=officer, now=now
        )

    assert outcomes(two[0]) == (APPROVED, None)


def test_a_decision_says_everything_that_the_letter_needs(
    two: tuple[str, str], meeting: int, officer: Actor, now: datetime
):
    whole = CommitteeDecision(outcome=DecisionOutcome.APPROVED_WITH_CONDITIONS, reasons="")

    with pytest.raises(Refused) as problem:
        outcomes_commands.record_decision(two[0], whole, meeting_id=meeting, seen="", actor=officer, now=now)

    assert codes(problem) == ["decision.reasons", "decision.conditions", "decision.due"]
    with pytest.raises(Refused) as problem:
        outcomes_commands.record_decision(
            two[0],
            CommitteeDecision(
                outcome=APPROVED, reasons="Good.", conditions="Hurry.", conditions_due_on=date(2027, 1, 1)
            ),
            meeting_id=meeting,
            seen="",
            actor=officer,
            now=now,
        )
    assert codes(problem) == ["decision.no_conditions"]


def test_only_what_is_in_the_sealed_ranking_is_decided(
    call: Call, two: tuple[str, str], meeting: int, officer: Actor, now: datetime
):
    assert officer.user_id is not None
    late = assessed_row(call, 3, dict.fromkeys(GRID.codes, 3), now, officer.user_id)

    with pytest.raises(Refused) as problem:
        make.recorded(late, meeting, officer, now)

    assert codes(problem) == ["decision.not_ranked"]


def test_no_meeting_before_the_ranking_is_sealed(call: Call, officer: Actor, now: datetime):
    with pytest.raises(Refused) as problem:
        make.meeting(call.code, officer, now)

    assert codes(problem) == ["ranking.not_sealed"]


def test_a_meeting_that_has_not_been_held_decides_nothing(
    call: Call, two: tuple[str, str], officer: Actor, now: datetime
):
    ahead = make.meeting(call.code, officer, now + timedelta(days=3), "MC-AHEAD")

    with pytest.raises(Refused) as problem:
        make.recorded(two[0], ahead, officer, now)

    assert codes(problem) == ["decision.meeting_ahead"]


def test_a_meeting_of_another_call_decides_nothing(call: Call, two: tuple[str, str], officer: Actor, now: datetime):
    other = open_call(db.session, now, "APN-OTHER")
    assert officer.user_id is not None
    assessed_row(other, 1, dict.fromkeys(GRID.codes, 5), now, officer.user_id)
    seal_ranking(other.code, officer, now)
    elsewhere = make.meeting(other.code, officer, now, "MC-OTHER")

    with pytest.raises(Refused) as problem:
        make.recorded(two[0], elsewhere, officer, now)

    assert codes(problem) == ["decision.meeting"]


def test_an_announced_decision_stays(call: Call, two: tuple[str, str], meeting: int, officer: Actor, now: datetime):
    make.recorded(two[0], meeting, officer, now, RESERVE)
    make.recorded(two[1], meeting, officer, now)
    make.announced(call.code, colleague(), now)
    work_off(now)

    with pytest.raises(Refused) as problem:
        make.recorded(two[0], meeting, officer, now)

    assert codes(problem) == ["decision.announced"]


def test_a_place_on_the_reserve_list_is_decided_again_in_a_later_meeting(
    call: Call, two: tuple[str, str], meeting: int, officer: Actor, now: datetime
):
    make.recorded(two[0], meeting, officer, now, RESERVE)
    make.recorded(two[1], meeting, officer, now, DecisionOutcome.NOT_APPROVED)
    make.announced(call.code, colleague(), now)
    work_off(now)
    later = now + timedelta(days=30)
    second = make.meeting(call.code, officer, later, "MC-2026-02")

    make.recorded(two[0], second, officer, later, DecisionOutcome.NOT_APPROVED)

    assert outcomes(two[0]) == (DecisionOutcome.NOT_APPROVED, RESERVE)
    assert make.announced(call.code, colleague(), later) == 1
    work_off(later)
    assert row(two[0]).state == "not_approved"


def test_the_letter_tells_decision_reasons_points_and_comments_and_names_nobody(call: Call, now: datetime):
    members = panel(call, now)
    case = assessed(call, members, now, ("Agen", "FR"), {"C1": 5})
    later = after_closing(call)
    officer = members.acting
    seal_ranking(call.code, officer, later)
    meeting = make.meeting(call.code, officer, later)
    make.recorded(case.reference, meeting, officer, later, DecisionOutcome.APPROVED_WITH_CONDITIONS, "A clear case.")
    assert db.session.scalars(select(Delivery).where(Delivery.email_key == "decision.announced")).all() == []
    make.announced(call.code, colleague(), later)
    work_off(later)
    work_off(later)

    letters = db.session.scalars(select(Delivery).where(Delivery.email_key == "decision.announced")).all()
    assert [letter.address for letter in letters] == [case.lead.email]
    (letter,) = letters
    assert letter.subject.startswith("Decision: approved with conditions")
    for words in ("A clear case.", "Name a second contact.", "84 of 100 points", "Relevance: 5 of 5 points"):
        assert words in letter.text, words
    for name in ("Anna Assessor", "Aron Assessor", "Chiara Chair", "Olga Officer"):
        assert name not in letter.text, name
    kinds = db.session.scalars(select(Job.kind).where(Job.kind.startswith("mail.deliver"))).all()
    assert "mail.deliver_once" in kinds
