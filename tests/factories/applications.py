"""Applications for tests, from an empty draft to one that can be submitted."""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass
from datetime import datetime

from pypdf import PdfWriter
from sqlalchemy import select

from tests.factories.accounts import actor_of, person
from urbact_calls.accounts.models import User
from urbact_calls.applications.drafts import commands as drafts
from urbact_calls.applications.models import (
    LETTER,
    Application,
    Document,
    Partner,
    PartnerSection,
    PlannedCost,
    SavedSection,
)
from urbact_calls.applications.reads.applications import opened_by
from urbact_calls.applications.submission.commands import keep_step
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.network_types.fields import TICKED, Field, FieldKind, FileAnswer, table_text
from urbact_calls.domain.network_types.kind import NetworkKind
from urbact_calls.domain.permissions import Actor
from urbact_calls.organisations.models import Membership, Organisation

_numbers = itertools.count(1)

# Ten cities that meet the rules of the demonstration call: ten countries, seven of them with a poorer region.
CITIES = (
    ("Agen", "FR", "transition"),
    ("Isernia", "IT", "less developed"),
    ("Serres", "GR", "less developed"),
    ("Fót", "HU", "less developed"),
    ("Pombal", "PT", "less developed"),
    ("Jumilla", "ES", "transition"),
    ("Škofja Loka", "SI", "more developed"),
    ("Tønder", "DK", "more developed"),
    ("Roman", "RO", "less developed"),
    ("Espoo", "FI", "more developed"),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft with its lead applicant."""

    reference: str
    lead: User
    actor: Actor
    organisation: Organisation
    lead_address: str = ""


def city(name: str, now: datetime, country: str = "FR", region_category: str | None = "transition") -> Organisation:
    """A committed city whose name is its seat."""
    with transaction() as session:
        row = Organisation(
            slug=f"{fold(name).replace(' ', '-')}-{next(_numbers)}",
            name=name,
            folded=fold(name),
            seat_city=name,
            country=country,
            kind="city",
            category="CITY_MUNICIPALITY",
            region_category=region_category,
            is_verified=True,
            created_at=now,
        )
        session.add(row)
    return row


def member(organisation: Organisation, now: datetime, **changes: object) -> User:
    """A committed account of somebody who works for an organisation."""
    user = person(**changes)  # type: ignore[arg-type]
    with transaction() as session:
        session.add(Membership(user_id=user.id, organisation_id=organisation.id, requested_at=now, accepted_at=now))
    return user


def draft(call: Call, now: datetime, organisation: Organisation | None = None) -> Draft:
    """A draft just started by somebody who works for its lead partner."""
    lead_partner = organisation or city("Agen", now)
    lead = member(lead_partner, now)
    actor = actor_of(lead, lead_partner.id)
    reference = drafts.start(call.code, lead_partner.id, actor, now)
    return Draft(reference, lead, actor, lead_partner, lead.email)


def answer_to(field: Field) -> str:
    """An answer that fills a field."""
    if field.kind is FieldKind.TICK:
        return TICKED
    if field.choices:
        return field.choices[0].code
    if field.kind is FieldKind.NUMBER:
        return str(field.lowest + 1)
    if field.kind is FieldKind.MONEY:
        return "1000.00"
    if field.kind is FieldKind.FILE:
        return FileAnswer(name="strategy.pdf", size=1000, sha256="0" * 64).text
    if field.kind is FieldKind.TABLE:
        row = {column.code: answer_to(column) for column in field.columns}
        return table_text(field, [row] * max(field.rows_min, 1))
    return f"We write about {field.label.lower()} in plain words."[: field.limit]


def ten_cities(now: datetime, suffix: str = "") -> list[Organisation]:
    """Cities that together meet the rules of the demonstration call, the lead partner first."""
    return [city(f"{name}{suffix}", now, country, region) for name, country, region in CITIES]


def written_draft(call: Call, now: datetime, lead_partner: Organisation) -> Draft:
    """A draft with every section of the application and without other partners."""
    started = draft(call, now, lead_partner)
    with transaction() as session:
        application = session.scalars(select(Application).where(Application.reference == started.reference)).one()
        for section in KINDS[call.type].sections:
            answers = {field.code: answer_to(field) for field in section.fields}
            session.add(SavedSection(application_id=application.id, code=section.code, answers=answers, updated_at=now))
        application.title, application.acronym = "Breaking Isolation (demonstration)", "ISOLA"
    return started


def complete_draft(call: Call, now: datetime, cities: list[Organisation] | None = None) -> Draft:
    """A draft of ten cities with every section, a budget below the ceiling and all letters: it can be submitted."""
    lead_partner, *others = cities or ten_cities(now)
    started = written_draft(call, now, lead_partner)
    with transaction() as session:
        application = session.scalars(select(Application).where(Application.reference == started.reference)).one()
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
            session.add(PlannedCost(partner_id=partner.id, category="TRAVEL_ACCOMMODATION", amount_cents=9_000_00))
            session.add(_letter(partner.id, now))
            session.add_all(profile(partner, KINDS[call.type], now))
    return started


def profile(partner: Partner, kind: NetworkKind, now: datetime) -> list[PartnerSection]:
    """Every section that a partner fills in about itself, with an answer to every question."""
    return [
        PartnerSection(
            partner_id=partner.id,
            code=section.code,
            answers={field.code: answer_to(field) for field in section.fields},
            updated_at=now,
        )
        for section in kind.sections_of(partner.role)
    ]


def _letter(partner_id: int, now: datetime) -> Document:
    number = next(_numbers)
    return Document(
        partner_id=partner_id,
        kind=LETTER,
        storage_key=f"{number:032x}",
        filename="letter.pdf",
        media_type="application/pdf",
        size=1000,
        sha256=f"{number:064x}",
        uploaded_at=now,
    )


def pdf(pages: int = 1) -> bytes:
    """A PDF of empty pages."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def hand_in(draft: Draft, now: datetime) -> None:
    """Keeps a submission as the site does while many submit, to be stored by a worker."""
    application, relation = opened_by(db.session(), draft.actor, draft.reference)
    keep_step(application, "submit", draft.actor, relation, now, seen=1)


def row(reference: str) -> Application:
    """The application as it is in the database now."""
    db.session.rollback()
    return db.session.scalars(select(Application).where(Application.reference == reference)).one()
