"""Answers to the questions of the form as they are typed: what cannot be kept, and the text that is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from urbact_calls.domain.entries import UnreadableEntry, cents_of, read_number, read_text, require_one_alphabet, tidy
from urbact_calls.domain.money import Euro
from urbact_calls.domain.network_types.fields import Field, FieldKind, rows_of, table_text


def answer_fault(field: Field, answer: str) -> str | None:
    """Why the form would not take this answer; None where it would."""
    return _FAULTS[field.kind](field, answer) if answer.strip() else None


def text_fault(text: str, limit: int | None, *, is_line: bool) -> str | None:
    """Why a text cannot be kept: too long, or with a character that cannot be stored."""
    try:
        text = read_text(text, is_line=is_line)
    except UnreadableEntry as problem:
        return str(problem)
    return f"{len(text):,} characters; up to {limit:,} are allowed" if limit is not None and len(text) > limit else None


def alphabet_fault(name: str) -> str | None:
    """Why a name would look like another one; None where each of its words is of one alphabet."""
    return _fault(require_one_alphabet, name)


def _fault(read: Callable[[str], object], typed: str) -> str | None:
    try:
        read(typed)
    except UnreadableEntry as problem:
        return str(problem)
    return None


def stored_text(field: Field, answer: str) -> str:
    """An answer without fault as the form would keep it."""
    match field.kind:
        case FieldKind.CHOICES:
            return " ".join(answer.split())
        case FieldKind.NUMBER:
            return number_text(field, answer)
        case FieldKind.MONEY:
            return amount_text(answer)
        case FieldKind.TABLE:
            rows = rows_of(field, answer)
            by_code = {column.code: column for column in field.columns}
            return table_text(
                field, [{code: stored_text(by_code[code], text) for code, text in row.items()} for row in rows]
            )
    return str(tidy(answer, is_line=field.kind is not FieldKind.TEXT))


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
    return text_fault(answer, field.limit, is_line=True) or (alphabet_fault(answer) if field.is_name else None)


def number_fault(field: Field, typed: str) -> str | None:
    """Why a text is no answer to a number; None for a good one and for none at all."""
    try:
        value = read_number(typed, decimals=field.decimals)
    except UnreadableEntry as problem:
        return str(problem)
    is_inside = value is None or field.lowest <= value <= field.highest
    return None if is_inside else f"Type a number from {field.lowest:,} to {field.highest:,}."


_FAULTS: Mapping[FieldKind, Callable[[Field, str], str | None]] = {
    FieldKind.LINE: _line_fault,
    FieldKind.REFERENCE: _line_fault,
    FieldKind.TEXT: lambda field, answer: text_fault(answer, field.limit, is_line=False),
    FieldKind.CHOICE: _choice_fault,
    FieldKind.CHOICES: _choices_fault,
    # Any text but `yes` is no tick; the form reads it so as well.
    FieldKind.TICK: lambda _field, _answer: None,
    FieldKind.NUMBER: number_fault,
    FieldKind.MONEY: lambda _field, answer: _fault(cents_of, answer),
    FieldKind.FILE: lambda _field, _answer: "a file is uploaded on the page of the application",
    FieldKind.TABLE: _table_fault,
}


def number_of(field: Field, typed: str) -> Decimal | None:
    """The number that was typed; None for nothing and for what is none."""
    try:
        return read_number(typed, decimals=field.decimals)
    except UnreadableEntry:
        return None


def number_text(field: Field, typed: str) -> str:
    """A number as it is stored; what cannot be read stays as it was typed."""
    value = number_of(field, typed)
    return str(typed).strip() if value is None else f"{value:f}"


def amount_text(typed: str) -> str:
    """An amount in euros as it is stored, with two digits after the point; what cannot be read stays."""
    try:
        cents = cents_of(typed)
    except UnreadableEntry:
        return typed
    return "" if cents is None else Euro(cents).plain
