"""Forms of drafts: how each kind of field is asked and read, the form of a section, and edit conflicts in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FieldList,
    FileField,
    Form,
    FormField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
    widgets,
)

from urbact_calls.applications.drafts.reads import Offers
from urbact_calls.domain.network_types.answers import amount_text, number_fault, number_of, number_text
from urbact_calls.domain.network_types.fields import TICKED, Field, FieldKind, Section, rows_of, table_text
from urbact_calls.domain.network_types.reading import words_of
from urbact_calls.organisations.models import Organisation
from urbact_calls.web.forms import (
    BaseForm,
    EuroField,
    OneOf,
    SelectChoice,
    VersionField,
    of_one_alphabet,
    readable,
    within,
)


def _as_it_is(_field: Field, answer: Any) -> str:
    return answer or ""


@dataclass(frozen=True, slots=True)
class FieldShape:
    """How a kind of field is asked, how its stored answer is shown in the form, and how what is typed is read."""

    ask: Callable[[Field], Any]
    show: Callable[[Field, str], Any] = _as_it_is
    read: Callable[[Field, Any], str] = _as_it_is


class SomeOf(SelectMultipleField):
    """Any number of choices, or at most `most`, as boxes to tick."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()

    def __init__(self, *args: Any, most: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = most

    def pre_validate(self, form: Any) -> None:
        chosen = set(self.data or ())
        if chosen - {value for value, *_ in self.iter_choices()}:
            raise ValidationError("Choose from the list.")
        if self.most is not None and len(chosen) > self.most:
            raise ValidationError(f"{len(chosen)} are ticked; at most {self.most} can be chosen.")


class NumberField(StringField):
    """A number in digits, kept as text: what was typed stays in the field when it cannot be read."""

    def __init__(self, *args: Any, asked: Field, **kwargs: Any) -> None:
        kwargs["render_kw"] = {"inputmode": "decimal" if asked.decimals else "numeric"}
        super().__init__(*args, **kwargs)
        self.asked = asked

    def pre_validate(self, form: Any) -> None:
        fault = number_fault(self.asked, self.data or "")
        if fault is not None:
            raise ValidationError(fault)


class ReferenceField(StringField):
    """An entry of a register. The page offers what the register knows; `is_closed` says that nothing else will do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers: Mapping[str, str] = {}
        self.is_closed = False

    def pre_validate(self, form: Any) -> None:
        # What was stored before may stay, even if the register has lost it since.
        if self.is_closed and self.data and self.data not in self.offers and self.data != self.object_data:
            raise ValidationError("Choose a name of the list, or leave it empty.")


class TableField(FieldList):
    """Rows that are forms themselves. A page without this table has not emptied it."""

    def __init__(self, *args: Any, asked: Field, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked

    def process(self, formdata: Any, data: Any = (), extra_filters: Any = None) -> None:
        is_typed = bool(formdata) and any(True for _ in self._extract_indices(self.name, formdata))
        super().process(formdata if is_typed else None, () if is_typed else data, extra_filters)

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        found = list(_typed_rows(prefix, formdata))
        # Rows with names keep their places, whichever of them were sent.
        yield from range(len(self.asked.row_labels)) if found and self.asked.row_labels else found


def _typed_rows(table: str, names: Iterable[str]) -> Iterator[int]:
    """The numbers of the rows of a table to which names of fields belong, each as often as it is named."""
    matches = (re.match(rf"{re.escape(table)}-([0-9]{{1,3}})-", name) for name in names)
    return (int(match[1]) for match in matches if match)


class RowForm(Form):
    """One row of a table; made by `_row_form`. Its texts are cleaned as those of every form of this program."""

    columns: tuple[Field, ...]

    class Meta:
        bind_field = BaseForm.Meta.bind_field

    def validate(self, extra_validators: Any = None) -> bool:
        is_fine = super().validate(extra_validators)
        asked = {each.code: each for each in self.columns}
        for column in self.columns:
            if column.not_below and not self.errors:
                this, other = (
                    number_of(asked[code], self[code].data or "") for code in (column.code, column.not_below)
                )
                if this is not None and other is not None and this < other:
                    self[column.code].errors = ["It lies before the start."]
                    is_fine = False
        return is_fine


@cache
def _row_form(columns: tuple[Field, ...]) -> type[RowForm]:
    fields = {column.code: SHAPES[column.kind].ask(column) for column in columns}
    for column in columns:
        # Beside each other there is no room to say in each cell how long it may be; who types more is told.
        fields[column.code].kwargs["description"] = column.hint
    return type("RowFormOf", (RowForm,), {**fields, "columns": columns})


def _shown_amount(answer: str) -> int | None:
    whole, _, cents = answer.partition(".")
    return int(whole) * 100 + int(cents) if whole.isdigit() and cents.isdigit() else None


def _hint(field: Field) -> str:
    size = f"Up to {field.limit:,} characters." if field.kind is FieldKind.LINE and field.limit else ""
    return " ".join(part for part in (field.hint, size) if part)


def _options(field: Field) -> dict[str, str]:
    return {choice.code: choice.label for choice in field.choices}


def _text(kind: type[StringField]) -> Callable[[Field], Any]:
    def ask(field: Field) -> Any:
        checks = [readable, within(field.limit), *([of_one_alphabet] if field.is_name else [])]
        return kind(field.label, checks, description=_hint(field))

    return ask


def _ask_table(field: Field) -> Any:
    return TableField(
        FormField(_row_form(field.columns)),
        field.label,
        asked=field,
        min_entries=len(field.row_labels) or 1,
        max_entries=field.rows_max,
        description=field.hint,
    )


def _shown_rows(field: Field, answer: str) -> list[dict[str, Any]]:
    return [
        {column.code: SHAPES[column.kind].show(column, row.get(column.code, "")) for column in field.columns}
        for row in rows_of(field, answer)
    ]


def _read_rows(field: Field, rows: Sequence[Mapping[str, Any]]) -> str:
    return table_text(
        field,
        [
            {column.code: SHAPES[column.kind].read(column, row.get(column.code)) for column in field.columns}
            for row in rows
        ],
    )


SHAPES: Mapping[FieldKind, FieldShape] = {
    FieldKind.LINE: FieldShape(_text(StringField)),
    FieldKind.TEXT: FieldShape(_text(TextAreaField)),
    FieldKind.CHOICE: FieldShape(
        lambda field: OneOf(field.label, choices={"": "Choose one"} | _options(field), description=_hint(field))
    ),
    FieldKind.CHOICES: FieldShape(
        ask=lambda field: SomeOf(field.label, choices=_options(field), most=field.most, description=_hint(field)),
        show=lambda _field, answer: answer.split(),
        read=lambda _field, value: " ".join(value or ()),
    ),
    FieldKind.TICK: FieldShape(
        ask=lambda field: BooleanField(field.label, description=_hint(field)),
        show=lambda _field, answer: answer == TICKED,
        read=lambda _field, value: TICKED if value else "",
    ),
    FieldKind.NUMBER: FieldShape(
        ask=lambda field: NumberField(field.label, [readable], asked=field, description=_hint(field)),
        read=lambda field, value: number_text(field, value or ""),
    ),
    FieldKind.MONEY: FieldShape(
        ask=lambda field: EuroField(field.label, [readable], description=_hint(field)),
        show=lambda _field, answer: _shown_amount(answer),
        read=lambda _field, value: amount_text(value or ""),
    ),
    FieldKind.REFERENCE: FieldShape(_text(ReferenceField)),
    # A file comes with its own request part and is put away by the command; its answer is written there.
    FieldKind.FILE: FieldShape(
        ask=lambda field: FileField(field.label, description=_hint(field)),
        show=lambda _field, _answer: None,
        read=lambda _field, _value: "",
    ),
    FieldKind.TABLE: FieldShape(ask=_ask_table, show=_shown_rows, read=_read_rows),
}


THEIRS = "theirs"
# Comparing takes the square of this; a text of single letters is not worth it.
MOST_WORDS = 4_000
# The button that adds a row or takes one away: "add:meetings", "remove:meetings:2".
ROW_BUTTON = "row"
_ROW_ACT = re.compile(r"(?P<act>add|remove):(?P<field>[a-z_]{1,40})(?::(?P<row>[0-9]{1,3}))?")


class SectionForm(BaseForm):
    """The form of one section, with what is stored or with what this request has typed."""

    version = VersionField()
    section: Section
    stored: Mapping[str, str]

    @classmethod
    def showing(
        cls, answers: Mapping[str, str], version: int, *, offers: Offers, replayed: MultiDict[str, str] | None = None
    ) -> SectionForm:
        """The form with stored answers, or with what was typed: in this request, or `replayed` in its place."""
        shown = {
            field.code: SHAPES[field.kind].show(field, answers.get(field.code, "")) for field in cls.section.fields
        }
        options: dict[str, Any] = {} if replayed is None else {"formdata": replayed}
        form = cls(data={**shown, "version": version}, **options)
        form.stored = answers
        for field in cls.section.fields:
            asked = form[field.code]
            if field.register is not None and isinstance(asked, ReferenceField):
                asked.offers, asked.is_closed = offers(field.register)
        return form

    def answers(self) -> dict[str, str]:
        """What is typed, as it would be stored; a file, and an answer in which something is wrong, stay as stored."""
        return {
            field.code: self.stored.get(field.code, "")
            if field.kind is FieldKind.FILE or self[field.code].errors
            else SHAPES[field.kind].read(field, self[field.code].data)
            for field in self.section.fields
        }

    def resolved(self, choices: Mapping[str, str]) -> dict[str, str]:
        """The answers to save: the typed ones, after an edit conflict the stored ones that the writer chose to keep."""
        return {
            code: self.stored.get(code, "") if choices.get(f"keep-{code}") == THEIRS else typed
            for code, typed in self.answers().items()
        }

    @property
    def seen(self) -> dict[str, str]:
        """The hidden fields that remember what the writer saw: name and mark."""
        return {f"seen-{field.code}": _mark(self.stored.get(field.code, "")) for field in self.section.fields}

    def edit_conflicts(self, mine: Mapping[str, str], seen: Mapping[str, str]) -> dict[str, EditConflict]:
        """The answers that differ from what is stored, by field code, in form order."""
        return {
            field.code: _edit_conflict(field, mine[field.code], theirs, seen.get(f"seen-{field.code}"))
            for field in self.section.fields
            if mine[field.code] != (theirs := self.stored.get(field.code, ""))
        }


@lru_cache(maxsize=256)
def section_form(section: Section) -> type[SectionForm]:
    """The form class of a section."""
    fields = {field.code: SHAPES[field.kind].ask(field) for field in section.fields}
    return type("SectionFormOf", (SectionForm,), {**fields, "section": section})


def with_rows_changed(section: Section, replayed: MultiDict[str, str]) -> MultiDict[str, str] | None:
    """What was typed with a row more or a row less, as the pressed button says; None if none was pressed."""
    match = _ROW_ACT.fullmatch(replayed.get(ROW_BUTTON, ""))
    tables = {field.code: field for field in section.fields if field.columns and not field.row_labels}
    if match is None or match["field"] not in tables:
        return None
    table = tables[match["field"]]
    changed = MultiDict(replayed)
    if match["act"] == "remove":
        for name in replayed:
            if name.startswith(f"{table.code}-{int(match['row'] or 0)}-"):
                changed.poplist(name)
    rows = set(_typed_rows(table.code, changed))
    if match["act"] == "add" or not rows:
        changed.add(f"{table.code}-{max(rows, default=-1) + 1}-{table.columns[0].code}", "")
    return changed


class StartForm(BaseForm):
    """Which of my organisations leads the new application, and how many its sender had started before."""

    seen = VersionField()
    organisation = RadioField("Which organisation leads the application?", coerce=int, validate_choice=False)

    def __init__(self, organisations: Sequence[Organisation], **options: Any) -> None:
        super().__init__(**options)
        self.organisation.choices = [SelectChoice(each.id, f"{each.name}, {each.country}") for each in organisations]


@dataclass(frozen=True, slots=True)
class ConflictSide:
    """One version of an answer: its text, whose it is, and its parts with what differs from the other side."""

    text: str
    words: str
    parts: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class EditConflict:
    """Two versions of one answer. `keep` is the side that is proposed."""

    label: str
    mine: ConflictSide
    theirs: ConflictSide
    keep: str


def _edit_conflict(field: Field, mine: str, theirs: str, seen: str | None) -> EditConflict:
    mine_words, their_words = words_of(field, mine), words_of(field, theirs)
    mine_parts, their_parts = _compare(mine_words, their_words)
    return EditConflict(
        label=field.label,
        mine=ConflictSide(mine_words, "Yours, not saved", mine_parts),
        theirs=ConflictSide(their_words, "Saved by somebody else", their_parts),
        keep=THEIRS if _mark(mine) == seen else "mine",
    )


def _mark(answer: str) -> str:
    """A short mark of an answer, the same for the same text."""
    return hashlib.sha256(answer.encode()).hexdigest()[:16]


def _compare(mine: str, theirs: str) -> tuple[tuple[tuple[str, bool], ...], tuple[tuple[str, bool], ...]]:
    """Both texts in parts, word by word, each part with whether it differs."""
    ours, others = re.findall(r"\S+\s*", mine), re.findall(r"\S+\s*", theirs)
    if len(ours) + len(others) > MOST_WORDS:
        return ((mine, True),), ((theirs, True),)
    steps = SequenceMatcher(None, ours, others, autojunk=False).get_opcodes()
    left = tuple(("".join(ours[start:end]), kind != "equal") for kind, start, end, _, _ in steps if end > start)
    right = tuple(("".join(others[start:end]), kind != "equal") for kind, _, _, start, end in steps if end > start)
    return left, right
