"""Settling findings: who, when, what is kept, and what casework then reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories import eligibility as make
from tests.factories import regions
from tests.factories.accounts import actor_of
from tests.factories.calls import open_call
from tests.factories.eligibility import Case
from tests.factories.jobs import work_off
from tests.kept_worlds import Kept
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.applications.submission.reads.facts import facts_of
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.permissions import SYSTEM, Actor
from urbact_calls.domain.refusal import NotFound, Refused, Stale
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.vocabulary import ApplicationState, FindingOutcome
from urbact_calls.eligibility.findings import reads as findings
from urbact_calls.eligibility.reports.models import ReportFinding
from urbact_calls.eligibility.reports.reads import applications_in_check
from urbact_calls.eligibility.reports.reads import report as reads
from urbact_calls.eligibility.reports.reads.applications_in_check import CheckFilters
from urbact_calls.eligibility.reports.reads.report import EligibilityFacts
from urbact_calls.messages.models import Delivery
from urbact_calls.record.models import FieldChange

IS_CITY = "lead_partner.is_city"

pytestmark = pytest.mark.usefixtures("standings_hold")


@pytest.fixture
def call(kept: Kept, now: datetime) -> Call:
    return kept(open_call, db.session, now)


@pytest.fixture
def case(kept: Kept, call: Call, now: datetime) -> Case:
    return kept(make.checked, call, now)


@pytest.fixture
def later(call: Call) -> datetime:
    return make.after_closing(call)


@pytest.fixture
def officer(session) -> Actor:
    return actor_of(make.officer("Olga Officer"))


def facts(case: Case) -> EligibilityFacts:
    db.session.rollback()
    return reads.case_facts(db.session(), case.row.id)


def seen(case: Case, code: str) -> str:
    db.session.rollback()
    report = reads.latest_report(db.session(), case.row.id)
    assert report is not None
    return next(findings.settlement_token(finding) for finding in report.findings if finding.code == code)


def test_what_a_program_cannot_answer_waits_for_a_person(case: Case):
    assert facts(case) == EligibilityFacts(
        official_report=True,
        open_findings=(
            "submission.in_english",
            "lead_partner.is_city",
            "documents.lead_letter",
            "documents.partner_letters",
            "declarations.exclusion",
        ),
        only_curable_open=False,
    )


def test_a_finding_settled_as_met_waits_no_more(case: Case, officer: Actor, later: datetime):
    make.settle(case, IS_CITY, officer, later)

    assert IS_CITY not in facts(case).open_findings
    assert facts(case).unmet_findings == ()


def test_a_finding_settled_as_not_met_is_unmet_and_confirmed(case: Case, officer: Actor, later: datetime):
    make.settle(case, IS_CITY, officer, later, FindingOutcome.NOT_MET)

    assert facts(case).unmet_findings == (IS_CITY,)
    assert facts(case).confirmed_unmet_findings == (IS_CITY,)


def test_what_only_the_program_found_unmet_is_not_confirmed(call: Call, now: datetime):
    first, _ = make.submitted(call, now, "Agen"), make.submitted(call, now, "Agen")
    make.make_official_reports(call)

    assert facts(first).unmet_findings == ("lead_partner.leads_once",)
    assert facts(first).confirmed_unmet_findings == ()


def test_only_the_letters_are_left_and_can_be_cured(case: Case, officer: Actor, later: datetime):
    for code in facts(case).open_findings:
        if not code.startswith("documents."):
            make.settle(case, code, officer, later)

    assert facts(case).only_curable_open is True


def test_an_officer_changes_a_settlement_and_both_are_kept(case: Case, officer: Actor, later: datetime):
    make.settle(case, IS_CITY, officer, later)

    make.settle(case, IS_CITY, officer, later, FindingOutcome.NOT_MET, seen=seen(case, IS_CITY))

    told = findings.settlements(db.session(), case.row.id)[IS_CITY]
    assert [(each.outcome, each.officer) for each in told] == [("not_met", "Olga Officer"), ("met", "Olga Officer")]


def test_nobody_overwrites_a_settlement_unseen(case: Case, officer: Actor, later: datetime):
    before = seen(case, IS_CITY)
    make.settle(case, IS_CITY, officer, later)
    colleague = actor_of(make.officer())

    with pytest.raises(Stale):
        make.settle(case, IS_CITY, colleague, later, FindingOutcome.NOT_MET, seen=before)

    assert facts(case).unmet_findings == ()


def test_a_note_is_needed(case: Case, officer: Actor, later: datetime):
    from urbact_calls.eligibility.findings.commands import settle

    with pytest.raises(Refused) as refused:
        settle(case.reference, IS_CITY, outcome=FindingOutcome.MET, note="ok", seen="", actor=officer, now=later)

    assert [(each.code, each.field) for each in refused.value.refusals] == [("eligibility.note", "note")]


def test_after_the_declaration_nothing_is_settled(call: Call, now: datetime, officer: Actor, later: datetime):
    case = make.eligible(call, now)

    with pytest.raises(Refused) as refused:
        make.settle(case, IS_CITY, officer, later, FindingOutcome.NOT_MET, seen=seen(case, IS_CITY))

    assert [each.code for each in refused.value.refusals] == ["eligibility.declared"]


def test_a_provisional_report_cannot_be_settled(call: Call, now: datetime, officer: Actor):
    case = make.submitted(call, now)
    work_off(now)

    with pytest.raises(Refused) as refused:
        make.settle(case, IS_CITY, officer, now)

    assert [each.code for each in refused.value.refusals] == ["eligibility.no_official_report"]


def test_a_rule_that_does_not_exist_is_not_found(case: Case, officer: Actor, later: datetime):
    with pytest.raises(NotFound):
        make.settle(case, "lead_partner.is_nice", officer, later)


def test_a_settlement_stands_in_the_record_under_a_name_of_its_own(case: Case, officer: Actor, later: datetime):
    make.settle(case, IS_CITY, officer, later)

    change = db.session.scalars(select(FieldChange).where(FieldChange.field == f"finding:{IS_CITY}")).one()
    assert change.about == Subject(SubjectKind.ELIGIBILITY_CHECK, case.row.id)


def test_the_applicant_hears_that_the_application_is_eligible(call: Call, now: datetime):
    case = make.eligible(call, now)

    letter = db.session.scalars(select(Delivery).where(Delivery.email_key == "eligibility.announced")).one()
    assert letter.address == case.lead.email
    assert letter.subject.startswith(f"Eligible: {case.reference}")
    assert "Officer" not in letter.text


def test_the_applicant_hears_which_rule_was_not_met_and_why(call: Call, case: Case, officer: Actor, later: datetime):
    make.settle(case, IS_CITY, officer, later, FindingOutcome.NOT_MET)
    regions.confirm_all_regions(case.reference, officer, later)
    second = actor_of(make.officer())
    take_transition(case.reference, "propose_ineligible", officer, later, "Not a city.")
    take_transition(case.reference, "declare_ineligible", second, later, "The lead partner is no city.")
    work_off(later)

    letter = db.session.scalars(select(Delivery).where(Delivery.email_key == "eligibility.announced")).one()
    assert letter.subject.startswith(f"Not eligible: {case.reference}")
    assert "Not met: The lead partner is a city, in a country whose partners may lead." in letter.text
    assert "Seen in the letters on file." in letter.text
    assert "The lead partner is no city." in letter.text
    assert "Olga Officer" not in letter.text


def test_the_applicant_hears_by_when_to_answer(call: Call, case: Case, officer: Actor, later: datetime):
    for code in facts(case).open_findings:
        if not code.startswith("documents."):
            make.settle(case, code, officer, later)
    take_transition(case.reference, "ask_clarification", officer, later, "Sign the letter of Fót.")
    take_transition(case.reference, "answer_clarification", case.actor, later + timedelta(hours=1))
    work_off(later + timedelta(hours=1))

    letters = db.session.scalars(select(Delivery).where(Delivery.email_key.startswith("clarification."))).all()
    assert sorted(letter.email_key for letter in letters) == ["clarification.answered", "clarification.asked"]
    asked = next(letter for letter in letters if letter.email_key == "clarification.asked")
    assert "Sign the letter of Fót." in asked.text
    assert "Your answer is needed by" in asked.subject


def test_the_rounds_of_clarification_are_counted_against_those_of_the_call(
    call: Call, case: Case, officer: Actor, later: datetime
):
    with transaction() as session:
        stored = session.get_one(Call, call.id)
        stored.terms = replace(stored.terms, cure_rounds=2)
    for code in facts(case).open_findings:
        if not code.startswith("documents."):
            make.settle(case, code, officer, later)
    take_transition(case.reference, "ask_clarification", officer, later, "Sign the letter of Fót.")
    take_transition(case.reference, "answer_clarification", case.actor, later + timedelta(hours=1))

    db.session.rollback()
    known = facts_of(db.session(), case.row, later + timedelta(hours=1))
    assert (known.clarifications_asked, known.cure_rounds) == (1, 2)


def test_the_list_of_a_call_counts_findings_as_they_are_settled(
    call: Call, case: Case, officer: Actor, later: datetime
):
    make.settle(case, IS_CITY, officer, later, FindingOutcome.NOT_MET)

    db.session.rollback()
    (row,) = applications_in_check.applications_in_check(db.session(), call.id, CheckFilters(), SYSTEM, size=9).rows
    assert (row.reference, row.seat_city, row.country, row.partners) == (case.reference, "Agen", "FR", 10)
    assert (row.report_kind, row.unmet_findings, row.open_findings) == ("official", 1, 4)
    counts = applications_in_check.counts(db.session(), call.id, SYSTEM)
    assert (dict(counts.by_state), dict(counts.findings)) == ({"submitted": 1}, {"unmet": 1, "open": 1, "met": 0})


def test_the_list_of_a_call_can_be_filtered(call: Call, now: datetime):
    make.submitted(call, now, "Agen")
    make.submitted(call, now, "Vic", "ES")
    make.make_official_reports(call)

    def found(filters: CheckFilters) -> list[str]:
        page = applications_in_check.applications_in_check(db.session(), call.id, filters, SYSTEM, size=9)
        return [row.seat_city for row in page.rows]

    assert found(CheckFilters()) == ["Agen", "Vic"]
    assert found(CheckFilters(findings="open")) == ["Agen", "Vic"]
    assert found(CheckFilters(findings="met")) == []
    assert found(CheckFilters(findings="unmet")) == []
    assert found(CheckFilters(text="vic")) == ["Vic"]
    assert found(CheckFilters(text="%")) == []
    assert found(CheckFilters(after=1)) == ["Vic"]
    assert found(CheckFilters(states=(ApplicationState.ELIGIBLE,))) == []


def test_the_report_that_counts_is_the_official_one(case: Case):
    db.session.rollback()
    report = reads.latest_report(db.session(), case.row.id)

    assert report is not None
    assert report.kind == "official"
    outcomes = db.session.scalars(select(ReportFinding.outcome).where(ReportFinding.report_id == report.id)).all()
    assert len(outcomes) == len(report.findings)
