"""Answers to the questions of the form as they are typed: what cannot be kept, and the text that is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from urbact_calls.domain.entries import cents_of, tidy, unreadable_character
from urbact_calls.domain.money import Euro
from urbact_calls.domain.network_types.fields import Field, FieldKind, rows_of, table_text


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


def number_fault(field: Field, typed: str) -> str | None:
    """Why a text is no answer to a number; None for a good one and for none at all."""
    text = typed.strip()
    if not text:
        return None
    value = number_of(text)
    if value is None or (not field.decimals and value != int(value)):
        return "Type a number in digits." if field.decimals else "Type a whole number in digits."
    if not field.lowest <= value <= field.highest:
        return f"Type a number from {field.lowest:,} to {field.highest:,}."
    if -int(value.as_tuple().exponent) > field.decimals:
        return f"Type at most {field.decimals} digits after the point."
    return None


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


_NUMBER = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{1,4})?")


def amount_fault(typed: str) -> str | None:
    """Why a text is no amount; None for a good one and for none at all."""
    try:
        cents_of(typed)
    except ValueError as problem:
        return str(problem)
    return None


def number_of(typed: Any) -> Decimal | None:
    text = str(typed or "").strip()
    return Decimal(text.replace(",", ".")).normalize() if _NUMBER.fullmatch(text) else None


def number_text(typed: str) -> str:
    """A number as it is stored; what cannot be read stays as it was typed."""
    value = number_of(typed)
    return str(typed).strip() if value is None else f"{value:f}"


def amount_text(typed: str) -> str:
    """An amount in euros as it is stored, with two digits after the point; what cannot be read stays."""
    try:
        cents = cents_of(typed)
    except ValueError:
        return typed
    return "" if cents is None else Euro(cents).plain
