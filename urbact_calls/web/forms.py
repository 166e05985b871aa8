"""Form classes of this program: what is typed comes back, and says beside the field what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    FileField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    PasswordField,
    StringField,
    TextAreaField,
)
from wtforms.fields.core import Field
from wtforms.validators import StopValidation, ValidationError

from urbact_calls.domain.refusal import Refusal
from urbact_calls.domain.text import say
from urbact_calls.web.filters import euro, euro_plain

NO_VERSION = -1
LARGEST_AMOUNT_CENTS = 10_000_000_000_00
_AMOUNT = re.compile(r"(?P<minus>[-+]?)(?P<whole>[0-9]{1,3}(?:[ ,.'][0-9]{3})+|[0-9]+)(?:[.,](?P<cents>[0-9]{1,2}))?")
# Letters that reorder or hide text: a name must read as it is stored.
_HIDDEN = {*"\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\ufffd\ufffe\uffff"}


class BaseForm(FlaskForm):
    """A form whose texts are cleaned the same way everywhere: NFC, one kind of line end, no control characters."""

    class Meta:
        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            kind = unbound_field.field_class
            filters = [*unbound_field.kwargs.get("filters", ())]
            if issubclass(kind, StringField) and not issubclass(kind, PasswordField):
                filters.insert(0, tidy)
            bound: Field = unbound_field.bind(form=form, filters=filters, **options)
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


def tidy(value: Any) -> Any:
    """Text as it is stored: Unicode NFC, line feeds only, no blank around it."""
    if not isinstance(value, str):
        return value
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def readable(_form: Any, field: Field) -> None:
    """Refuses characters that cannot be stored or that hide what is written."""
    value = field.data
    if not isinstance(value, str):
        return
    hidden = unreadable_character(value, multiline=isinstance(field, TextAreaField))
    if hidden is not None:
        raise StopValidation(f"Remove the character U+{ord(hidden):04X}: it cannot be read.")


def unreadable_character(text: str, *, multiline: bool) -> str | None:
    """The first character of a text that cannot be stored or that hides what is written; None if there is none."""
    for character in text:
        if character in "\n\t" and multiline:
            continue
        category = unicodedata.category(character)
        if category in ("Cc", "Cs", "Co", "Cn") or character in _HIDDEN or character in "\u2028\u2029":
            return character
    return None


class EuroField(StringField):
    """An amount in euros, typed as people type it ("1 500,50", "1,500.50"); `cents` is the amount, None if empty.

    What was typed stays in the field when it cannot be read.
    """

    cents: int | None = None

    def process_data(self, value: int | None) -> None:
        self.cents = value
        self.data = euro_plain(value)

    def pre_validate(self, form: Any) -> None:
        self.cents = parse_euro(self.data or "")


def parse_euro(typed: str) -> int | None:
    """Cents of an amount as typed; None for nothing. Raises ValidationError that says what to type instead."""
    text = typed.strip().replace("\u00a0", " ").replace("\u202f", " ").replace("\u2009", " ").replace("’", "'")
    text = text.removeprefix("€").removesuffix("€").strip()
    if not text:
        return None
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise ValidationError("Type an amount in euros, for example 1500 or 1500.50.")
    whole, cents = match["whole"], match["cents"]
    separators = {mark for mark in whole if not mark.isdigit()}
    if len(separators) > 1:
        raise ValidationError("Type an amount in euros, for example 1500 or 1500.50.")
    if cents is None and len(re.findall(r"[,.]", whole)) == 1:
        raise ValidationError("Type the amount without a sign between the thousands: “1.500” could mean two things.")
    amount = int(re.sub(r"[^0-9]", "", whole)[:20] or 0) * 100 + int((cents or "0").ljust(2, "0"))
    if match["minus"] == "-" and amount:
        raise ValidationError("The amount cannot be below zero.")
    if len(whole) > 20 or amount > LARGEST_AMOUNT_CENTS:
        raise ValidationError(f"The amount cannot be more than {euro(LARGEST_AMOUNT_CENTS)}.")
    return amount


class PlainIntegerField(IntegerField):
    """A whole number in ASCII digits, at most nine of them; what was typed stays when it cannot be read."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        text = valuelist[0].strip()
        if re.fullmatch(r"-?[0-9]{1,9}", text) is None:
            self.data = None
            raise ValueError("Type a whole number in digits.")
        self.data = int(text)


class VersionField(HiddenField):
    """The version of what the reader saw. One that cannot be read matches none, so that nothing is overwritten."""

    @property
    def number(self) -> int:
        text = str(self.data or "")
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else NO_VERSION


class PlainDateField(DateField):
    """A date in ASCII digits between 1990 and 2100."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = (valuelist[0] if valuelist else "").strip()
        if not text:
            self.data = None
            return
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
            self.data = None
            raise ValueError("Type the date as year-month-day, for example 2027-03-31.")
        try:
            value = date.fromisoformat(text)
        except ValueError as problem:
            self.data = None
            raise ValueError("This day does not exist.") from problem
        if not 1990 <= value.year <= 2100:
            self.data = None
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
