"""Draft application of the demonstration: all is filled in but the declarations and the profile of the last partner.

It is written through the same commands as any other; its acronym and its cities are made up, and it says so.
"""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from urbact_calls.applications.budget.commands import save_budget
from urbact_calls.applications.drafts.commands import save_partner_section, save_section, start
from urbact_calls.applications.partners.commands import add_partner
from urbact_calls.applications.reads import applications
from urbact_calls.applications.reads.dossier import partners_of
from urbact_calls.database import db
from urbact_calls.demonstration.answer_tables import LINES, TABLES
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
    if field.code in LINES:
        return LINES[field.code]
    if field.code in TABLES:
        return table_text(field, TABLES[field.code])
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
