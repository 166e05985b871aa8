"""The questions of a form as data: what kind each is, when it counts as answered, and how its answer is kept.

Every answer is text, so that whatever keeps, compares or hands on answers needs to know nothing of the kinds:
a chosen code, several codes separated by a space, `yes` for a tick, a number or an amount in digits, the words of a
register's entry. A table is the JSON text of a list of rows (`rows_of`, `table_text`); a file the JSON text of what
was stored (`file_of`, `FileAnswer.text`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

TICKED = "yes"
SHORT_SHARE = 10
"""A long text is very short when less than this part of its limit is written."""

Row = Mapping[str, str]
"""One row of a table: the answer to each column by its code; a column without an answer may be missing."""


class FieldKind(StrEnum):
    """How a field is filled in."""

    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    TICK = "tick"
    NUMBER = "number"
    MONEY = "money"
    REFERENCE = "reference"
    FILE = "file"
    TABLE = "table"


class Register(StrEnum):
    """The lists that a field may refer to."""

    EXPERTS = "experts"
    GOOD_PRACTICES = "good_practices"
    UIA_PROJECTS = "uia_projects"


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One question of the form. `limit` counts characters; it is the default of the type, a call may set another.

    `most` bounds how many of the choices may be taken. `lowest`, `highest` and `decimals` belong to a number, as
    does `not_below`, another number of the same row; `register` belongs to a reference, the rest to a table: its
    columns, how many rows, and the names of its rows where they are fixed. What is private is for the applicants
    and the Joint Secretariat alone. `is_name` marks the name of an organisation, a person or a place: each of its words
    is of one alphabet.
    """

    code: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    _: KW_ONLY
    limit: int | None = None
    required: bool = True
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    most: int | None = None
    lowest: int = 0
    highest: int = 1_000
    decimals: int = 0
    not_below: str = ""
    register: Register | None = None
    columns: tuple[Field, ...] = ()
    rows_min: int = 1
    rows_max: int = 12
    row_labels: tuple[str, ...] = ()
    row_word: str = "Row"
    is_private: bool = False
    is_name: bool = False

    def __post_init__(self) -> None:
        if (self.kind is FieldKind.TABLE) != bool(self.columns):
            raise ValueError(f"{self.code}: a table, and nothing else, has columns")
        if (self.kind is FieldKind.REFERENCE) != (self.register is not None):
            raise ValueError(f"{self.code}: a reference, and nothing else, names a register")
        if (self.kind in (FieldKind.CHOICE, FieldKind.CHOICES)) != bool(self.choices):
            raise ValueError(f"{self.code}: a choice, and nothing else, has choices")
        if (self.kind in (FieldKind.LINE, FieldKind.TEXT, FieldKind.REFERENCE)) != (self.limit is not None):
            raise ValueError(f"{self.code}: a text, and nothing else, has a limit of its characters")
        if self.is_name and self.kind is not FieldKind.LINE:
            raise ValueError(f"{self.code}: a line, and nothing else, is a name")
        if self.decimals > 2:
            raise ValueError(f"{self.code}: with three digits after a point a number could also mean thousands")
        if any(column.kind in (FieldKind.TABLE, FieldKind.FILE, FieldKind.CHOICES) for column in self.columns):
            raise ValueError(f"{self.code}: a column holds one plain answer")

    def is_filled(self, answer: str) -> bool:
        """Whether the answer is one. A table needs its rows, and in each row every mandatory column."""
        if self.kind is FieldKind.TICK:
            return answer.strip() == TICKED
        if self.kind is FieldKind.TABLE:
            rows = rows_of(self, answer)
            return len(rows) >= max(self.rows_min, 1) and all(map(self._is_whole, rows))
        return bool(answer.strip())

    def row_label(self, number: int) -> str:
        """What the row is called; rows count from 1."""
        return self.row_labels[number - 1] if number <= len(self.row_labels) else f"{self.row_word} {number}"

    def _is_whole(self, row: Row) -> bool:
        return all(column.is_filled(row.get(column.code, "")) for column in self.columns if column.required)

    @property
    def is_limited(self) -> bool:
        """Whether people type free text here, whose length the call limits."""
        return self.kind in (FieldKind.LINE, FieldKind.TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the form. `criterion` is the code of the criterion that assessors mostly answer from it."""

    code: str
    label: str
    fields: tuple[Field, ...]
    hint: str = ""
    criterion: str | None = None

    def field(self, code: str) -> Field:
        """The field of a code; raises KeyError for another."""
        return {field.code: field for field in self.fields}[code]

    def is_filled(self, answers: Mapping[str, str]) -> bool:
        """Whether every mandatory field has an answer."""
        return not self.missing(answers)

    def is_started(self, answers: Mapping[str, str]) -> bool:
        """Whether anything was answered at all."""
        return any(answers.get(field.code, "").strip() for field in self.fields)

    def short(self, answers: Mapping[str, str]) -> tuple[tuple[Field, int], ...]:
        """The long texts of which less than a tenth is written, with their characters; the tenth is our own figure."""
        lengths = ((field, len(answers.get(field.code, "").strip())) for field in self.fields)
        return tuple(
            (field, length)
            for field, length in lengths
            if field.kind is FieldKind.TEXT and field.limit and 0 < length * SHORT_SHARE < field.limit
        )

    def missing(self, answers: Mapping[str, str]) -> tuple[str, ...]:
        """Labels of the mandatory fields without an answer, in form order."""
        return tuple(
            field.label for field in self.fields if field.required and not field.is_filled(answers.get(field.code, ""))
        )

    def naming(self, plan: str) -> Section:
        """The same questions, with the name of what a partner produces in the place of `{plan}`."""
        if not any("{plan}" in field.label for field in self.fields):
            return self
        return replace(
            self, fields=tuple(replace(field, label=field.label.replace("{plan}", plan)) for field in self.fields)
        )

    def with_limits(self, limits: Mapping[str, int]) -> Section:
        """The same questions with the limits of a call, by `section.field`."""
        return replace(
            self,
            fields=tuple(
                replace(field, limit=limits.get(f"{self.code}.{field.code}", field.limit)) for field in self.fields
            ),
        )


def rows_of(field: Field, answer: str) -> tuple[dict[str, str], ...]:
    """The rows of a table. Text that is no table's (typed before the question was one) stands in its first column."""
    if not answer.strip():
        return ()
    rows = _parsed(answer)
    if rows is None:
        return ({field.columns[0].code: answer},)
    codes = {column.code for column in field.columns}
    return tuple({code: text for code, text in row.items() if code in codes and isinstance(text, str)} for row in rows)


def _parsed(answer: str) -> list[dict[str, Any]] | None:
    try:
        rows = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    return rows if isinstance(rows, list) and all(isinstance(row, dict) for row in rows) else None


def table_text(field: Field, rows: Iterable[Row]) -> str:
    """The answer that holds these rows: without empty cells, and without empty rows where the rows have no names."""
    kept = [
        {column.code: row[column.code] for column in field.columns if row.get(column.code, "").strip()} for row in rows
    ]
    if not any(kept):
        return ""
    if not field.row_labels:
        kept = [row for row in kept if row]
    return json.dumps(kept, ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAnswer:
    """A stored file as its answer names it: display name, bytes and SHA-256. Where it lies the answer does not say."""

    name: str
    size: int
    sha256: str

    @property
    def text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def file_of(answer: str) -> FileAnswer | None:
    """The file that an answer names; None for no answer and for text that names none."""
    try:
        found = json.loads(answer or "null")
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or set(found) != {each.name for each in fields(FileAnswer)}:
        return None
    return FileAnswer(name=str(found["name"]), size=int(found["size"]), sha256=str(found["sha256"]))


def without_private(field: Field, answer: str) -> str:
    """The answer as others than the applicants and the Joint Secretariat may have it."""
    if field.is_private:
        return ""
    if not any(column.is_private for column in field.columns):
        return answer
    shown = [column for column in field.columns if not column.is_private]
    rows = [{column.code: row.get(column.code, "") for column in shown} for row in rows_of(field, answer)]
    return table_text(replace(field, columns=tuple(shown)), rows)
