"""Writing of the made-up applications: towns, people and calls, drafts, letters and submissions."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from flask import current_app
from sqlalchemy import select

from urbact_calls.accounts.commands.accounts import create_step, grant_step
from urbact_calls.accounts.commands.passwords import hashed
from urbact_calls.accounts.models import User
from urbact_calls.applications.budget.commands import save_budget
from urbact_calls.applications.drafts.commands import save_partner_section, save_section, start
from urbact_calls.applications.letters.commands import keep_letter
from urbact_calls.applications.partners.commands import add_partner
from urbact_calls.applications.reads.applications import section_rows
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.calls.definition.commands import add_call_step, demonstration_terms
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.demonstration.made_up_cities import LEAD_CITY, MADE_UP
from urbact_calls.demonstration.played_applications import (
    CALLS,
    WITHOUT_A_LETTER,
    Fate,
    PlayedApplication,
    PlayedCall,
    played,
)
from urbact_calls.demonstration.played_instants import (
    application_of,
    closing_of,
    day_of,
    email_of,
    lead_of,
    row_of,
    work_off,
)
from urbact_calls.demonstration.played_steps import SUBMIT, WITHDRAW
from urbact_calls.demonstration.prose import Town, towns
from urbact_calls.demonstration.written_answers import amounts, answers, partner_answers
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.slugs import slug_of
from urbact_calls.domain.vocabulary import (
    ApplicationState,
    OrganisationCategory,
    Role,
)
from urbact_calls.organisations.commands import NewOrganisation, join_step
from urbact_calls.organisations.commands import create_step as create_organisation
from urbact_calls.organisations.models import Organisation
from urbact_calls.typesetting import typeset

# Assessors beside the two who sign in: severe ones and mild ones, by what they give more or less than is fair.
FURTHER_ASSESSORS = (
    ("Agnes Assessor", "HU", 0),
    ("Bruno Assessor", "IT", 1),
    ("Celia Assessor", "PT", -1),
    ("Dorte Assessor", "DK", 0),
    ("Emil Assessor", "RO", 1),
    ("Fintan Assessor", "IE", -1),
)


LETTER = "demonstration_letter.html"


def make_towns_and_people() -> None:
    now = day_of(None, min(call.opens for call in CALLS) - 10)
    with transaction() as session:
        known = set(session.scalars(select(Organisation.slug)))
        for town in towns():
            if slug_of(town.name) not in known:
                made = create_organisation(session, _organisation(town), now)
                made.region_basis, made.provenance = None, MADE_UP
        session.flush()
        by_name = {
            row.name: row for row in session.scalars(select(Organisation).where(Organisation.provenance == MADE_UP))
        }
        emails = set(session.scalars(select(User.email)))
        # Nobody signs in to these accounts: the password is drawn and forgotten.
        unknown = hashed(secrets.token_urlsafe(24))
        for lead in sorted({each.towns[0] for each in played()} - {LEAD_CITY.name}):
            if email_of(lead) not in emails:
                user = create_step(
                    session,
                    email=email_of(lead),
                    name=f"Contact of {lead}",
                    password_hash=unknown,
                    now=now,
                    confirmed=True,
                )
                session.flush()
                join_step(session, by_name[lead], user.id, now, is_manager=True).confirmed_at = now
        for name, _, _ in FURTHER_ASSESSORS:
            if email_of(name) not in emails:
                user = create_step(
                    session, email=email_of(name), name=name, password_hash=unknown, now=now, confirmed=True
                )
                grant_step(session, user, Role.ASSESSOR, now)


def _organisation(town: Town) -> NewOrganisation:
    return NewOrganisation(
        name=town.name,
        seat_city=town.name,
        country=town.country,
        category=OrganisationCategory.CITY_MUNICIPALITY,
        nuts2=town.nuts2,
        latitude=town.latitude,
        longitude=town.longitude,
    )


def open_call(call: PlayedCall) -> None:
    """The call, still open: it closes when its applications are there, so that no clock checks half of them."""
    if db.session.scalar(select(Call.id).where(Call.code == call.code)) is not None:
        return
    opens_at = day_of(call, call.opens, 0)
    far = demonstration_terms(day_of(call, 0))
    terms = replace(demonstration_terms(opens_at), code=call.code, title=call.title, closes_at=far.closes_at)
    with transaction() as session:
        add_call_step(
            session, terms=terms, summary=call.summary, published_at=opens_at, now=opens_at, is_demonstration=True
        )


def apply(each: PlayedApplication) -> None:
    submitted = closing_of(each.call) - each.submitted
    now = submitted - timedelta(days=9)
    actor = lead_of(each, now)
    found = application_of(each)
    if found is None:
        organisation = db.session.scalars(select(Organisation.id).where(Organisation.name == each.towns[0])).one()
        reference = start(each.call.code, organisation, actor, now)
    else:
        reference = found.reference
    if row_of(reference).state is not ApplicationState.DRAFT:
        return
    _write(each, reference, actor, now)
    take_transition(reference, SUBMIT, actor, submitted)
    work_off(submitted)
    if each.fate is Fate.WITHDRAWN:
        take_transition(reference, WITHDRAW, actor, submitted + timedelta(hours=5), "Two partners have withdrawn.")


def _write(each: PlayedApplication, reference: str, actor: Actor, now: datetime) -> None:
    storage = current_app.extensions["storage"]
    slugs = dict(db.session.execute(select(Organisation.name, Organisation.slug)).all())
    there = {partner.organisation.name for partner in row_of(reference).partners}
    for town in each.towns:
        if town not in there:
            add_partner(reference, slug=slugs[town], version=row_of(reference).version, actor=actor, now=now)
    application = row_of(reference)
    kind = KINDS[application.call.type]
    versions = {code: row.version for code, row in section_rows(db.session(), application).items()}
    partners = [(partner.id, partner.organisation.name, partner.role) for partner in application.partners]
    parts = {(partner.id, row.code): row.version for partner in application.partners for row in partner.sections}
    for section in kind.sections:
        version = versions.get(section.code, 0)
        save_section(reference, section.code, answers=answers(each, section), version=version, actor=actor, now=now)
    for partner_id, town, role in partners:
        for section in kind.sections_of(role):
            save_partner_section(
                reference,
                partner_id,
                section.code,
                answers=partner_answers(each, town, section),
                files={},
                version=parts.get((partner_id, section.code), 0),
                actor=actor,
                now=now,
                storage=storage,
            )
    grid = {
        (partner_id, category): cents
        for partner_id, town, _ in partners
        for category, cents in amounts(each, town).items()
    }
    save_budget(reference, amounts=grid, version=row_of(reference).version, actor=actor, now=now)
    missing = partners[-1][0] if each.fate in WITHOUT_A_LETTER else None
    for partner in row_of(reference).partners:
        if partner.letter_document is None and partner.id != missing:
            keep_letter(
                reference, partner.id, content=letter(), filename="letter.pdf", actor=actor, now=now, storage=storage
            )


@cache
def letter() -> bytes:
    """The PDF that every partner brings as its letter: it says that it is made up."""
    storage = current_app.extensions["storage"]
    return typeset(LETTER, place=storage.folder, waits=60, patience=60)
