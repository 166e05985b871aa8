"""Answers in words, for pages that only show, the assessors' reading column and printed applications."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from urbact_calls.domain.money import Euro
from urbact_calls.domain.network_types.fields import (
    TICKED,
    Field,
    FieldKind,
    FileAnswer,
    Section,
    file_of,
    rows_of,
    without_private,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One question with its answer in words.

    `text` is the whole answer as text, whatever its kind, and empty for no answer. A table has `columns` (labels)
    and `rows` as well: each row its name and one text per column. A file has `file`.
    """

    code: str
    label: str
    kind: FieldKind
    text: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()
    file: FileAnswer | None = None

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text by lines, the empty ones left out."""
        return tuple(line.strip() for line in self.text.splitlines() if line.strip())


def reading(section: Section, answers: Mapping[str, str], *, with_private: bool = False) -> list[Reading]:
    """Every question of a section in form order, answered or not.

    Without `with_private` no e-mail address and no telephone number is in it.
    """
    return [_read(field, answers.get(field.code, ""), with_private) for field in section.fields]


def _read(field: Field, answer: str, with_private: bool) -> Reading:
    answer = answer if with_private else without_private(field, answer)
    columns = tuple(each for each in field.columns if with_private or not each.is_private)
    rows = rows_of(field, answer) if field.kind is FieldKind.TABLE else ()
    return Reading(
        code=field.code,
        label=field.label,
        kind=field.kind,
        text=words_of(field, answer),
        columns=tuple(each.label for each in columns),
        rows=tuple(
            (field.row_label(number), tuple(words_of(each, row.get(each.code, "")) for each in columns))
            for number, row in enumerate(rows, start=1)
        ),
        file=file_of(answer) if field.kind is FieldKind.FILE else None,
    )


def words_of(field: Field, answer: str) -> str:
    """An answer as it is read: labels instead of codes, "Yes" for a tick; nothing for no answer."""
    return _WORDS[field.kind](field, answer) if answer else ""


def _labels(field: Field, answer: str) -> str:
    labels = {choice.code: choice.label for choice in field.choices}
    return ", ".join(labels.get(code, code) for code in answer.split())


def _amount(_field: Field, answer: str) -> str:
    whole, _, cents = answer.partition(".")
    is_amount = answer.isascii() and whole.isdigit() and len(cents) == 2 and cents.isdigit()
    return str(Euro(int(whole) * 100 + int(cents))) if is_amount else answer


def _table(field: Field, answer: str) -> str:
    lines = []
    for number, row in enumerate(rows_of(field, answer), start=1):
        cells = (f"{each.label}: {words_of(each, row[each.code])}" for each in field.columns if row.get(each.code))
        lines.append(f"{field.row_label(number)}. {'; '.join(cells)}" if row else field.row_label(number))
    return "\n".join(lines)


def _file(_field: Field, answer: str) -> str:
    stored = file_of(answer)
    return stored.name if stored else answer


def _as_it_is(_field: Field, answer: str) -> str:
    return answer


_WORDS: Mapping[FieldKind, Callable[[Field, str], str]] = {
    FieldKind.LINE: _as_it_is,
    FieldKind.TEXT: _as_it_is,
    FieldKind.CHOICE: _labels,
    FieldKind.CHOICES: _labels,
    FieldKind.TICK: lambda _field, answer: "Yes" if answer == TICKED else "",
    FieldKind.NUMBER: _as_it_is,
    FieldKind.MONEY: _amount,
    FieldKind.REFERENCE: _as_it_is,
    FieldKind.FILE: _file,
    FieldKind.TABLE: _table,
}
