"""How each kind of field is asked on a page and read back: the one table from which a section's form is made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    FileField,
    Form,
    FormField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
    widgets,
)

from urbact_calls.domain.network_types.answers import amount_text, number_fault, number_of, number_text
from urbact_calls.domain.network_types.fields import TICKED, Field, FieldKind, Row, rows_of, table_text
from urbact_calls.web.forms import BaseForm, EuroField, OneOf, readable, within


@dataclass(frozen=True, slots=True)
class FieldShape:
    """How a kind of field is asked, how its stored answer is shown in the form, and how what is typed is read."""

    ask: Callable[[Field], Any]
    show: Callable[[Field, str], Any]
    read: Callable[[Field, Any], str]


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
        found = list(self._typed_rows(prefix, formdata))
        # Rows with names keep their places, whichever of them were sent.
        yield from range(len(self.asked.row_labels)) if found and self.asked.row_labels else found

    def _typed_rows(self, prefix: str, formdata: Any) -> Iterator[int]:
        for name in formdata:
            match = re.match(rf"{re.escape(prefix)}-([0-9]{{1,3}})-", name)
            if match is not None:
                yield int(match[1])


class RowForm(Form):
    """One row of a table; made by `_row_form`. Its texts are cleaned as those of every form of this program."""

    columns: tuple[Field, ...]

    class Meta:
        bind_field = BaseForm.Meta.bind_field

    def validate(self, extra_validators: Any = None) -> bool:
        is_fine = super().validate(extra_validators)
        for column in self.columns:
            if column.not_below and not self.errors:
                this, other = (number_of(self[code].data) for code in (column.code, column.not_below))
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
    return lambda field: kind(field.label, [readable, within(field.limit)], description=_hint(field))


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
    return table_text(field, [_read_row(field, row) for row in rows])


def _read_row(field: Field, row: Mapping[str, Any]) -> Row:
    return {column.code: SHAPES[column.kind].read(column, row.get(column.code)) for column in field.columns}


def _as_it_is(_field: Field, answer: Any) -> str:
    return answer or ""


SHAPES: Mapping[FieldKind, FieldShape] = {
    FieldKind.LINE: FieldShape(ask=_text(StringField), show=_as_it_is, read=_as_it_is),
    FieldKind.TEXT: FieldShape(ask=_text(TextAreaField), show=_as_it_is, read=_as_it_is),
    FieldKind.CHOICE: FieldShape(
        ask=lambda field: OneOf(field.label, choices={"": "Choose one"} | _options(field), description=_hint(field)),
        show=_as_it_is,
        read=_as_it_is,
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
        show=_as_it_is,
        read=lambda _field, value: number_text(value or ""),
    ),
    FieldKind.MONEY: FieldShape(
        ask=lambda field: EuroField(field.label, [readable], description=_hint(field)),
        show=lambda _field, answer: _shown_amount(answer),
        read=lambda _field, value: amount_text(value or ""),
    ),
    FieldKind.REFERENCE: FieldShape(ask=_text(ReferenceField), show=_as_it_is, read=_as_it_is),
    # A file comes with its own request part and is put away by the command; its answer is written there.
    FieldKind.FILE: FieldShape(
        ask=lambda field: FileField(field.label, description=_hint(field)),
        show=lambda _field, _answer: None,
        read=lambda _field, _value: "",
    ),
    FieldKind.TABLE: FieldShape(ask=_ask_table, show=_shown_rows, read=_read_rows),
}
