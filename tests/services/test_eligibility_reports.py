"""Reports of the workers: one after each submission, and the official one on the call as it stood at closing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import eligibility as make
from tests.factories.calls import historical_call, open_call
from tests.factories.jobs import work_off
from urbact_calls import jobs
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.vocabulary import JobState, ReportKind
from urbact_calls.eligibility.closing_lists.commands import KIND
from urbact_calls.eligibility.closing_lists.models import ClosingList, Participation
from urbact_calls.eligibility.reports.commands import announce_official_checks
from urbact_calls.eligibility.reports.models import ReportFinding, StoredReport
from urbact_calls.eligibility.reports.reads import report as reads
from urbact_calls.job_sets import start_due
from urbact_calls.jobs import Job

pytestmark = pytest.mark.usefixtures("standings_hold")


@pytest.fixture
def call(session, now: datetime) -> Call:
    return open_call(db.session, now)


def reports(kind: ReportKind) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(StoredReport.kind).where(StoredReport.kind == kind)))


def look_for_official_checks(now: datetime) -> list[str]:
    """What beat announces at this instant: the keys of new jobs, without their kind."""
    before = set(db.session.scalars(select(Job.key)))
    start_due(announce_official_checks, now)
    return sorted(key.partition(":")[2] for key in set(db.session.scalars(select(Job.key))) - before)


def listed_leads(call: Call) -> list[str]:
    """The lead partners of the closing list of a call, in the order of the applications."""
    db.session.rollback()
    leads = select(Participation.name).join(ClosingList, ClosingList.id == Participation.closing_list_id)
    of_call = leads.where(ClosingList.call_id == call.id, Participation.is_lead)
    return list(db.session.scalars(of_call.order_by(ClosingList.number, Participation.id)))


def write_list_part(now: datetime) -> None:
    """What a worker does with the next part of the list of the closing."""
    db.session.rollback()
    [part] = db.session.scalars(select(Job.id).where(Job.kind == KIND, Job.state == JobState.READY))
    jobs.run(part, owner="a worker", clock=lambda: now)


def test_a_submission_gets_a_provisional_report_with_a_finding_per_rule_of_its_type(call: Call, now: datetime):
    case = make.submitted(call, now)

    work_off(now)

    report = reads.latest_report(db.session(), case.row.id)
    assert report is not None
    assert report.kind == "provisional"
    assert {finding.code for finding in report.findings} == set(KINDS[call.type].rules)
    assert [finding.position for finding in report.findings] == list(range(1, len(report.findings) + 1))


def test_the_same_examination_twice_makes_one_report(call: Call, now: datetime):
    make.submitted(call, now)
    work_off(now)
    job = db.session.scalars(select(Job).where(Job.kind == "eligibility.examine")).one()
    work = jobs.JOB_KINDS["eligibility.examine"].work
    claim = jobs.Claim(job.id, job.kind, job.key, job.args, now, "a second worker", 2)

    assert work(claim) is None
    assert reports(ReportKind.PROVISIONAL) == ["provisional"]


def test_two_workers_with_the_same_report_in_hand_keep_it_once(call: Call, now: datetime):
    make.submitted(call, now)
    job = db.session.scalars(select(Job).where(Job.kind == "eligibility.examine")).one()
    work = jobs.JOB_KINDS["eligibility.examine"].work
    claim = jobs.Claim(job.id, job.kind, job.key, job.args, now, "a worker", 1)
    effects = [work(claim), work(claim)]

    for effect in effects:
        with transaction() as session:
            assert effect is not None
            effect(session)

    assert reports(ReportKind.PROVISIONAL) == ["provisional"]


def test_no_official_report_is_asked_for_before_the_call_has_closed(call: Call, now: datetime):
    make.submitted(call, now)

    assert look_for_official_checks(call.closes_at) == []
    assert look_for_official_checks(call.closes_at + timedelta(seconds=5)) == []


def test_after_the_closing_each_submitted_application_is_asked_for_once(call: Call, now: datetime):
    first, second = make.submitted(call, now, "Agen"), make.submitted(call, now, "Vic", "ES")
    later = make.after_closing(call)

    work_off(now)
    instant = int(call.closes_at.timestamp())

    announced = look_for_official_checks(later)
    again = look_for_official_checks(later + timedelta(seconds=2))
    write_list_part(later)
    checks = [job.key for job in db.session.scalars(select(Job).where(Job.kind == "eligibility.official"))]

    assert (announced, again) == ([f"{call.code}:{instant}:1:0"], [])
    assert sorted(checks) == [f"eligibility.official:{each.reference}:submission-1:list-1" for each in (first, second)]
    assert look_for_official_checks(later + timedelta(seconds=4)) == []


def test_the_official_report_is_made_once_per_application(call: Call, now: datetime):
    case = make.checked(call, now)

    make.make_official_reports(call)

    assert reports(ReportKind.OFFICIAL) == ["official"]
    assert reads.case_facts(db.session(), case.row.id).official_report is True


def test_a_draft_at_closing_gets_no_report(call: Call, now: datetime):
    case = make.submitted(call, now)
    take_transition(case.reference, "reopen", case.actor, now)

    assert look_for_official_checks(make.after_closing(call)) == []


def test_a_past_call_is_never_checked(session, now: datetime):
    historical_call(db.session, now)

    assert look_for_official_checks(now) == []


def test_the_official_report_shows_the_other_applications_as_they_stood_at_closing(call: Call, now: datetime):
    """Withdrawn before the closing does not count; withdrawn after it does, and so do those of late workers."""
    subject = make.submitted(call, now, "Agen")
    stayed = make.submitted(call, now, "Vic", "ES")
    left_before = make.submitted(call, now, "Genk", "BE")
    left_after = make.submitted(call, now, "Cesena", "IT")
    take_transition(left_before.reference, "withdraw", left_before.actor, now, "We found no partners.")
    take_transition(
        left_after.reference, "withdraw", left_after.actor, call.closes_at + timedelta(minutes=1), "A change of mind."
    )

    make.make_official_reports(call)

    report = reads.latest_report(db.session(), subject.row.id, ReportKind.OFFICIAL)
    assert report is not None
    others = report.dossier.others_at_closing
    assert others is not None
    assert (others.listed, others.led) == (3, 0)
    assert others.taken_part == (0, *[2] * 9)
    assert listed_leads(call) == [each.organisation.folded for each in (subject, stayed, left_after)]


def test_one_city_that_leads_two_applications_is_found_in_both(call: Call, now: datetime):
    first, second = make.submitted(call, now, "Agen"), make.submitted(call, now, "Agen")

    make.make_official_reports(call)

    for case in (first, second):
        facts = reads.case_facts(db.session(), case.row.id)
        assert "lead_partner.leads_once" in facts.unmet_findings


def test_a_settlement_is_carried_to_the_report_after_the_clarification_unless_it_could_be_cured(
    call: Call, now: datetime
):
    from tests.factories.accounts import actor_of

    case = make.checked(call, now)
    later = make.after_closing(call)
    officer = actor_of(make.officer())
    make.settle(case, "lead_partner.is_city", officer, later)
    make.settle(case, "documents.lead_letter", officer, later)
    for code in make.open_codes(case):
        if not code.startswith("documents."):
            make.settle(case, code, officer, later)
    take_transition(case.reference, "ask_clarification", officer, later, "The letters are not signed.")
    take_transition(case.reference, "answer_clarification", case.actor, later + timedelta(hours=1))

    work_off(later + timedelta(hours=2))

    assert make.open_codes(case) == ("documents.lead_letter", "documents.partner_letters")
    assert reports(ReportKind.OFFICIAL) == ["official", "official"]


def test_findings_are_counted_once_however_often_the_clock_looks(app: Flask, call: Call, now: datetime):
    case = make.checked(call, now)
    for minutes in range(3):
        look_for_official_checks(make.after_closing(call) + timedelta(minutes=minutes))
    work_off(make.after_closing(call) + timedelta(hours=1))

    count = db.session.scalar(
        select(func.count(ReportFinding.id))
        .join(ReportFinding.report)
        .where(StoredReport.application_id == case.row.id, StoredReport.kind == "official")
    )
    assert count == len(KINDS[call.type].rules)
