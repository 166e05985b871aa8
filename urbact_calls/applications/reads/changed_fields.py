"""Words for the fields of an application in its record: questions, budget, letters, places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.network_types.fields import TICKED, Field, FieldKind, Section, file_of, rows_of
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.term_words import label_of
from urbact_calls.domain.vocabulary import CostCategory
from urbact_calls.domain.words import euro
from urbact_calls.record.reads.field_words import FieldWords, describes, plain

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
