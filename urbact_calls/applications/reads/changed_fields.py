"""Words for the fields of an application in its record, and whose part of the application each is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import lead_contacts, people_of
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.network_types.fields import TICKED, Field, FieldKind, Section, file_of, rows_of
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.term_words import label_of
from urbact_calls.domain.vocabulary import ApplicationState, CostCategory, PartnerRole
from urbact_calls.domain.words import euro
from urbact_calls.record.models import FieldChange
from urbact_calls.record.reads.field_words import GONE, FieldWords, describes, names_of_people, plain
from urbact_calls.subjects import is_about

# The same question is asked under the same code, whatever the type.
_QUESTIONS: Mapping[tuple[str, str], tuple[Section, Field]] = {
    (section.code, field.code): (section, field)
    for kind in KINDS.values()
    for section in (*kind.sections, *kind.partner_sections)
    for field in section.fields
}


@describes(SubjectKind.APPLICATION, rights=("invitation.%", "partners.%.may_edit"))
def _field(name: str) -> FieldWords | None:
    match name.split("."):
        case ["partners"]:
            return FieldWords("Partner")
        case ["partners", partner]:
            return FieldWords(f"Partner {partner}")
        case ["partners", partner, "may_edit"]:
            return FieldWords(f"May write, {partner}")
        case ["partners", partner, section, field] if (section, field) in _QUESTIONS:
            return _question(section, field, partner)
        case ["letters", partner]:
            return FieldWords(f"Letter, {partner} (fingerprint)")
        case ["budget", partner, category]:
            cost = CostCategory.with_code(category)
            return FieldWords(f"Budget, {partner}: {cost.label if cost else category}", euro)
        case ["invitation", number]:
            return FieldWords(f"Invitation {number}")
        case [section, field] if (section, field) in _QUESTIONS:
            return _question(section, field)
    return None


def _question(section_code: str, field_code: str, partner: str = "") -> FieldWords:
    section, field = _QUESTIONS[section_code, field_code]
    label = label_of(section, field)
    return FieldWords(f"{label} ({partner})" if partner else label, partial(answer_in_words, field))


def answer_in_words(field: Field, answer: Any) -> str:
    """A stored answer as people read it: labels of choices, rows of a table, the name of a file."""
    if not isinstance(answer, str):
        return plain(answer)
    read = _READERS.get(field.kind)
    return read(field, answer) if read is not None else answer


def _choices(field: Field, answer: str) -> str:
    labels = {choice.code: choice.label for choice in field.choices}
    return ", ".join(labels.get(code, code) for code in answer.split())


def _rows(field: Field, answer: str) -> str:
    return "\n".join(
        f"{field.row_label(number)}: "
        + "; ".join(
            f"{column.label}: {answer_in_words(column, row[column.code])}"
            for column in field.columns
            if row.get(column.code)
        )
        for number, row in enumerate(rows_of(field, answer), 1)
    )


def _file(field: Field, answer: str) -> str:
    file = file_of(answer)
    return answer if file is None else f"{file.name} ({file.sha256})"


_READERS: Mapping[FieldKind, Callable[[Field, str], str]] = {
    FieldKind.CHOICE: _choices,
    FieldKind.CHOICES: _choices,
    FieldKind.TICK: lambda field, answer: "yes" if answer.strip() == TICKED else "no",
    FieldKind.MONEY: lambda field, answer: f"€{answer}",
    FieldKind.TABLE: _rows,
    FieldKind.FILE: _file,
}


_OF_THE_LEAD = ""


@dataclass(frozen=True, slots=True)
class _OwnField:
    """A field of somebody's part: the slug of the partner, and what the field is called there."""

    partner: str
    label: str


def _own_field(name: str) -> _OwnField | None:
    """What the lead partner writes for all has no partner; None for what is nobody's text or figure."""
    match name.split("."):
        case ["partners", partner, section, field] if (section, field) in _QUESTIONS:
            return _OwnField(partner, label_of(*_QUESTIONS[section, field]))
        case ["budget", partner, category]:
            cost = CostCategory.with_code(category)
            return _OwnField(partner, f"Budget, {cost.label if cost else category}")
        case ["letters", partner]:
            return _OwnField(partner, "Letter of commitment")
        case [section, field] if (section, field) in _QUESTIONS:
            return _OwnField(_OF_THE_LEAD, label_of(*_QUESTIONS[section, field]))
    return None


@dataclass(frozen=True, slots=True)
class ChangedPart:
    """What colleagues changed of the part of one partner: each field once, with who changed it, in order of time."""

    organisation: str
    fields: tuple[tuple[str, str], ...]


def changed_parts(
    session: Session, application: Application, since: datetime, until: datetime
) -> Mapping[int, list[ChangedPart]]:
    """What others changed in one's own part of an application between two instants, by account of its people."""
    rows = session.scalars(
        select(FieldChange)
        .where(
            is_about(FieldChange, SubjectKind.APPLICATION, application.id),
            FieldChange.at >= since,
            FieldChange.at < until,
            FieldChange.actor_id.is_not(None),
        )
        .order_by(FieldChange.at, FieldChange.id)
    ).all()
    names = names_of_people(session, {row.actor_id for row in rows if row.actor_id is not None})
    known = [(row, field) for row in rows if (field := _own_field(row.field)) is not None]
    found: dict[int, list[ChangedPart]] = {}
    for partner in application.partners:
        own = {partner.organisation.slug} | ({_OF_THE_LEAD} if partner.role == PartnerRole.LEAD else set())
        changes = [(row, field) for row, field in known if field.partner in own]
        if not changes:
            continue
        is_lead = partner.role == PartnerRole.LEAD
        people = lead_contacts(session, application.id) if is_lead else people_of(session, partner.organisation_id)
        for user in people:
            others = [(row.actor_id or 0, field.label) for row, field in changes if row.actor_id != user.id]
            fields = dict.fromkeys((label, names.get(actor_id, GONE)) for actor_id, label in others)
            if fields:
                found.setdefault(user.id, []).append(ChangedPart(partner.organisation.name, tuple(fields)))
    return found


def changed_between(session: Session, since: datetime, until: datetime) -> Sequence[str]:
    """The references of the drafts in which somebody changed something between two instants, in order."""
    changed = select(FieldChange.subject_id).where(
        FieldChange.subject_kind == SubjectKind.APPLICATION, FieldChange.at >= since, FieldChange.at < until
    )
    return session.scalars(
        select(Application.reference)
        .where(Application.id.in_(changed), Application.state == ApplicationState.DRAFT)
        .order_by(Application.reference)
    ).all()
