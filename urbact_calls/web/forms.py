"""Form classes of this program: what is typed comes back, and says beside the field what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import Any, ClassVar, TypeVar

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    FileField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms import SelectChoice as SelectChoice  # type: ignore[attr-defined]  # the stubs do not know it yet
from wtforms.fields.core import Field
from wtforms.validators import DataRequired, Length, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from urbact_calls.domain.entries import (
    UnreadableEntry,
    cents_of,
    read_number,
    read_text,
    require_one_alphabet,
    tidy,
)
from urbact_calls.domain.refusal import Refusal
from urbact_calls.domain.text import say
from urbact_calls.domain.vocabulary import Word
from urbact_calls.domain.words import euro_plain
from urbact_calls.reference.countries import programme_countries

NO_VERSION = -1


class BaseForm(FlaskForm):
    """A form whose texts are read the same way everywhere: cleaned, and refused only where they cannot be stored.

    `tied` names fields that mean something only together. `rest_is_saved` says of a refused draft that all but what is
    marked is stored.
    """

    tied: ClassVar[tuple[frozenset[str], ...]] = ()
    rest_is_saved = False

    class Meta:
        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            kind = unbound_field.field_class
            filters = [*unbound_field.kwargs.get("filters", ())]
            # A password is what was typed, letter by letter.
            if issubclass(kind, StringField) and not issubclass(kind, PasswordField):
                filters.insert(0, partial(tidy, is_line=not issubclass(kind, TextAreaField | HiddenField)))
            bound: Field = unbound_field.bind(form=form, filters=filters, **options)
            if isinstance(bound, StringField) and readable not in bound.validators:
                bound.validators = [readable, *bound.validators]
            if not isinstance(bound, FileField | MultipleFileField):
                bound.process_formdata = partial(  # type: ignore[method-assign]
                    _take_texts, bound, bound.process_formdata
                )
            return bound

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            # Flask-WTF would read JSON as a form; a form of this site is posted as one.
            return None if request and request.is_json else super().wrap_formdata(form, formdata)  # type: ignore[misc]


def _take_texts(field: Field, process: Callable[[list[str]], None], values: list[Any]) -> None:
    """Leaves out files that were sent under the name of a text field."""
    texts = [value for value in values if isinstance(value, str)]
    field.raw_data = texts
    process(texts)


def readable(_form: Any, field: Field) -> None:
    """Refuses what cannot be stored, with its place. Every text of a `BaseForm` has it."""
    if isinstance(field.data, str):
        _refuse(field, read_text)


def of_one_alphabet(_form: Any, field: Field) -> None:
    """Refuses a name in which a word has letters of two alphabets: it would look like another name."""
    if isinstance(field.data, str):
        _refuse(field, require_one_alphabet)


def _refuse(field: Field, read: Callable[[str], object]) -> None:
    try:
        read(field.data)
    except UnreadableEntry as problem:
        raise StopValidation(str(problem)) from problem


def choices_of(pairs: Iterable[tuple[str, str]], nothing: str | None = None) -> list[SelectChoice]:
    """Choices from codes and labels; `nothing` is the label of an empty first one."""
    first = [] if nothing is None else [SelectChoice("", nothing)]
    return [*first, *(SelectChoice(code, label) for code, label in pairs)]


def word_choices(words: Iterable[Word], nothing: str | None = None) -> list[SelectChoice]:
    """As `choices_of`, from words of the vocabulary."""
    return choices_of(((word.value, word.label) for word in words), nothing)


def country_choices(nothing: str) -> list[SelectChoice]:
    """As `choices_of`, the countries of the programme."""
    return choices_of(((each.code, each.name) for each in programme_countries().values()), nothing)


def line_field(label: str, most: int, hint: str = "") -> StringField:
    """A line of text with at most so many characters."""
    return StringField(label, [Length(max=most), readable], description=hint)


def name_line(label: str, most: int, hint: str = "") -> StringField:
    """The name of an organisation, a person or a place with at most so many characters; it may be left out."""
    return StringField(label, [Length(max=most), readable, of_one_alphabet], description=hint)


def area_field(label: str, most: int, hint: str = "", *, missing: str = "") -> TextAreaField:
    """A longer text with at most so many characters; `missing` is what is said where it is needed and was left out."""
    needed = [DataRequired(missing)] if missing else []
    too_long = Length(max=most, message=f"Up to {most:,} characters.")
    return TextAreaField(label, [*needed, too_long, readable], description=hint)


def boxes_field(label: str, choices: list[SelectChoice], hint: str = "") -> SelectMultipleField:
    """Several choices of a list, each with a box."""
    return SelectMultipleField(
        label,
        choices=choices,
        description=hint,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class EuroField(StringField):
    """An amount in euros, typed as people type it ("1 500,50", "1,500.50"); `cents` is the amount, None if empty.

    What was typed stays in the field when it cannot be read.
    """

    cents: int | None = None

    def process_data(self, value: int | None) -> None:
        self.cents = value
        self.data = euro_plain(value)

    def pre_validate(self, form: Any) -> None:
        try:
            self.cents = cents_of(self.data or "")
        except UnreadableEntry as problem:
            raise ValidationError(str(problem)) from problem


class PlainIntegerField(IntegerField):
    """A whole number as people type it ("12 000"), of at most nine digits; what was typed stays when it cannot be
    read."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        number = read_number(valuelist[0] if valuelist else "")
        if number is not None and abs(number) >= 10**9:
            raise ValueError("Type a whole number of at most nine digits.")
        self.data = None if number is None else int(number)


class VersionField(HiddenField):
    """The version of what the reader saw. One that cannot be read matches none, so that nothing is overwritten."""

    @property
    def number(self) -> int:
        text = str(self.data or "")
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else NO_VERSION


class VersionForm(BaseForm):
    """Which version of a row its sender saw."""

    version = VersionField()


class StepForm(VersionForm):
    """A step as its sender saw the row, and why it is taken."""

    reason = area_field("Reason", 2000)


class PlainDateField(DateField):
    """A date in ASCII digits between 1990 and 2100."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        text = (valuelist[0] if valuelist else "").strip()
        if not text:
            return
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
            raise ValueError("Type the date as year-month-day, for example 2027-03-31.")
        try:
            value = date.fromisoformat(text)
        except ValueError as problem:
            raise ValueError("This day does not exist.") from problem
        if not 1990 <= value.year <= 2100:
            raise ValueError("Type a year between 1990 and 2100.")
        self.data = value


def attach(form: BaseForm, refusals: Iterable[Refusal]) -> None:
    """Puts each refusal beside the field that it names; those that name none stand at the top of the form."""
    for refusal in refusals:
        field = form._fields.get(refusal.field or "")
        if field is not None:
            field.errors = [*field.errors, say(refusal.message)]
        else:
            form.form_errors.append(say(refusal.message))


Draft = TypeVar("Draft", bound=BaseForm)


def with_what_is_right(written: Draft, stored: Draft) -> Draft:
    """The form of what is stored, with each field of the written one in which nothing is wrong. Both are of one kind;
    fields that are tied together stand or fall together."""
    wrong = {field.short_name for field in written if field.errors}
    wrong = wrong.union(*(group for group in written.tied if group & wrong))
    for field in written:
        if field.short_name not in wrong:
            stored._fields[field.short_name] = field
            setattr(stored, field.short_name, field)
    return stored


def own_ids(form: BaseForm, prefix: str) -> None:
    """Makes the ids of fields differ where a page holds several forms of a kind; their names need not."""
    for field in form:
        field.id = field.label.field_id = f"{prefix}-{field.name}"


def needed(message: str) -> Callable[[Any, Any], None]:
    """Asks for what was left empty; what cannot be read has its own message already."""

    def check(_form: Any, field: Any) -> None:
        if not field.data and not field.errors:
            raise StopValidation(message)

    return check


def day_of(field: PlainDateField) -> date:
    """The day of a field that is valid and needed."""
    if field.data is None:
        raise ValueError(f"{field.name} was not validated")
    return field.data


class OneOf(SelectField):
    """One choice of several; a value that is not among them is refused in words."""

    def pre_validate(self, form: Any) -> None:
        if self.data not in {value for value, *_ in self.iter_choices()}:
            raise ValidationError("Choose one of the list.")


def within(limit: int | None) -> Callable[[Any, Any], None]:
    """Refuses a text with more characters than the section allows; what was typed stays in the field."""

    def check(_form: Any, field: Any) -> None:
        count = len(field.data or "")
        if limit is not None and count > limit:
            raise ValidationError(f"{count:,} characters; up to {limit:,} are allowed. Take {count - limit:,} off.")

    return check


def at_most(limit: int, what: str) -> Length:
    """Refuses a text of more characters; `what` begins the sentence that says so."""
    return Length(max=limit, message=f"{what} can have at most {limit} characters.")


class ButtonForm(BaseForm):
    """A button, and nothing else."""
