"""Draft application of the demonstration: all is filled in but the declarations and the profile of the last partner.

It is written through the same commands as any other; its acronym and its cities are made up, and it says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import current_app

from urbact_calls.applications.budget.commands import save_budget
from urbact_calls.applications.drafts.commands import save_partner_section, save_section, start
from urbact_calls.applications.partners.commands import add_partner
from urbact_calls.applications.reads import applications
from urbact_calls.applications.reads.dossier import partners_of
from urbact_calls.database import db
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.network_types.fields import Field, FieldKind, Section, table_text
from urbact_calls.domain.network_types.kind import NetworkKind
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import CostCategory

ACRONYM = "DEMOCITIES"
TITLE = "Demonstration: quiet streets after school"
LEFT_TO_A_PERSON = "declarations"

_EUROS = {
    CostCategory.STAFF: 40_000,
    CostCategory.TRAVEL_ACCOMMODATION: 14_000,
    CostCategory.EXTERNAL_EXPERTISE: 22_000,
    CostCategory.EQUIPMENT: 2_000,
}
_CHOSEN = {
    "theme": "mobility",
    "policy_objectives": "PO5",
    "secondary_themes": "youth public_space",
    "specific_objective": "RSO5.1",
    "languages": "en fr",
}


_LINES: Mapping[str, str] = {
    "address": "1 Example Street\n00000 Nowhere",
    "name_en": "A made-up city",
    "registration": "DEMO-0000",
}

_TABLES: Mapping[str, Sequence[Mapping[str, str]]] = {
    "meetings": (
        {"date": "Month 2", "place": "City of the lead partner", "aim": "Kick-off: agree on the questions and visits"},
        {"date": "Month 9", "place": "City of a partner", "aim": "Compare the first tests on school streets"},
        {"date": "Month 18", "place": "City of a partner", "aim": "Review the draft plans in pairs"},
        {"date": "Month 29", "place": "Brussels", "aim": "Show the results to other cities"},
    ),
    "work_packages": (
        {
            "objective": "The network is led well and reports on time.",
            "activities": "Steering group every three months, reporting, risk list.",
            "deliverables": "Six progress reports",
            "responsible": "Lead partner",
            "start": "1",
            "end": "31",
            "cost": "150000.00",
        },
        {
            "objective": "Partners learn from each other's streets.",
            "activities": "Four meetings, eight visits, two online workshops.",
            "deliverables": "A note on each visit",
            "responsible": "Lead partner with the lead expert",
            "start": "2",
            "end": "29",
            "cost": "220000.00",
        },
        {
            "objective": "Each city tests and plans with its Local Group.",
            "activities": "Local Group meetings, small tests, drafting of the plan.",
            "deliverables": "One plan for each city",
            "responsible": "Every partner",
            "start": "4",
            "end": "28",
            "cost": "180000.00",
        },
        {
            "objective": "Other cities can use the results.",
            "activities": "Articles, a short film, a closing event.",
            "deliverables": "Network page, closing event",
            "responsible": "Lead partner",
            "start": "3",
            "end": "31",
            "cost": "60000.00",
        },
    ),
    "team": (
        {"role": "coordinator", "person": "Head of mobility", "fte": "0.6"},
        {"role": "finance", "person": "Officer for European funds", "fte": "0.3"},
        {"role": "communication", "person": "Press officer", "fte": "0.2"},
    ),
    "contacts": tuple(
        {
            "name": f"{name} (made up)",
            "function": function,
            "email": "nobody@example.org",
            "telephone": "+33 0 00 00 00 00",
        }
        for name, function in (
            ("A. Mayor", "Mayor"),
            ("B. Coordinator", "Head of mobility"),
            ("C. Finance", "Officer for European funds"),
            ("D. Press", "Press officer"),
        )
    ),
}


def write_draft(call_code: str, lead_id: int, partner_slugs: list[str], actor: Actor, now: datetime) -> str:
    """Starts the application and fills it in; gives its reference."""
    reference = start(call_code, lead_id, actor, now)
    for slug in partner_slugs:
        add_partner(reference, slug=slug, version=_application_version(reference), actor=actor, now=now)
    for section in _kind(reference).sections:
        if section.code != LEFT_TO_A_PERSON:
            save_section(reference, section.code, answers=_answers(section), version=0, actor=actor, now=now)
    _write_profiles(reference, actor, now)
    _write_budget(reference, actor, now)
    return reference


def _application_version(reference: str) -> int:
    return applications.by_reference(db.session(), reference).version


def _kind(reference: str) -> NetworkKind:
    return KINDS[applications.by_reference(db.session(), reference).call.type]


def _answers(section: Section) -> dict[str, str]:
    return {field.code: _answer(section, field) for field in section.fields}


def _answer(section: Section, field: Field) -> str:
    if field.code == "acronym":
        return ACRONYM
    if field.code == "title":
        return TITLE
    if field.code in _LINES:
        return _LINES[field.code]
    if field.code in _TABLES:
        return table_text(field, _TABLES[field.code])
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        return _CHOSEN.get(field.code, field.choices[0].code)
    if not field.required:
        return ""
    if field.kind in (FieldKind.LINE, FieldKind.REFERENCE):
        return "Not a real one; this is a demonstration"[: field.limit]
    if field.kind is FieldKind.NUMBER:
        return "24000"
    text = (
        f"This is a demonstration text for “{field.label}” in the section “{section.label}”. The cities of this "
        "application do not exist. A real application would describe here, in plain English, what the partners "
        "want to change, how they will learn from each other, and who will do what and when.\n\n"
        "You can change every word of it: nothing that you write here has any effect outside this demonstration."
    )
    return text if field.limit is None or len(text) <= field.limit else text[: field.limit].rpartition(" ")[0]


def _write_profiles(reference: str, actor: Actor, now: datetime) -> None:
    """What the partners say about themselves; the last one has still to write its part."""
    *written, _ = [
        (partner.id, partner.role)
        for partner in partners_of(db.session(), applications.by_reference(db.session(), reference))
    ]
    kind = _kind(reference)
    for partner_id, role in written:
        for section in kind.sections_of(role):
            save_partner_section(
                reference,
                partner_id,
                section.code,
                answers=_answers(section),
                files={},
                version=0,
                actor=actor,
                now=now,
                storage=current_app.extensions["storage"],
            )


def _write_budget(reference: str, actor: Actor, now: datetime) -> None:
    application = applications.by_reference(db.session(), reference)
    amounts: dict[tuple[int, CostCategory], int | None] = {
        (partner.id, category): euros * 100
        for partner in partners_of(db.session(), application)
        for category, euros in _EUROS.items()
    }
    save_budget(reference, amounts=amounts, version=application.version, actor=actor, now=now)
