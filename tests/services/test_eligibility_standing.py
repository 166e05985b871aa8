"""What lists keep of the report that counts is always what its findings say, whoever writes and in whatever order."""

from __future__ import annotations

import contextlib
from datetime import datetime
from random import Random

import pytest
from sqlalchemy import select

from tests.factories import eligibility as make
from tests.factories.accounts import actor_of
from tests.factories.calls import open_call
from tests.factories.eligibility import Case
from tests.factories.jobs import work_off
from tests.factories.standings import counted, kept
from urbact_calls.applications.officers.commands import assign
from urbact_calls.applications.reads.applications import for_update
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.applications.submission.models import Submission
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.eligibility.finding import Finding, Report
from urbact_calls.domain.eligibility.rulebook import RULEBOOK_VERSION
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.permissions import SYSTEM, Actor
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import ApplicationState, FindingOutcome, ReportKind
from urbact_calls.eligibility.findings import reads as findings_reads
from urbact_calls.eligibility.reports import commands as reports
from urbact_calls.eligibility.reports.reads import applications_in_check
from urbact_calls.eligibility.reports.reads import report as reads
from urbact_calls.eligibility.reports.reads.applications_in_check import CheckFilters

RULE = message("test.rule", "A rule.")
ANSWER = message("test.answer", "An answer.")
SETTLED = (FindingOutcome.MET, FindingOutcome.NOT_MET)
ACTS = (*["again"] * 2, "provisional", *["official"] * 3, *["settle"] * 6)


@pytest.fixture
def call(session, now: datetime) -> Call:
    return open_call(db.session, now)


def hand_in_again(case: Case) -> None:
    """The same dossier under the next number, as after a clarification."""
    with transaction() as session:
        application = for_update(session, case.reference)
        last = reads.last_submission(session, case.reference)
        assert last is not None
        application.submission_count += 1
        session.add(
            Submission(
                application_id=application.id,
                number=application.submission_count,
                dossier=last.dossier,
                fingerprint=last.fingerprint,
                received_at=last.received_at,
                committed_at=last.committed_at,
            )
        )


def examine(case: Case, kind: ReportKind, any_of: Random, now: datetime) -> None:
    """A report on one of the submissions, not always the last, with any answers."""
    with transaction() as session:
        application = for_update(session, case.reference)
        of_it = select(Submission).where(Submission.application_id == application.id).order_by(Submission.number)
        submissions = session.scalars(of_it).all()
        chosen = any_of.choice([*submissions, submissions[-1], submissions[-1]])
        findings = tuple(
            Finding(
                code=code,
                title=RULE(),
                outcome=any_of.choice(list(FindingOutcome)),
                message=ANSWER(),
                source="Terms of Reference",
                blocking=any_of.random() < 0.7,
            )
            for code in KINDS[application.call.type].rules[: any_of.randint(0, 9)]
        )
        reports.store_report(
            session,
            reference=case.reference,
            submission_id=chosen.id,
            kind=kind,
            dossier=chosen.dossier,
            examination=Report(rulebook_version=RULEBOOK_VERSION, findings=findings),
            now=now,
        )


def settle(case: Case, any_of: Random, officer: Actor, now: datetime) -> None:
    """Any finding of the official report, if there is one that can be settled."""
    db.session.rollback()
    report = reads.latest_report(db.session(), case.row.id, ReportKind.OFFICIAL)
    if report is None or not report.findings:
        return
    finding = any_of.choice(report.findings)
    code, seen = finding.code, findings_reads.settlement_token(finding)
    db.session.rollback()
    with contextlib.suppress(Refused):
        make.settle(case, code, officer, now, any_of.choice(SETTLED), seen=seen)


@pytest.mark.parametrize("seed", [2, 3])
def test_any_reports_and_settlements_leave_the_lists_right(call: Call, now: datetime, seed: int):
    any_of = Random(seed)  # noqa: S311 -- a walk that can be walked again
    officer, later = actor_of(make.officer()), make.after_closing(call)
    seen = set()
    cases = [make.submitted(call, now, "Agen"), make.submitted(call, now, "Vic", "ES")]

    for _ in range(40):
        case, act = any_of.choice(cases), any_of.choice(ACTS)
        if act == "again":
            hand_in_again(case)
        elif act == "settle":
            settle(case, any_of, officer, later)
        else:
            examine(case, ReportKind(act), any_of, later)

        assert kept() == counted()
        seen |= set(kept().values())

    assert len(seen) > 5
    _lists_agree(call)


def _lists_agree(call: Call) -> None:
    """The filters find, and the figures beside them count, what the findings say."""
    truth = counted()
    expected = {
        "unmet": [reference for reference, (_, _, unmet, _) in truth.items() if unmet],
        "open": [reference for reference, (_, _, _, waiting) in truth.items() if waiting],
        "met": [reference for reference, (_, _, unmet, waiting) in truth.items() if unmet == waiting == 0],
    }
    session = db.session()
    found = {
        name: [
            row.reference
            for row in applications_in_check.applications_in_check(
                session, call.id, CheckFilters(findings=name), SYSTEM, size=8
            ).rows
        ]
        for name in applications_in_check.FINDINGS_FILTERS
    }
    assert found == expected
    assert dict(applications_in_check.counts(session, call.id, SYSTEM).findings) == {
        name: len(references) for name, references in expected.items()
    }


def test_a_reopened_application_leaves_the_list_and_comes_back_with_its_next_report(call: Call, now: datetime):
    case = make.submitted(call, now)
    work_off(now)
    reported = kept()[case.reference]

    take_transition(case.reference, "reopen", case.actor, now)

    assert applications_in_check.counts(db.session(), call.id, SYSTEM).total == 0
    assert kept()[case.reference] == reported
    take_transition(case.reference, "submit", case.actor, now)
    work_off(now)
    assert kept() == counted()
    assert kept()[case.reference][:2] == ("provisional", 2)


def test_the_figures_of_the_handlers_leave_drafts_out(call: Call, now: datetime):
    officer, other = make.officer(), make.officer()
    cases = [make.submitted(call, now, city, land) for city, land in (("Agen", "FR"), ("Vic", "ES"), ("Agen", "FR"))]
    for case, handler in zip(cases, (officer, other), strict=False):
        assign(case.reference, handler.id, actor_of(officer), now)
    assert dict(applications_in_check.counts(db.session(), call.id, actor_of(officer)).whose) == {
        "mine": 1,
        "nobody": 1,
    }

    take_transition(cases[0].reference, "reopen", cases[0].actor, now)

    counts = applications_in_check.counts(db.session(), call.id, actor_of(officer))
    assert (dict(counts.by_state), dict(counts.whose)) == (
        {ApplicationState.SUBMITTED: 2},
        {"mine": 0, "nobody": 1},
    )
