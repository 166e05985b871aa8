"""Applications that were submitted, checked and declared, each step taken as people and workers take it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from flask import current_app
from sqlalchemy import select

from tests.factories import applications as make
from tests.factories.accounts import actor_of, person
from tests.factories.applications import CITIES, answer_to, pdf
from tests.factories.jobs import work_off
from tests.factories.regions import confirm_all_regions
from urbact_calls.accounts.models import User
from urbact_calls.applications.drafts.commands import start
from urbact_calls.applications.models import LETTER, Application, Document, Partner, PlannedCost, SavedSection
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import FindingOutcome, Role
from urbact_calls.eligibility.findings import commands as findings
from urbact_calls.eligibility.reports.reads import report
from urbact_calls.job_sets import start_due
from urbact_calls.organisations.models import Organisation

_numbers = itertools.count(1)
SECRET = "Confidential: the mayor of the lead city writes this"


@dataclass(frozen=True, slots=True)
class Case:
    """A submitted application with its lead applicant and lead partner."""

    reference: str
    lead: User
    actor: Actor
    organisation: Organisation

    @property
    def row(self) -> Application:
        return make.row(self.reference)


def after_closing(call: Call) -> datetime:
    """An instant at which nothing can arrive any more."""
    return call.closes_at + timedelta(hours=1)


def a_city(name: str, now: datetime, country: str, region_category: str) -> Organisation:
    """The city of this name; made if no test has asked for it before."""
    db.session.rollback()
    known = db.session.scalar(select(Organisation).where(Organisation.seat_city == name))
    return known or make.city(name, now, country, region_category)


def submitted(call: Call, now: datetime, lead_city: str = "Agen", country: str = "FR") -> Case:
    """An application of ten cities that meets every rule which a program can answer."""
    lead_partner = a_city(lead_city, now, country, "transition")
    lead = make.member(lead_partner, now)
    actor = actor_of(lead, lead_partner.id)
    others = [a_city(name, now, land, region) for name, land, region in CITIES[1:]]
    reference = start(call.code, lead_partner.id, actor, now)
    _fill_in(reference, call, others, now)
    take_transition(reference, "submit", actor, now)
    return Case(reference, lead, actor, lead_partner)


def _fill_in(reference: str, call: Call, others: list[Organisation], now: datetime) -> None:
    number = next(_numbers)
    letter = current_app.extensions["storage"].put(pdf())
    with transaction() as session:
        application = session.scalars(select(Application).where(Application.reference == reference)).one()
        application.title, application.acronym = f"Night Gardens {number} (demonstration)", f"NIGHT{number}"
        for section in KINDS[call.type].sections:
            answers = {field.code: answer_to(field) for field in section.fields}
            if section.code == "challenge":
                answers["challenge"] = f"{SECRET}. {answers['challenge']}"
            session.add(SavedSection(application_id=application.id, code=section.code, answers=answers, updated_at=now))
        for position, organisation in enumerate(others, start=2):
            session.add(
                Partner(
                    application_id=application.id, organisation_id=organisation.id, role="partner", position=position
                )
            )
        session.flush()
        session.expire(application, ["partners"])
        for partner in application.partners:
            session.add(PlannedCost(partner_id=partner.id, category="STAFF", amount_cents=30_000_00))
            session.add_all(make.profile(partner, KINDS[call.type], now))
            # Only the letter of the lead partner is on disk; the tests open no other.
            is_lead = partner.organisation_id == application.partners[0].organisation_id
            session.add(
                Document(
                    partner_id=partner.id,
                    kind=LETTER,
                    storage_key=letter.key if is_lead else uuid4().hex,
                    filename="letter.pdf",
                    media_type="application/pdf",
                    size=letter.size,
                    sha256=letter.sha256,
                    uploaded_at=now,
                )
            )


def officer(name: str | None = None) -> User:
    return person(Role.PROGRAMME_OFFICER, name=name)


def checked(call: Call, now: datetime, lead_city: str = "Agen", country: str = "FR") -> Case:
    """A submitted application of a closed call with its official report."""
    case = submitted(call, now, lead_city, country)
    make_official_reports(call)
    return case


def make_official_reports(call: Call) -> None:
    """What beat and the workers do after a call has closed."""
    from urbact_calls.eligibility.reports.commands import announce_official_checks

    closed = after_closing(call)
    # What was submitted since the last list was written has it written again.
    work_off(closed)
    start_due(announce_official_checks, closed)
    work_off(closed)


def open_codes(case: Case) -> tuple[str, ...]:
    db.session.rollback()
    return report.case_facts(db.session(), case.row.id).open_findings


def settle(
    case: Case, code: str, actor: Actor, now: datetime, outcome: FindingOutcome = FindingOutcome.MET, seen: str = ""
) -> None:
    findings.settle(
        case.reference, code, outcome=outcome, note="Seen in the letters on file.", seen=seen, actor=actor, now=now
    )


def eligible(call: Call, now: datetime, lead_city: str = "Agen", country: str = "FR") -> Case:
    """An application that two officers declared eligible."""
    case = checked(call, now, lead_city, country)
    later = after_closing(call)
    first, second = actor_of(officer()), actor_of(officer())
    for code in open_codes(case):
        settle(case, code, first, later)
    confirm_all_regions(case.reference, first, later)
    take_transition(case.reference, "propose_eligible", first, later)
    take_transition(case.reference, "declare_eligible", second, later)
    work_off(later)
    return case
