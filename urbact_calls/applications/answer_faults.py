"""What the form would refuse of an answer that came without a page: in a dossier, or in a request of the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from urbact_calls.applications.field_kinds import amount_fault, amount_text, number_fault, number_text
from urbact_calls.domain.network_types.fields import Field, FieldKind, rows_of, table_text
from urbact_calls.web.forms import tidy, unreadable_character


def answer_fault(field: Field, answer: str) -> str | None:
    """Why the form would not take this answer; None where it would."""
    return _FAULTS[field.kind](field, answer) if answer.strip() else None


def text_fault(text: str, limit: int | None, *, multiline: bool) -> str | None:
    """Why a text cannot be kept: too long, or with a character that hides what is written."""
    text = tidy(text)
    if limit is not None and len(text) > limit:
        return f"{len(text):,} characters; up to {limit:,} are allowed"
    hidden = unreadable_character(text, multiline=multiline)
    return None if hidden is None else f"the character U+{ord(hidden):04X} cannot be read"


def stored_text(field: Field, answer: str) -> str:
    """An answer without fault as the form would keep it."""
    match field.kind:
        case FieldKind.CHOICES:
            return " ".join(answer.split())
        case FieldKind.NUMBER:
            return number_text(answer)
        case FieldKind.MONEY:
            return amount_text(answer)
        case FieldKind.TABLE:
            rows = rows_of(field, answer)
            by_code = {column.code: column for column in field.columns}
            return table_text(
                field, [{code: stored_text(by_code[code], text) for code, text in row.items()} for row in rows]
            )
    return str(tidy(answer))


def _choice_fault(field: Field, answer: str) -> str | None:
    codes = sorted(choice.code for choice in field.choices)
    return None if answer in codes else f'"{answer}" is none of {", ".join(codes)}'


def _choices_fault(field: Field, answer: str) -> str | None:
    codes = sorted(choice.code for choice in field.choices)
    chosen = set(answer.split())
    if chosen - set(codes):
        return f"only {', '.join(codes)} can be named, with spaces between them"
    if field.most is not None and len(chosen) > field.most:
        return f"{len(chosen)} are named; at most {field.most} can be"
    return None


def _table_fault(field: Field, answer: str) -> str | None:
    rows = rows_of(field, answer)
    if len(rows) > field.rows_max:
        return f"{len(rows)} rows; up to {field.rows_max} can be kept"
    for number, row in enumerate(rows, start=1):
        for column in field.columns:
            if fault := answer_fault(column, row.get(column.code, "")):
                return f"{field.row_label(number)}, {column.label}: {fault}"
    return None


def _line_fault(field: Field, answer: str) -> str | None:
    return text_fault(answer, field.limit, multiline=False)


_FAULTS: Mapping[FieldKind, Callable[[Field, str], str | None]] = {
    FieldKind.LINE: _line_fault,
    FieldKind.REFERENCE: _line_fault,
    FieldKind.TEXT: lambda field, answer: text_fault(answer, field.limit, multiline=True),
    FieldKind.CHOICE: _choice_fault,
    FieldKind.CHOICES: _choices_fault,
    # Any text but `yes` is no tick; the form reads it so as well.
    FieldKind.TICK: lambda _field, _answer: None,
    FieldKind.NUMBER: number_fault,
    FieldKind.MONEY: lambda _field, answer: amount_fault(answer),
    FieldKind.FILE: lambda _field, _answer: "a file is uploaded on the page of the application",
    FieldKind.TABLE: _table_fault,
}
