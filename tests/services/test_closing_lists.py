"""The list of a closing: who led and took part in what is written once, and each official report reads its own part."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from tests.factories import eligibility as make
from tests.factories.accounts import actor_of
from tests.factories.calls import open_call
from tests.factories.jobs import work_off
from tests.query_count import statements
from urbact_calls import jobs
from urbact_calls.applications.models import Application
from urbact_calls.applications.submission.models import Submission
from urbact_calls.calls.definition.commands import close_demonstration, reopen_demonstration
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain import serialization
from urbact_calls.domain.dossier import OtherApplication
from urbact_calls.domain.eligibility.finding import Finding
from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.vocabulary import FindingOutcome, JobState, ReportKind
from urbact_calls.eligibility.closing_lists import commands, reads
from urbact_calls.eligibility.closing_lists.models import ClosingList, ListPart, Participation
from urbact_calls.eligibility.reports.commands import announce_official_checks, examine, examine_without_file
from urbact_calls.eligibility.reports.models import ReportFinding, StoredReport
from urbact_calls.eligibility.reports.reads import report as reports
from urbact_calls.job_sets import start_due
from urbact_calls.jobs import Job, OfApplication, announce, args_of
from urbact_calls.record.models import FieldChange

pytestmark = pytest.mark.usefixtures("standings_hold")


@pytest.fixture
def call(session, now: datetime) -> Call:
    return open_call(db.session, now)


def check(now: datetime) -> None:
    """What beat and the workers do."""
    start_due(announce_official_checks, now)
    work_off(now)


def lists() -> list[ClosingList]:
    db.session.rollback()
    return list(db.session.scalars(select(ClosingList).order_by(ClosingList.number)))


def report_of(case: make.Case) -> StoredReport:
    db.session.rollback()
    found = reports.latest_report(db.session(), case.row.id, ReportKind.OFFICIAL)
    assert found is not None
    return found


def finding(case: make.Case, code: str) -> ReportFinding:
    return next(each for each in report_of(case).findings if each.code == code)


def store_at(reference: str, committed_at: datetime) -> None:
    """As if the last submission of an application had been stored at this instant."""
    with transaction() as session:
        submission = reports.last_submission(session, reference)
        assert submission is not None
        submission.committed_at = committed_at


def test_a_list_names_each_partner_of_each_application_once(call: Call, now: datetime):
    for name in ("Agen", "Vic"):
        make.submitted(call, now, name)

    check(make.after_closing(call))

    [written] = lists()
    rows = db.session.execute(select(Participation.is_lead, func.count()).group_by(Participation.is_lead)).all()
    assert (written.number, written.listed, written.after) == (1, 2, 2)
    assert written.last_second == call.closes_at
    assert dict(map(tuple, rows)) == {True: 2, False: 18}


def test_the_fingerprint_of_a_list_is_that_of_its_lines_in_turn(call: Call, now: datetime, monkeypatch):
    """Anybody can reckon it from what was submitted; in how many parts it was written does not matter."""
    monkeypatch.setattr(commands, "PART", 1)
    cases = [make.submitted(call, now, name) for name in ("Agen", "Vic")]

    check(make.after_closing(call))

    expected = ""
    for number, case in enumerate(cases, start=1):
        partners = [
            [partner.organisation.country, partner.organisation.folded, place == 0]
            for place, partner in enumerate(case.row.partners)
        ]
        line = json.dumps([number, 1, partners], ensure_ascii=False, separators=(",", ":"))
        expected = hashlib.sha256(f"{expected}\n{line}\n".encode()).hexdigest()
    assert [each.fingerprint for each in lists()] == [expected]
    assert report_of(cases[0]).dossier.others_at_closing.fingerprint == expected


def test_a_report_keeps_what_its_rules_read_and_not_the_list(call: Call, now: datetime):
    subject = make.submitted(call, now, "Agen")
    for name in ("Vic", "Genk", "Cesena"):
        make.submitted(call, now, name)

    check(make.after_closing(call))

    dossier = report_of(subject).dossier
    assert dossier.other_applications is None
    assert serialization.to_json(dossier.others_at_closing) == {
        "led": 0,
        "titles": [],
        "taken_part": [0, *[3] * 9],
        "listed": 4,
        "fingerprint": lists()[0].fingerprint,
    }


def test_a_partner_that_takes_part_in_many_applications_is_counted_where_it_does_not_lead(call: Call, now: datetime):
    subject = make.submitted(call, now, "Agen")
    make.submitted(call, now, "Genk", "BE")
    make.submitted(call, now, "Vic")

    check(make.after_closing(call))

    found = finding(subject, "partnership.participations")
    assert found.outcome is FindingOutcome.NOT_MET
    assert "Isernia (IT) in 3" in str(found.message)


def test_an_application_that_enters_a_city_under_both_its_names_counts_once(call: Call, now: datetime):
    subject, other = make.submitted(call, now, "Agen"), make.submitted(call, now, "Vic")
    check(make.after_closing(call))
    [written] = lists()
    with transaction() as session:
        submission = reports.last_submission(session, other.reference)
        assert submission is not None
        for name in ("ville d agen", "agen"):
            session.add(
                Participation(
                    closing_list_id=written.id, submission_id=submission.id, country="FR", name=name, is_lead=False
                )
            )
    dossier = report_of(subject).dossier
    renamed = replace(dossier.partners[0], name="Ville d'Agen")

    others = reads.others_of(
        db.session(), written, subject.row.id, replace(dossier, partners=(renamed, *dossier.partners[1:]))
    )

    assert others.taken_part[0] == 1


def test_of_many_that_one_city_leads_the_first_are_named_and_all_are_counted(call: Call, now: datetime, monkeypatch):
    monkeypatch.setattr(reads, "MOST_TITLES", 2)
    cases = [make.submitted(call, now, "Agen") for _ in range(4)]

    check(make.after_closing(call))

    said = str(finding(cases[3], "lead_partner.leads_once").message)
    assert said.startswith("Agen (FR) leads 4 applications in this call; 1 is allowed. Also led: ")
    assert said.endswith(" and 1 more.")
    assert [each.row.title in said for each in cases] == [True, True, False, False]


def test_a_report_takes_the_same_statements_however_many_others_there_are(call: Call, now: datetime):
    many = open_call(db.session, now, "APN-MANY")
    few = [make.submitted(call, now, name) for name in ("Agen", "Vic")]
    more = [make.submitted(many, now, name) for name in ("Agen", "Vic", "Genk", "Cesena", "Fafe")]
    work_off(now)
    later = make.after_closing(call)
    start_due(announce_official_checks, later)
    run_kind(commands.KIND, later)

    assert statements_of_the_report(few[0], later) == statements_of_the_report(more[0], later)


def statements_of_the_report(case: make.Case, now: datetime) -> int:
    wanted = Job.key.startswith(f"eligibility.official:{case.reference}:")
    job_id = db.session.scalars(select(Job.id).where(wanted)).one()
    db.session.rollback()
    with statements() as sent:
        run_job(job_id, now)
    return len(sent)


def run_job(job_id: int, now: datetime) -> None:
    assert jobs.run(job_id, owner="a worker", clock=lambda: now)


def run_kind(kind: str, now: datetime) -> None:
    db.session.rollback()
    for job_id in db.session.scalars(select(Job.id).where(Job.kind == kind, Job.state == JobState.READY)).all():
        run_job(job_id, now)


def test_no_list_is_written_while_what_came_in_time_is_still_being_stored(call: Call, now: datetime):
    case = make.submitted(call, now, "Agen")
    closed = call.closes_at + commands.STILL_STORING
    store_at(case.reference, closed)

    start_due(announce_official_checks, closed + timedelta(seconds=9))
    assert db.session.scalar(select(func.count(Job.id)).where(Job.kind == commands.KIND)) == 0

    start_due(announce_official_checks, closed + timedelta(seconds=10))
    assert db.session.scalar(select(func.count(Job.id)).where(Job.kind == commands.KIND)) == 1


def test_no_list_is_written_while_something_is_handed_in_and_waits_to_be_stored(call: Call, now: datetime):
    case, closed = make.submitted(call, now, "Agen"), make.after_closing(call)
    handed_in = update(Application).where(Application.reference == case.reference)
    with transaction() as session:
        session.execute(handed_in.values(handed_in_at=call.closes_at))

    start_due(announce_official_checks, closed)
    assert db.session.scalar(select(func.count(Job.id)).where(Job.kind == commands.KIND)) == 0

    with transaction() as session:
        session.execute(handed_in.values(handed_in_at=None))
    start_due(announce_official_checks, closed)
    assert db.session.scalar(select(func.count(Job.id)).where(Job.kind == commands.KIND)) == 1


def test_what_came_in_time_and_is_stored_after_the_list_has_it_written_again(call: Call, now: datetime):
    first = make.submitted(call, now, "Agen")
    check(make.after_closing(call))
    late = make.submitted(call, call.closes_at, "Agen")
    later = make.after_closing(call) + timedelta(seconds=30)

    work_off(later)
    check(later + timedelta(seconds=2))

    assert [(each.number, each.listed, each.is_outdated) for each in lists()] == [(1, 1, True), (2, 2, False)]
    for case in (first, late):
        assert finding(case, "lead_partner.leads_once").outcome is FindingOutcome.NOT_MET
        assert report_of(case).closing_list_id == lists()[1].id


def test_a_submission_of_before_the_closing_does_not_have_the_list_written_again(call: Call, now: datetime):
    make.submitted(call, now, "Agen")
    start_due(announce_official_checks, make.after_closing(call))

    work_off(make.after_closing(call))
    check(make.after_closing(call))

    assert [(each.number, each.is_outdated) for each in lists()] == [(1, False)]


def test_after_an_extension_the_list_is_written_again_and_each_report_examined_by_it(call: Call, now: datetime):
    first = make.submitted(call, now, "Agen")
    close_demonstration(call.code, SYSTEM, now)
    check(now + timedelta(minutes=1))
    officer = actor_of(make.officer())
    make.settle(first, "lead_partner.leads_once", officer, now + timedelta(minutes=2))
    reopened = now + timedelta(days=1)
    reopen_demonstration(call.code, SYSTEM, reopened)
    second = make.submitted(call, reopened, "Agen")
    work_off(reopened)
    close_demonstration(call.code, SYSTEM, reopened + timedelta(minutes=1))

    check(reopened + timedelta(minutes=5))

    assert [(each.number, each.listed) for each in lists()] == [(1, 1), (2, 2)]
    for case in (first, second):
        found = finding(case, "lead_partner.leads_once")
        assert (found.outcome, found.settled_outcome) == (FindingOutcome.NOT_MET, None)
        assert report_of(case).dossier.others_at_closing.fingerprint == lists()[1].fingerprint
    change = db.session.scalars(select(FieldChange).where(FieldChange.field == "finding:lead_partner.leads_once")).all()
    assert "The list of the applications of the call has changed" in json.dumps(change[-1].after)


def test_a_check_waits_for_the_list_and_is_then_announced(call: Call, now: datetime):
    """The time to answer a question passed, or a complaint was upheld, before the list of a call was written."""
    case = make.submitted(call, now, "Agen")
    later = make.after_closing(call)
    with transaction() as session:
        announce(
            session,
            kind="eligibility.official",
            key="too early",
            args=OfApplication(reference=case.reference),
            now=later,
        )
    work_off(later)
    assert reports.official_report(db.session(), case.row.id) is None

    check(later)

    assert report_of(case).closing_list_id == lists()[0].id


def with_the_whole_list(case: make.Case, others: int) -> StoredReport:
    """A report as they were stored before there were lists: the other applications stand in its dossier."""
    with transaction() as session:
        report = reports.official_report(session, case.row.id)
        assert report is not None
        named = tuple(
            OtherApplication(call=case.row.call.code, title=f"Other {n}", lead_name="Agen", lead_country="FR")
            for n in range(others)
        )
        report.dossier = replace(report.dossier, others_at_closing=None, other_applications=named)
        report.closing_list_id = None
        session.flush()
        for each in session.scalars(select(ClosingList)):
            session.delete(each)
    return report_of(case)


def answer(report: StoredReport, code: str) -> Finding:
    return examine(report.submission, report.dossier).finding(code)


def test_a_report_of_before_with_the_whole_list_reads_and_is_examined_as_it_was(call: Call, now: datetime):
    case = make.checked(call, now, "Agen")

    report = with_the_whole_list(case, 12)

    said = str(answer(report, "lead_partner.leads_once").message)
    assert said.startswith("Agen (FR) leads 13 applications in this call; 1 is allowed. Also led: Other 0, Other 1, ")
    assert said.endswith("Other 10 and Other 11.")
    assert "Agen (FR) in 13" in str(answer(report, "partnership.participations").message)


def test_a_call_that_was_checked_before_there_were_lists_gets_none(call: Call, now: datetime):
    case = make.checked(call, now, "Agen")
    with_the_whole_list(case, 2)
    later = make.after_closing(call) + timedelta(days=1)

    with transaction() as session:
        examine_without_file(session, application_id=case.row.id, now=later)
    check(later)

    assert lists() == []
    assert len(report_of(case).dossier.other_applications or ()) == 2


def test_the_job_of_a_part_that_was_written_does_nothing(call: Call, now: datetime):
    make.submitted(call, now, "Agen")
    check(make.after_closing(call))
    part = db.session.scalars(select(Job).where(Job.kind == commands.KIND)).one()
    [written] = lists()
    before = (written.listed, written.fingerprint)

    args = args_of(part)
    assert isinstance(args, ListPart)
    with transaction() as session:
        commands.write_part(session, args, now)

    assert [(each.listed, each.fingerprint) for each in lists()] == [before]
    assert db.session.scalar(select(func.count(Submission.id))) == 1
