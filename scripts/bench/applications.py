"""Rows of the applications of the benchmark: form, partners, budget, letters, and what was handed in."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, select, update

from scripts.bench.shape import CITIES, LATER, PARTNERS, TEXT, TEXTS, People, S, reference, state_of, write
from urbact_calls.applications.models import (
    LETTER,
    Application,
    ApplicationAccess,
    Document,
    Partner,
    PlannedCost,
    SavedSection,
)
from urbact_calls.applications.officers.models import Handler
from urbact_calls.applications.reads.dossier import build_dossier
from urbact_calls.applications.submission.models import Submission
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.finding import Finding
from urbact_calls.domain.eligibility.rulebook import RULEBOOK_VERSION, examine
from urbact_calls.domain.network_types import KINDS, rules_of
from urbact_calls.domain.network_types.fields import TICKED, Field, FieldKind
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import FindingOutcome
from urbact_calls.eligibility.reports.models import ReportFinding, StoredReport
from urbact_calls.record.models import WorkflowEvent


def add_applications(call: Call, numbers: range, cities: tuple[int, ...], people: People, now: datetime) -> None:
    """The form, the partners, the budget and the letters of all; application n has the id n."""
    write(
        Application,
        (
            {
                "id": n,
                "reference": reference(n),
                "call_id": call.id,
                "number": n,
                "acronym": f"BENCH{n}",
                "title": f"Network {n} of the benchmark",
                "state": state_of(n),
                "version": 1,
                "submission_count": 0 if state_of(n) is S.DRAFT else 1,
                "created_at": now,
                "created_by": people.leads[(n - 1) % CITIES],
                "submitted_at": None if state_of(n) is S.DRAFT else now,
                "eligibility_declared_at": now if state_of(n) in (S.ELIGIBLE, *LATER) else None,
                "assessed_at": now if state_of(n) in LATER else None,
                "decided_at": now if state_of(n) in LATER[1:] else None,
            }
            for n in numbers
        ),
    )
    write(
        ApplicationAccess,
        (
            {"application_id": n, "user_id": people.leads[(n - 1) % CITIES], "role": "lead", "granted_at": now}
            for n in numbers
        ),
    )
    _add_answers(call, numbers, now)
    _add_partners(numbers, cities, now)


def _add_answers(call: Call, numbers: range, now: datetime) -> None:
    sections = _answers(call)
    write(
        SavedSection,
        (
            {"application_id": n, "code": code, "answers": answers, "version": 1, "updated_at": now}
            for n in numbers
            for code, answers in sections.items()
        ),
    )


def _add_partners(numbers: range, cities: tuple[int, ...], now: datetime) -> None:
    write(Partner, (partner_row(n, position, cities) for n in numbers for position in range(1, PARTNERS + 1)))
    partners = range(1, len(numbers) * PARTNERS + 1)
    write(
        PlannedCost,
        (
            {"partner_id": partner, "category": category, "amount_cents": cents}
            for partner in partners
            for category, cents in (("STAFF", 40_000_00), ("TRAVEL_ACCOMMODATION", 9_000_00))
        ),
    )
    write(Document, (_letter(partner, now) for partner in partners))


def _answers(call: Call) -> dict[str, dict[str, Any]]:
    """Ten texts of 1,000 characters, and the short answers of an application that is complete."""
    texts = itertools.count(1)

    def answer(field: Field) -> str:
        if field.kind is FieldKind.TICK:
            return TICKED
        if field.choices:
            return field.choices[0].code
        long = field.kind is FieldKind.TEXT and (field.limit or 0) >= len(TEXT) and next(texts) <= TEXTS
        return TEXT if long else "A short answer."[: field.limit]

    kind = KINDS[call.type]
    return {section.code: {field.code: answer(field) for field in section.fields} for section in kind.sections}


def partner_row(n: int, position: int, cities: tuple[int, ...]) -> dict[str, Any]:
    # The partners of an application lie apart, so that each city is in as many applications as any other.
    city = cities[(n - 1 + (position - 1) * 71) % CITIES]
    return {
        "id": (n - 1) * PARTNERS + position,
        "application_id": n,
        "organisation_id": city,
        "role": "lead" if position == 1 else "partner",
        "position": position,
        "may_edit": True,
    }


def _letter(partner: int, now: datetime) -> dict[str, Any]:
    return {
        "partner_id": partner,
        "kind": LETTER,
        "storage_key": uuid.uuid4().hex,
        "filename": "letter.pdf",
        "media_type": "application/pdf",
        "size": 1000,
        "sha256": f"{partner:064x}",
        "uploaded_at": now,
    }


def add_submissions(call: Call, numbers: range, now: datetime) -> None:
    """Submissions with their dossier, the official report with a finding per rule, and the record of what happened."""
    session = db.session()
    sample = session.scalars(select(Application).where(Application.state != S.DRAFT).limit(1)).one()
    dossier = build_dossier(session, sample, now.replace(microsecond=0), other_applications=())
    terms = call.terms
    named = set(rules_of(terms))
    findings = [each for each in examine(dossier, terms, rules_of(terms)).findings if each.code in named]
    session.rollback()
    handed_in = [n for n in numbers if state_of(n) is not S.DRAFT]
    write(
        Submission,
        (
            {
                "id": n,
                "application_id": n,
                "number": 1,
                "dossier": replace(dossier, acronym=f"BENCH{n}", title=f"Network {n} of the benchmark"),
                "fingerprint": f"{n:064x}",
                "budget_cents": PARTNERS * 49_000_00,
                "received_at": now,
                "committed_at": now,
            }
            for n in handed_in
        ),
    )
    _add_reports(handed_in, dossier, findings, now)
    write(WorkflowEvent, _events(numbers, now))


def add_handlers(numbers: range, people: People, now: datetime) -> None:
    """An officer for two of three applications that were handed in, each with as many as the others."""
    handed_in = [n for n in numbers if state_of(n) is not S.DRAFT]
    write(
        Handler,
        (
            {"application_id": n, "user_id": people.officers[place % len(people.officers)], "assigned_at": now}
            for place, n in enumerate(handed_in)
            if place % 3
        ),
    )
    handler = select(Handler.user_id).where(Handler.application_id == Application.id).scalar_subquery()
    with transaction() as session:
        session.execute(update(Application).values(handled_by=handler))


def _add_reports(handed_in: list[int], dossier: Dossier, findings: list[Finding], now: datetime) -> None:
    write(
        StoredReport,
        (
            {
                "id": n,
                "application_id": n,
                "submission_id": n,
                "kind": "official",
                "rulebook_version": RULEBOOK_VERSION,
                "verdict": "eligible",
                "dossier": dossier,
                "made_at": now,
            }
            for n in handed_in
        ),
    )
    write(
        ReportFinding,
        (
            {
                "report_id": n,
                "position": position,
                "code": each.code,
                "title": each.title,
                "outcome": each.outcome,
                "message": each.message,
                "fix": each.fix,
                "source": each.source,
                "is_blocking": each.blocking,
                "is_curable": each.curable,
                "settled_outcome": None if state_of(n) is S.SUBMITTED else "met",
            }
            for n in handed_in
            for position, each in enumerate(findings, 1)
        ),
    )
    waits = sum(each.outcome is FindingOutcome.TO_BE_CHECKED for each in findings)
    is_out = sum(each.blocking and each.outcome is FindingOutcome.NOT_MET for each in findings)
    is_settled = Application.state != S.SUBMITTED
    with transaction() as session:
        session.execute(
            update(Application)
            .where(Application.id.in_(handed_in))
            .values(
                report_kind="official",
                reported_submission=1,
                unmet_findings=case((is_settled, 0), else_=is_out),
                open_findings=case((is_settled, 0), else_=waits),
            )
        )


STEPS = (S.DRAFT, S.SUBMITTED, S.ELIGIBLE, S.ASSESSED)
NAMES = {S.DRAFT: "start_draft", S.SUBMITTED: "submit", S.ELIGIBLE: "declare_eligible", S.ASSESSED: "close_assessment"}


def _events(numbers: range, now: datetime) -> Iterator[dict[str, Any]]:
    for n in numbers:
        state = state_of(n)
        steps = STEPS[: STEPS.index(state) + 1] if state in STEPS else STEPS
        for number, target in enumerate(steps, 1):
            yield {
                "subject_kind": SubjectKind.APPLICATION,
                "subject_id": n,
                "number": number,
                "transition": NAMES[target],
                "source": steps[number - 2] if number > 1 else None,
                "target": target,
                "version": number,
                "at": now + timedelta(seconds=number),
            }
