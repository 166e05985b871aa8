"""From the allocation to the signed consensus sheet: who may do what, and what it leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from tests.factories import assessment as make
from tests.factories import eligibility
from tests.factories.accounts import actor_of, person
from tests.factories.applications import member
from tests.factories.assessment import Panel, scores
from tests.factories.calls import open_call
from tests.factories.eligibility import Case
from tests.factories.jobs import work_off
from tests.kept_worlds import Kept
from urbact_calls import jobs
from urbact_calls.accounts.commands import accounts
from urbact_calls.accounts.models import User
from urbact_calls.assessment import reads as assessment
from urbact_calls.assessment.allocation import commands as allocation_commands
from urbact_calls.assessment.consensus import commands as consensus
from urbact_calls.assessment.models import StoredDivergence
from urbact_calls.assessment.panel import commands as panel_commands
from urbact_calls.assessment.reads import AssessmentFacts
from urbact_calls.assessment.sheets import commands as sheets
from urbact_calls.assessment.sheets.commands import Scores
from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.domain.permissions import Interests, Relation
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import ConflictAnswer, Role
from urbact_calls.jobs import Job
from urbact_calls.messages.models import Delivery
from urbact_calls.record.models import WorkflowEvent
from urbact_calls.subjects import is_about


@pytest.fixture
def call(kept: Kept, now: datetime) -> Call:
    return kept(open_call, db.session, now)


@pytest.fixture
def later(call: Call) -> datetime:
    return eligibility.after_closing(call)


@pytest.fixture
def panel(kept: Kept, call: Call, now: datetime) -> Panel:
    return kept(make.panel, call, now)


@pytest.fixture
def case(kept: Kept, call: Call, panel: Panel, now: datetime) -> Case:
    return kept(eligibility.eligible, call, now)


def relation(case: Case, user: User) -> Relation:
    db.session.rollback()
    return assessment.relation_to(db.session(), actor_of(user), case.row.id)


def facts(case: Case) -> AssessmentFacts:
    db.session.rollback()
    return assessment.case_facts(db.session(), case.row.id)


def refusal_of(problem: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in problem.value.refusals]


def test_an_allocated_assessor_is_told_by_e_mail(case: Case, panel: Panel, later: datetime):
    make.allocated(case, panel, later, panel.anna)
    work_off(later)

    letter = db.session.scalars(select(Delivery).where(Delivery.email_key == "allocation.made")).one()
    assert letter.address == panel.anna.email
    assert case.reference in letter.subject
    assert relation(case, panel.anna) == Relation(roles=frozenset({Role.ASSESSOR}))


def test_an_allocation_that_was_taken_away_at_once_is_not_told(case: Case, panel: Panel, later: datetime):
    make.allocated(case, panel, later, panel.anna)
    allocation = assessment.own_allocation(db.session(), case.row.id, panel.anna.id)
    allocation_commands.unallocate(case.reference, allocation_id=allocation.id, actor=panel.acting, now=later)
    work_off(later)

    assert db.session.scalars(select(Delivery).where(Delivery.email_key == "allocation.made")).all() == []
    assert relation(case, panel.anna) == Relation()


def test_who_works_for_a_partner_cannot_be_allocated(call: Call, case: Case, panel: Panel, later: datetime):
    neighbour = member(case.organisation, later)
    from urbact_calls.database import transaction

    with transaction() as session:
        accounts.grant_step(session, session.merge(neighbour), Role.ASSESSOR, later)
    panel_commands.add_to_panel(
        call.code, user_id=neighbour.id, is_chair=False, country=None, actor=panel.acting, now=later
    )

    with pytest.raises(Refused) as problem:
        make.allocated(case, panel, later, neighbour)

    assert refusal_of(problem) == ["allocation.refused"]
    assert "takes part in the application" in str(problem.value)


def test_who_is_not_on_the_panel_or_chairs_it_cannot_be_allocated(case: Case, panel: Panel, later: datetime):
    for user in (person(Role.ASSESSOR), panel.chair):
        with pytest.raises(Refused) as problem:
            make.allocated(case, panel, later, user)
        assert refusal_of(problem) == ["allocation.refused"]


def test_a_third_assessor_comes_only_when_the_totals_lie_far_apart(case: Case, panel: Panel, later: datetime):
    make.scored(case, panel, later, scores(5, 5, 5, 5, 5), scores(4, 4, 4, 4, 4))
    with pytest.raises(Refused):
        make.allocated(case, panel, later, panel.third)

    assert facts(case) == AssessmentFacts(sheets_needed=2, sheets_in=2)


def test_a_third_assessor_is_needed_once_there_is_one(case: Case, panel: Panel, later: datetime):
    make.scored(case, panel, later, scores(5, 5, 5, 5, 5), scores(2, 2, 2, 2, 2))

    make.allocated(case, panel, later, panel.third)

    assert facts(case) == AssessmentFacts(sheets_needed=3, sheets_in=2)


def test_an_application_that_is_not_eligible_is_not_allocated(call: Call, now: datetime, panel: Panel, later: datetime):
    checked = eligibility.checked(call, now)

    with pytest.raises(Refused) as problem:
        make.allocated(checked, panel, later, panel.anna)

    assert refusal_of(problem) == ["assessment.not_running"]


def test_a_declared_conflict_takes_every_right_away_at_once(case: Case, panel: Panel, later: datetime):
    make.allocated(case, panel, later)

    allocation_commands.declare(
        case.reference,
        answer=ConflictAnswer.CONFLICT,
        note="My brother works there.",
        actor=actor_of(panel.anna),
        now=later,
    )

    assert relation(case, panel.anna) == Relation(is_conflicted=True)
    with pytest.raises(NotFound):
        sheets.save_sheet(case.reference, scores(), version=1, actor=actor_of(panel.anna), now=later)
    with pytest.raises(Refused):
        make.allocated(case, panel, later, panel.anna)
    make.allocated(case, panel, later, panel.third)
    assert facts(case) == AssessmentFacts(sheets_needed=2)


def test_losing_the_role_takes_every_right_away(case: Case, panel: Panel, later: datetime):
    make.allocated(case, panel, later)
    bare = person(name="Without a role")

    db.session.rollback()
    actor = actor_of(bare)
    as_anna = type(actor)(panel.anna.id, "Anna", frozenset(), frozenset())
    assert assessment.relation_to(db.session(), as_anna, case.row.id) == Relation()


def test_taking_part_takes_the_right_of_a_chair_away(case: Case, panel: Panel):
    chair, application_id, call_id = actor_of(panel.chair), case.row.id, case.row.call_id
    taking_part = replace(chair, interests=Interests(frozenset({application_id}), frozenset({call_id})))

    assert relation(case, panel.chair) == Relation(roles=frozenset({Role.PANEL_CHAIR}))
    assert assessment.relation_to(db.session(), taking_part, application_id) == Relation(is_conflicted=True)


def test_the_chair_of_another_panel_is_a_stranger(case: Case, panel: Panel, now: datetime):
    other = open_call(db.session, now, "APN-OTHER")
    stranger = person(Role.PANEL_CHAIR)
    panel_commands.add_to_panel(
        other.code, user_id=stranger.id, is_chair=True, country=None, actor=panel.acting, now=now
    )

    assert relation(case, stranger) == Relation()


def test_nothing_is_scored_before_the_declaration(case: Case, panel: Panel, later: datetime):
    make.allocated(case, panel, later)

    with pytest.raises(Refused) as problem:
        sheets.save_sheet(case.reference, scores(), version=1, actor=actor_of(panel.anna), now=later)

    assert refusal_of(problem) == ["assessment.undeclared"]


def test_a_sheet_is_kept_before_it_is_complete(case: Case, panel: Panel, later: datetime):
    make.allocated(case, panel, later)
    make.declared(case, later, panel.anna)

    sheets.save_sheet(
        case.reference, Scores({"C2": 5}, {"C1": "Begun."}), version=1, actor=actor_of(panel.anna), now=later
    )

    db.session.rollback()
    sheet = assessment.own_allocation(db.session(), case.row.id, panel.anna.id).sheet
    assert {row.criterion: (row.points, row.comment) for row in sheet.points if row.points or row.comment} == {
        "C1": (None, "Begun."),
        "C2": (5, ""),
    }
    assert (sheet.total_points, sheet.version) == (None, 2)


def test_a_sheet_saved_in_another_window_is_not_overwritten(case: Case, panel: Panel, later: datetime):
    make.allocated(case, panel, later)
    make.declared(case, later, panel.anna)
    sheets.save_sheet(case.reference, scores(), version=1, actor=actor_of(panel.anna), now=later)

    with pytest.raises(Stale):
        sheets.save_sheet(case.reference, scores(1, 1, 1, 1, 1), version=1, actor=actor_of(panel.anna), now=later)


def test_a_sheet_without_reasons_cannot_be_locked(case: Case, panel: Panel, later: datetime):
    make.allocated(case, panel, later)
    make.declared(case, later, panel.anna)
    sheets.save_sheet(case.reference, scores(reasons="Good."), version=1, actor=actor_of(panel.anna), now=later)

    with pytest.raises(Refused) as problem:
        sheets.submit_sheet(case.reference, version=2, actor=actor_of(panel.anna), now=later)

    assert refusal_of(problem) == ["assessment.incomplete"]
    assert "Relevance, Partnership" in str(problem.value)


def test_a_locked_sheet_stays_as_it_is(case: Case, panel: Panel, later: datetime):
    make.allocated(case, panel, later)
    make.declared(case, later, panel.anna)
    make.locked(case, panel.anna, scores(5, 4, 3, 2, 1), later)

    with pytest.raises(Refused) as problem:
        sheets.save_sheet(
            case.reference, scores(), version=make.version_of(case, panel.anna), actor=actor_of(panel.anna), now=later
        )

    assert refusal_of(problem) == ["assessment.locked"]
    sheet = assessment.own_allocation(db.session(), case.row.id, panel.anna.id).sheet
    assert sheet.total_points == 5 * 20 + 4 * 20 + 3 * 25 + 2 * 20 + 1 * 15


def test_an_officer_reopens_a_sheet_with_a_reason_and_nobody_else_does(case: Case, panel: Panel, later: datetime):
    make.scored(case, panel, later, scores(), scores())
    allocation = assessment.own_allocation(db.session(), case.row.id, panel.anna.id)

    reopen = partial(
        sheets.reopen_sheet,
        case.reference,
        allocation_id=allocation.id,
        version=make.version_of(case, panel.anna),
        now=later,
    )

    with pytest.raises(Refused):
        reopen(reason=" ", actor=panel.acting)
    with pytest.raises(NotFound):
        reopen(reason="Mine", actor=actor_of(panel.aron))
    reopen(reason="A slip of the pen.", actor=panel.acting)

    assert facts(case) == AssessmentFacts(sheets_needed=2, sheets_in=1)


def test_the_second_lock_has_the_sheets_compared(case: Case, panel: Panel, later: datetime):
    make.scored(case, panel, later, scores(5, 4, 5, 5, 5), scores(5, 4, 2, 5, 4))

    rows = db.session.execute(
        select(StoredDivergence.criterion, StoredDivergence.lowest, StoredDivergence.highest)
    ).all()
    assert [tuple(row) for row in rows] == [("C3", 2, 5)]


def test_comparing_twice_leaves_one_agenda(case: Case, panel: Panel, later: datetime):
    make.scored(case, panel, later, scores(5, 5, 5, 5, 5), scores(1, 1, 1, 1, 1))
    job = db.session.scalars(select(Job).where(Job.kind == "assessment.compare")).one()
    claim = jobs.Claim(job.id, job.kind, job.key, job.args, later, "a second worker", 2)
    effect = jobs.JOB_KINDS["assessment.compare"].work(claim)
    from urbact_calls.database import transaction

    with transaction() as session:
        assert effect is not None
        effect(session)

    rows = db.session.execute(
        select(StoredDivergence.criterion, StoredDivergence.lowest, StoredDivergence.highest)
    ).all()
    assert sorted(tuple(row) for row in rows) == [("", 100, 500), *((f"C{n}", 1, 5) for n in range(1, 6))]


def test_the_last_signature_closes_the_assessment(case: Case, panel: Panel, later: datetime):
    make.scored(case, panel, later, scores(5, 5, 5, 5, 5), scores(3, 3, 3, 3, 3))
    make.agreed(case, panel, later, scores(4, 4, 4, 4, 5))

    make.signed(case, later, panel.anna, panel.chair)
    assert facts(case).consensus_signed is False
    make.signed(case, later, panel.aron)
    work_off(later)

    assert facts(case) == AssessmentFacts(sheets_needed=2, sheets_in=2, consensus_signed=True)
    sheet = assessment.consensus_of(db.session(), case.row.id)
    assert sheet is not None
    assert (sheet.state, sheet.total_points) == ("signed", 4 * 85 + 5 * 15)
    assert case.row.state == "assessed"


def test_a_change_takes_the_signatures_away(case: Case, panel: Panel, later: datetime):
    make.scored(case, panel, later, scores(), scores())
    make.agreed(case, panel, later, scores())
    make.signed(case, later, panel.anna, panel.chair)

    make.agreed(case, panel, later, scores(C3=5))
    make.signed(case, later, panel.aron)

    assert facts(case).consensus_signed is False


def test_saving_what_is_there_already_keeps_the_signatures(case: Case, panel: Panel, later: datetime):
    make.scored(case, panel, later, scores(), scores())
    make.agreed(case, panel, later, scores())
    make.signed(case, later, panel.anna, panel.chair)

    make.agreed(case, panel, later, scores())
    make.signed(case, later, panel.aron)

    assert facts(case).consensus_signed is True


def test_nobody_signs_what_changed_under_their_eyes(case: Case, panel: Panel, later: datetime):
    make.scored(case, panel, later, scores(), scores())
    make.agreed(case, panel, later, scores())
    before = make.consensus_version(case)
    make.agreed(case, panel, later, scores(C1=0))

    with pytest.raises(Stale):
        consensus.sign_consensus(case.reference, version=before, actor=actor_of(panel.aron), now=later)


def test_an_incomplete_consensus_sheet_is_not_signed(case: Case, panel: Panel, later: datetime):
    make.scored(case, panel, later, scores(), scores())
    make.agreed(case, panel, later, Scores({"C1": 3}, {}))

    with pytest.raises(Refused) as problem:
        make.signed(case, later, panel.anna)

    assert refusal_of(problem) == ["assessment.incomplete"]


def test_strangers_neither_write_nor_sign(case: Case, panel: Panel, later: datetime):
    make.scored(case, panel, later, scores(), scores())
    make.agreed(case, panel, later, scores())

    for user in (panel.third, panel.officer, person(Role.PANEL_CHAIR), case.lead):
        with pytest.raises(NotFound):
            consensus.sign_consensus(
                case.reference, version=make.consensus_version(case), actor=actor_of(user), now=later
            )
        with pytest.raises(NotFound):
            consensus.save_consensus(
                case.reference, scores(), version=make.consensus_version(case), actor=actor_of(user), now=later
            )


def test_a_late_conflict_reopens_the_question_who_assesses(case: Case, panel: Panel, later: datetime):
    make.scored(case, panel, later, scores(), scores())
    make.agreed(case, panel, later, scores())
    make.signed(case, later, panel.anna, panel.chair)

    allocation_commands.declare(
        case.reference, answer=ConflictAnswer.CONFLICT, note="I found out today.", actor=actor_of(panel.anna), now=later
    )

    sheet = assessment.consensus_of(db.session(), case.row.id)
    assert sheet is not None
    assert sheet.signatures == []
    assert facts(case) == AssessmentFacts(sheets_needed=2, sheets_in=1)
    with pytest.raises(Refused):
        make.signed(case, later, panel.aron)


def test_the_record_that_applicants_read_names_no_assessor(case: Case, panel: Panel, later: datetime):
    make.scored(case, panel, later, scores(), scores())
    make.agreed(case, panel, later, scores())
    make.signed(case, later, panel.anna, panel.aron, panel.chair)
    work_off(later + timedelta(minutes=1))

    events = db.session.scalars(
        select(WorkflowEvent).where(is_about(WorkflowEvent, SubjectKind.APPLICATION, case.row.id))
    ).all()
    assert {panel.anna.id, panel.aron.id, panel.chair.id} & {event.actor_id for event in events} == set()
    assert events[-1].transition == "close_assessment"
