"""Eligibility checks of the made-up applications: the closing of their call, findings, a question, verdicts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from urbact_calls.applications.letters.commands import keep_letter
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.calls.definition.commands import change_terms_step
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.demonstration.played_applications import (
    NOT_ENOUGH,
    WITHOUT_A_LETTER,
    Fate,
    PlayedApplication,
    PlayedCall,
)
from urbact_calls.demonstration.played_instants import (
    application_of,
    call_of,
    closing_of,
    day_of,
    has_happened,
    lead_of,
    officers_at,
    row_of,
    work_off,
)
from urbact_calls.demonstration.played_steps import ANSWER, ASK, DECLARE, PROPOSE
from urbact_calls.demonstration.played_writing import letter
from urbact_calls.demonstration.prose import Writer
from urbact_calls.domain.permissions import SYSTEM, Actor
from urbact_calls.domain.vocabulary import (
    ApplicationState,
    FindingOutcome,
    ReportKind,
)
from urbact_calls.eligibility.findings.commands import settle
from urbact_calls.eligibility.regions.commands import confirm_regions
from urbact_calls.eligibility.reports.commands import announce_official_checks
from urbact_calls.eligibility.reports.reads.partner_regions import partner_regions
from urbact_calls.eligibility.reports.reads.report import latest_report
from urbact_calls.job_sets import start_due


def close(call: PlayedCall) -> None:
    """The call closes on its day, and the official reports are made as if a worker had made them then."""
    if call_of(call).closes_at != closing_of(call):
        with transaction() as session:
            locked = session.scalars(select(Call).where(Call.code == call.code).with_for_update()).one()
            change_terms_step(
                session, locked, replace(locked.terms, closes_at=closing_of(call)), SYSTEM, closing_of(call)
            )
    now = closing_of(call) + timedelta(hours=1)
    # What was withdrawn in time may have the list of the closing written a second time.
    for _ in range(2):
        start_due(announce_official_checks, now)
        work_off(now)


def check(each: PlayedApplication) -> None:
    application = application_of(each)
    if application is None or application.state not in (ApplicationState.SUBMITTED, ApplicationState.CLARIFICATION):
        return
    reference, days = application.reference, each.call.closes
    now = day_of(each.call, days + 2 + each.place // 6, 9 + each.place % 6)
    first, second = officers_at(now)
    if each.fate is Fate.CHECKED:
        return
    if not has_happened(reference, ASK):
        _settle(each, reference, first, now, only_half=each.fate is Fate.IN_PART)
    if each.fate is Fate.IN_PART:
        return
    if each.fate in WITHOUT_A_LETTER:
        _ask(each, reference, first, now + timedelta(days=3))
        return
    _confirm(reference, first, now)
    verdict = ApplicationState.INELIGIBLE if each.fate in NOT_ENOUGH else ApplicationState.ELIGIBLE
    reason = "Seven partners where the call asks for at least eight." if each.fate in NOT_ENOUGH else None
    later = now + timedelta(days=1)
    if not has_happened(reference, PROPOSE[verdict]):
        take_transition(reference, PROPOSE[verdict], first, later, reason)
    if each.fate not in (Fate.PROPOSED_ELIGIBLE, Fate.PROPOSED_INELIGIBLE):
        take_transition(reference, DECLARE[verdict], second, later + timedelta(hours=4), reason)


def _settle(each: PlayedApplication, reference: str, officer: Actor, now: datetime, *, only_half: bool) -> None:
    """Settles what an officer must look at: not met what is not, and met the rest."""
    report = latest_report(db.session(), row_of(reference).id, ReportKind.OFFICIAL)
    if report is None:
        raise RuntimeError(f"{reference} has no official report yet")
    writer = Writer(f"{reference} officer")
    curable = each.fate in WITHOUT_A_LETTER
    waiting_ = [
        finding.code
        for finding in report.findings
        if finding.settled_outcome is None
        and finding.outcome in (FindingOutcome.TO_BE_CHECKED, FindingOutcome.NOT_MET)
        and not (curable and finding.is_curable)
    ]
    unmet = {finding.code for finding in report.findings if finding.outcome is FindingOutcome.NOT_MET}
    for code in waiting_[: len(waiting_) // 2 if only_half else None]:
        settle(
            reference,
            code,
            outcome=FindingOutcome.NOT_MET if code in unmet else FindingOutcome.MET,
            note=writer.one_of("officer_notes"),
            seen="",
            actor=officer,
            now=now,
        )


def _confirm(reference: str, officer: Actor, now: datetime) -> None:
    tokens = [each.token for each in partner_regions(db.session(), row_of(reference).id) if not each.is_settled]
    if tokens:
        confirm_regions(reference, tokens, actor=officer, now=now)


def _ask(each: PlayedApplication, reference: str, officer: Actor, asked: datetime) -> None:
    """The letter of a partner is missing: the office asks for it; one of the applicants has sent it."""
    if each.fate is Fate.ASKED:
        # The time to answer is not over when somebody signs in for the first time.
        asked = day_of(each.call, -1)
    town = each.towns[-1]
    question = f"The letter of commitment of {town} is not attached. Please send it."
    if not has_happened(reference, ASK):
        take_transition(reference, ASK, officer, asked, question)
    if each.fate is Fate.ANSWERED and not has_happened(reference, ANSWER):
        now = asked + timedelta(days=2)
        actor = lead_of(each, now)
        storage = current_app.extensions["storage"]
        for partner in row_of(reference).partners:
            if partner.letter_document is None:
                keep_letter(
                    reference,
                    partner.id,
                    content=letter(),
                    filename="letter.pdf",
                    actor=actor,
                    now=now,
                    storage=storage,
                )
        take_transition(reference, ANSWER, actor, now)
        work_off(now)
