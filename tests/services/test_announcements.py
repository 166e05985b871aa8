"""Announcements: recorded at once for all decisions of a call, carried out by workers piece by piece."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.factories import decisions as make
from tests.factories.accounts import actor_of, person
from tests.factories.applications import row
from tests.factories.assessment import GRID, assessed, assessed_row, panel
from tests.factories.calls import open_call
from tests.factories.eligibility import Case, after_closing
from tests.factories.jobs import work_off
from tests.query_count import statements
from urbact_calls import jobs
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.assessment.ranking.commands import seal_ranking
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.decisions.announcements import commands, reads
from urbact_calls.decisions.announcements.models import Announcement, Piece
from urbact_calls.decisions.announcements.reads import AnnouncementProgress, Letters
from urbact_calls.decisions.outcomes.commands import record_decision
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.decisions.outcomes.reads import announced_outcome, decision_token, unannounced_decision
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refused, Stale
from urbact_calls.domain.vocabulary import DecisionOutcome, JobState, Role
from urbact_calls.jobs import Job
from urbact_calls.messages.models import Delivery

NOT_APPROVED, RESERVE = DecisionOutcome.NOT_APPROVED, DecisionOutcome.RESERVE


@pytest.fixture
def call(session, now: datetime) -> Call:
    return open_call(db.session, now)


@pytest.fixture
def officer(session) -> Actor:
    return actor_of(person(Role.PROGRAMME_OFFICER, name="Olga Officer"))


@pytest.fixture
def colleague(session) -> Actor:
    return actor_of(person(Role.PROGRAMME_OFFICER, name="Otto Officer"))


@pytest.fixture
def announced(call: Call, now: datetime, colleague: Actor) -> Case:
    """An application with a decision that was announced; no worker has taken its step."""
    members = panel(call, now)
    case = assessed(call, members, now, ("Agen", "FR"), {"C1": 5})
    later = after_closing(call)
    seal_ranking(call.code, members.acting, later)
    make.recorded(case.reference, make.meeting(call.code, members.acting, later), members.acting, later, NOT_APPROVED)
    make.announced(call.code, colleague, later)
    return case


@pytest.fixture
def three(call: Call, officer: Actor, now: datetime) -> list[str]:
    """Three assessed applications of a sealed ranking."""
    assert officer.user_id is not None
    references = [assessed_row(call, n, dict.fromkeys(GRID.codes, 5), now, officer.user_id) for n in (1, 2, 3)]
    seal_ranking(call.code, officer, now)
    return references


@pytest.fixture
def meeting(call: Call, three: list[str], officer: Actor, now: datetime) -> int:
    return make.meeting(call.code, officer, now)


@pytest.fixture
def recorded(three: list[str], meeting: int, officer: Actor, now: datetime) -> list[str]:
    """A decision waits on each of the three."""
    for reference in three:
        make.recorded(reference, meeting, officer, now, NOT_APPROVED)
    return three


def codes(problem: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in problem.value.refusals]


def known(reference: str) -> DecisionOutcome | None:
    return announced_outcome(db.session(), row(reference).id)


def waiting(call: Call) -> str:
    found = reads.waiting(db.session(), call.id).fingerprint
    db.session.rollback()
    return found


def progress_of(call: Call, now: datetime) -> AnnouncementProgress:
    db.session.rollback()
    return reads.progress(db.session(), call, now, before=None, size=10).rows[0]


def divided(call: Call, colleague: Actor, now: datetime, *sizes: int) -> list[Job]:
    """The jobs of an announcement whose pieces have these sizes."""
    make.announced(call.code, colleague, now)
    [whole] = pieces()
    ids = decision_ids()
    with transaction() as session:
        session.get_one(Job, whole.id).state = JobState.CANCELLED
        for size in sizes:
            these, ids = ids[:size], ids[size:]
            piece = Piece(announcement=whole.args["announcement"], first=these[0], last=these[-1])
            jobs.announce(session, kind="decisions.take_steps", key=f"a piece from {these[0]}", args=piece, now=now)
    return pieces(JobState.READY)


def decision_ids() -> list[int]:
    return [*db.session.scalars(select(Decision.id).order_by(Decision.id))]


def pieces(*states: JobState) -> list[Job]:
    found = select(Job).where(Job.kind == "decisions.take_steps").order_by(Job.id)
    return [*db.session.scalars(found.where(Job.state.in_(states)) if states else found)]


def test_nothing_is_announced_while_a_decision_is_missing(
    call: Call, three: list[str], meeting: int, officer: Actor, colleague: Actor, now: datetime
):
    make.recorded(three[0], meeting, officer, now)

    with pytest.raises(Refused) as problem:
        make.announced(call.code, colleague, now)

    assert codes(problem) == ["decision.missing"]
    assert three[1] in str(problem.value)
    assert db.session.scalars(select(Announcement)).all() == []


def test_whoever_recorded_a_decision_does_not_announce_it(
    call: Call, three: list[str], meeting: int, officer: Actor, colleague: Actor, now: datetime
):
    make.recorded(three[0], meeting, colleague, now)
    make.recorded(three[1], meeting, officer, now, RESERVE)
    make.recorded(three[2], meeting, colleague, now)

    with pytest.raises(Refused) as problem:
        make.announced(call.code, officer, now)

    assert codes(problem) == ["decision.own_record"]
    assert three[1] in str(problem.value)
    assert three[0] not in str(problem.value)
    assert db.session.scalars(select(Announcement)).all() == []


def test_nothing_is_announced_that_the_officer_has_not_read(
    call: Call, recorded: list[str], meeting: int, officer: Actor, colleague: Actor, now: datetime
):
    """Not even a correction that was received before the last decision was recorded, and stored after it."""
    seen = waiting(call)
    make.recorded(recorded[1], meeting, officer, now - timedelta(seconds=1), RESERVE)

    with pytest.raises(Stale):
        commands.announce_decisions(call.code, seen=seen, actor=colleague, now=now)

    assert db.session.scalars(select(Announcement)).all() == []


def test_the_fingerprint_is_that_of_all_decisions_in_the_order_of_their_ids(
    call: Call, three: list[str], meeting: int, officer: Actor, now: datetime
):
    make.recorded(three[0], meeting, officer, now, NOT_APPROVED, "Trop peu : «non».")
    make.recorded(three[1], meeting, officer, now, DecisionOutcome.APPROVED_WITH_CONDITIONS)
    make.recorded(three[2], meeting, officer, now, RESERVE)
    prints = [
        hashlib.sha256(
            f"{each.id}:{each.application_id}:{each.meeting_id}:{each.outcome.value}:"
            f"{each.conditions_due_on or ''}:{len(each.reasons)}:{each.reasons}{each.conditions}:".encode()
        ).hexdigest()
        for each in db.session.scalars(select(Decision).order_by(Decision.id))
    ]

    assert reads.waiting(db.session(), call.id).count == 3
    assert waiting(call) == hashlib.sha256("".join(prints).encode()).hexdigest()


def test_an_announcement_says_who_when_and_what_and_leaves_the_rest_to_the_workers(
    call: Call, recorded: list[str], colleague: Actor, now: datetime
):
    seen = waiting(call)

    assert make.announced(call.code, colleague, now) == 3

    [announcement] = db.session.scalars(select(Announcement)).all()
    assert (announcement.announced_at, announcement.announced_by) == (now, colleague.user_id)
    assert (announcement.decisions, announcement.fingerprint) == (3, seen)
    assert reads.fingerprint_now(db.session(), announcement) == seen
    [job] = pieces()
    ids = decision_ids()
    assert job.args == {"announcement": announcement.id, "first": ids[0], "last": ids[-1]}
    assert (job.about, job.actor_id) == (announcement.subject, colleague.user_id)
    assert {row(reference).state for reference in recorded} == {"assessed"}


def test_the_request_takes_as_many_statements_for_three_decisions_as_for_one(
    call: Call, recorded: list[str], officer: Actor, colleague: Actor, now: datetime
):
    other = open_call(db.session, now, "APN-OTHER")
    assert officer.user_id is not None
    alone = assessed_row(other, 1, dict.fromkeys(GRID.codes, 5), now, officer.user_id)
    seal_ranking(other.code, officer, now)
    make.recorded(alone, make.meeting(other.code, officer, now, "MC-OTHER"), officer, now, NOT_APPROVED)
    counts = []

    for each in (other, call):
        code, seen = each.code, waiting(each)
        with statements() as ran:
            commands.announce_decisions(code, seen=seen, actor=colleague, now=now)
        counts.append(len(ran))

    assert counts[0] == counts[1]


def test_the_same_request_a_second_time_is_the_first(call: Call, recorded: list[str], colleague: Actor, now: datetime):
    seen = waiting(call)

    answers = [commands.announce_decisions(call.code, seen=seen, actor=colleague, now=now) for _ in range(2)]

    assert answers == [3, 3]
    assert len(db.session.scalars(select(Announcement)).all()) == 1


def test_what_is_announced_stays_and_nobody_learns_it_before_its_step(
    call: Call, recorded: list[str], meeting: int, officer: Actor, colleague: Actor, now: datetime
):
    make.announced(call.code, colleague, now)

    with pytest.raises(Refused) as problem:
        record_decision(recorded[0], make.verdict(RESERVE), meeting_id=meeting, seen="", actor=officer, now=now)

    assert codes(problem) == ["decision.being_announced"]
    assert [known(reference) for reference in recorded] == [None, None, None]
    assert decision_token(unannounced_decision(db.session(), row(recorded[0]).id)) == ""
    assert reads.waiting(db.session(), call.id).count == 0


def test_many_decisions_are_divided_into_pieces_that_leave_none_out(
    call: Call, recorded: list[str], colleague: Actor, now: datetime
):
    make.announced(call.code, colleague, now)
    ids = decision_ids()
    number = db.session.scalars(select(Announcement.id)).one()

    ends = reads.pieces(number, 2)

    found = db.session.execute(select(ends.c.first, ends.c.last).order_by(ends.c.first)).all()
    assert found == [(ids[0], ids[1]), (ids[2], ids[2])]


def test_a_decision_is_known_as_of_the_announcement_once_its_step_is_taken(
    call: Call, recorded: list[str], colleague: Actor, now: datetime
):
    first, _ = divided(call, colleague, now, 1, 2)
    later = now + timedelta(minutes=10)

    jobs.run(first.id, owner="a worker", clock=lambda: later)

    assert [known(reference) for reference in recorded] == [NOT_APPROVED, None, None]
    assert [row(reference).state for reference in recorded] == ["not_approved", "assessed", "assessed"]
    decision = db.session.scalars(select(Decision).order_by(Decision.id)).first()
    assert (decision.announced_at, decision.announced_by) == (now, colleague.user_id)
    assert row(recorded[0]).decided_at == later


def test_a_stopped_announcement_goes_on_where_it_stood(
    call: Call, recorded: list[str], colleague: Actor, now: datetime
):
    """The worker died with the second piece in its hands; what the first has done stays as it is."""
    first, second = divided(call, colleague, now, 2, 1)
    jobs.run(first.id, owner="a worker", clock=lambda: now)
    stopped = {"state": JobState.RUNNING, "attempts": 1, "lease_until": now + timedelta(seconds=30)}
    with transaction() as session:
        session.execute(update(Job).where(Job.id == second.id).values(**stopped))
    before = progress_of(call, now)

    while jobs.run_due("decisions.take_steps", owner="another", clock=lambda: now + timedelta(seconds=31)):
        pass

    after = progress_of(call, now)
    assert [before.steps, after.steps] == [2, 3]
    assert [known(reference) for reference in recorded] == [NOT_APPROVED] * 3


def test_a_piece_that_did_not_come_to_its_end_is_halved(
    call: Call, recorded: list[str], colleague: Actor, now: datetime
):
    [whole] = divided(call, colleague, now, 3)
    with transaction() as session:
        session.execute(update(Job).where(Job.id == whole.id).values(attempts=1))

    jobs.run(whole.id, owner="a worker", clock=lambda: now)

    ids = decision_ids()
    halves = [(job.args["first"], job.args["last"]) for job in pieces(JobState.READY)]
    assert halves == [(ids[0], ids[0]), (ids[1], ids[2])]
    assert [known(reference) for reference in recorded] == [None, None, None]
    work_off(now)
    assert progress_of(call, now).is_over


def test_a_step_more_in_a_piece_takes_few_statements(call: Call, recorded: list[str], colleague: Actor, now: datetime):
    """Facts, state, number, event, letter and two lines of the record."""
    one, two = divided(call, colleague, now, 1, 2)
    counts = []

    for job in (one, two):
        with statements() as ran:
            jobs.run(job.id, owner="a worker", clock=lambda: now)
        counts.append(len(ran))

    assert counts[1] - counts[0] <= MOST_STATEMENTS


MOST_STATEMENTS = 7


def test_an_application_that_was_withdrawn_meanwhile_stays_so_and_gets_no_letter(call: Call, announced: Case):
    later = after_closing(call)
    take_transition(announced.reference, "withdraw", actor_of(announced.lead), later, "We stop.")

    work_off(later)

    assert announced.row.state == "withdrawn"
    assert db.session.scalars(select(Delivery).where(Delivery.email_key == "decision.announced")).all() == []
    assert progress_of(call, later).is_over


def test_the_progress_counts_steps_and_letters(call: Call, announced: Case):
    later = after_closing(call)
    seen = []

    while due := db.session.execute(select(Job.id).where(Job.state == JobState.READY).order_by(Job.id)).first():
        found = progress_of(call, later)
        seen.append((found.by, found.steps, found.letters, found.is_over))
        jobs.run(due.id, owner="a worker", clock=lambda: later)
    found = progress_of(call, later)

    assert seen == [
        ("Otto Officer", 0, Letters(), False),
        ("Otto Officer", 1, Letters(to_write=1), False),
        ("Otto Officer", 1, Letters(written=1), False),
    ]
    assert (found.steps, found.letters, found.is_over) == (1, Letters(written=1, sent=1), True)


def test_a_letter_whose_end_nobody_knows_waits_for_a_person(call: Call, announced: Case):
    later = after_closing(call)
    work_off(later)
    with transaction() as session:
        session.execute(update(Delivery).where(Delivery.email_key == "decision.announced").values(sent_at=None))
        parked = {"state": JobState.SENDING, "lease_until": later - timedelta(seconds=1)}
        session.execute(update(Job).where(Job.kind == "mail.deliver_once").values(**parked))

    found = progress_of(call, later)

    assert (found.letters, found.is_over) == (Letters(written=1, held=1), True)


def test_the_progress_takes_as_many_queries_for_three_announcements_as_for_one(
    call: Call, recorded: list[str], meeting: int, officer: Actor, colleague: Actor, now: datetime
):
    make.recorded(recorded[0], meeting, officer, now, RESERVE)
    counts = []

    for number, later in enumerate((None, DecisionOutcome.POSTPONED, RESERVE)):
        moment = now + timedelta(days=number)
        if later is not None:
            again = make.meeting(call.code, officer, moment, f"MC-{number}")
            make.recorded(recorded[0], again, officer, moment, later)
        make.announced(call.code, colleague, moment)
        work_off(moment)
        with statements() as ran:
            assert len(reads.progress(db.session(), call, moment, before=None, size=10).rows) == number + 1
        counts.append(len(ran))

    assert counts == [counts[0]] * 3
