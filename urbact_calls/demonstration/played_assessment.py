"""Assessment of the made-up applications: the panel, allocations, sheets of severe and mild assessors, consensus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from urbact_calls.assessment import reads as assessment
from urbact_calls.assessment.allocation import commands as allocation
from urbact_calls.assessment.consensus import commands as consensus
from urbact_calls.assessment.models import Allocation, ConsensusSheet, PanelMember
from urbact_calls.assessment.panel.commands import add_to_panel
from urbact_calls.assessment.sheets import commands as sheets
from urbact_calls.assessment.sheets.commands import Scores, grid_of
from urbact_calls.database import db
from urbact_calls.demonstration.people import PEOPLE
from urbact_calls.demonstration.played_applications import (
    DECIDED,
    IN_ASSESSMENT,
    Fate,
    PlayedApplication,
    PlayedCall,
)
from urbact_calls.demonstration.played_instants import (
    actor_at,
    application_of,
    call_of,
    day_of,
    email_of,
    officers_at,
    row_of,
    work_off,
)
from urbact_calls.demonstration.played_writing import FURTHER_ASSESSORS
from urbact_calls.demonstration.prose import Writer
from urbact_calls.demonstration.written_answers import words_of
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import (
    ApplicationState,
    ConflictAnswer,
    ConsensusSheetState,
    IndividualSheetState,
)

SEVERITY = {"Anna Assessor": 0, "Aron Assessor": -1} | {name: bias for name, _, bias in FURTHER_ASSESSORS}


def seat_panel(call: PlayedCall) -> None:
    now = day_of(call, call.closes + 18)
    officer, _ = officers_at(now)
    row = call_of(call)
    seated = set(db.session.scalars(select(PanelMember.user_id).where(PanelMember.call_id == row.id)))
    on_panel = [(person.email, person.is_chair, person.country) for person in PEOPLE if person.is_on_panel]
    on_panel += [(email_of(name), False, country) for name, country, _ in FURTHER_ASSESSORS]
    for email, is_chair, country in on_panel:
        user_id = actor_at(email, now).user_id
        if user_id is not None and user_id not in seated:
            add_to_panel(call.code, user_id=user_id, is_chair=is_chair, country=country, actor=officer, now=now)


def _assessors_of(each: PlayedApplication) -> tuple[str, str]:
    """The e-mail addresses of the two who assess an application. Those who sign in have work of every kind."""
    panel = ["assessor1@example.org", "assessor2@example.org", *(email_of(name) for name, _, _ in FURTHER_ASSESSORS)]
    if each.call is IN_ASSESSMENT and each.place % 2 == 0:
        return panel[0], panel[1]
    first = each.place % len(panel)
    return panel[first], panel[(first + 1 + each.place // len(panel) % (len(panel) - 1)) % len(panel)]


def assess(each: PlayedApplication) -> None:
    application = application_of(each)
    if application is None or application.state is not ApplicationState.ELIGIBLE:
        return
    reference, call = application.reference, each.call
    allocated = day_of(call, call.closes + 24 if call is DECIDED else -35)
    late = each.fate is Fate.LATE
    due = (day_of(call, -4) if late else allocated + timedelta(days=28) if call is DECIDED else day_of(call, 9)).date()
    officer, _ = officers_at(allocated)
    emails = _assessors_of(each)
    for email in emails:
        user_id = actor_at(email, allocated).user_id
        known = select(Allocation.id).where(Allocation.application_id == application.id, Allocation.user_id == user_id)
        if user_id is not None and db.session.scalar(known) is None:
            allocation.allocate(reference, user_id=user_id, due_on=due, actor=officer, now=allocated)
    if each.fate is Fate.ALLOCATED:
        return
    scored = allocated + timedelta(days=6 + each.place % 9)
    if each.fate is Fate.CONFLICT:
        _declare(reference, emails[1], scored, ConflictAnswer.CONFLICT, "I advised one of the partners last year.")
        return
    for number, email in enumerate(emails):
        _declare(reference, email, scored, ConflictAnswer.NONE, "")
        locks = not late and not (each.fate is Fate.ONE_SHEET and number == 0)
        _score(each, reference, email, scored + timedelta(hours=3 + number), locks=locks)
    if late or each.fate in (Fate.ONE_SHEET, Fate.DISAGREEMENT):
        work_off(scored + timedelta(days=1))
        return
    _agree(each, reference, emails, scored + timedelta(days=4))


def _declare(reference: str, email: str, now: datetime, answer: ConflictAnswer, note: str) -> None:
    actor = actor_at(email, now)
    # Not `own_allocation`: whoever declared a conflict has none any more.
    answered = select(Allocation.conflict).where(
        Allocation.application_id == row_of(reference).id, Allocation.user_id == actor.user_id
    )
    if db.session.scalar(answered) is None:
        db.session.rollback()
        allocation.declare(reference, answer=answer, note=note, actor=actor, now=now)


def _score(each: PlayedApplication, reference: str, email: str, now: datetime, *, locks: bool) -> None:
    actor = actor_at(email, now)
    sheet = assessment.own_allocation(db.session(), row_of(reference).id, actor.user_id).sheet
    if sheet.state is not IndividualSheetState.OPEN:
        return
    scores = _scores(each, reference, actor, is_whole=locks)
    sheets.save_sheet(reference, scores, version=sheet.version, actor=actor, now=now)
    if locks:
        sheet = assessment.own_allocation(db.session(), row_of(reference).id, actor.user_id).sheet
        sheets.submit_sheet(reference, version=sheet.version, actor=actor, now=now)


def _scores(each: PlayedApplication, reference: str, actor: Actor, *, is_whole: bool) -> Scores:
    """What an assessor gives: about what is fair, more or less as severe as he or she is, with reasons."""
    writer = Writer(f"{each.acronym} {actor.name}", **words_of(each))
    application = row_of(reference)
    codes = [criterion.code for criterion in grid_of(application).criteria]
    most = application.call.terms.scale_max or 5
    bias = SEVERITY.get(actor.name or "", 0)
    if each.fate is Fate.DISAGREEMENT and actor.name in ("Anna Assessor", "Bruno Assessor", "Emil Assessor"):
        bias += 2
    given = codes if is_whole else codes[:3]
    points = {code: min(most, max(0, each.quality + bias + writer.number(-1, 1))) for code in given}
    comments = {
        code: " ".join(
            writer.some_of("strengths", 1 + (points[code] >= 4)) + writer.some_of("weaknesses", 1 + (points[code] <= 2))
        )
        for code in given
    }
    return Scores(points, comments, writer.one_of("verdicts") if is_whole else "")


def _agree(each: PlayedApplication, reference: str, emails: Sequence[str], now: datetime) -> None:
    """The consensus sheet: written by the first, signed by both and by the chair."""
    chair = "chair@example.org"
    signers = [emails[0]] if each.fate is Fate.SIGNED_BY_ONE else [*emails, chair]
    first = actor_at(emails[0], now)
    sheet = _consensus(reference)
    if sheet is None or sheet.state is not ConsensusSheetState.OPEN:
        work_off(now + timedelta(days=3))
        return
    if sheet.total_points is None:
        scores = _scores(each, reference, replace(first, name="the panel"), is_whole=True)
        consensus.save_consensus(reference, scores, version=sheet.text_version, actor=first, now=now)
    for number, email in enumerate(signers):
        signed_at = now + timedelta(hours=1 + 20 * number)
        signer = actor_at(email, signed_at)
        current = _consensus(reference)
        if current is not None and signer.user_id not in {each.user_id for each in current.signatures}:
            consensus.sign_consensus(reference, version=current.text_version, actor=signer, now=signed_at)
    work_off(now + timedelta(days=3))


def _consensus(reference: str) -> ConsensusSheet | None:
    return assessment.consensus_of(db.session(), row_of(reference).id)
