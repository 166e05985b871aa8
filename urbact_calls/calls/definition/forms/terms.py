"""Forms of a call: a new one, one form for each kind of term, confirming terms, publishing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.core import Field
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from urbact_calls.calls.definition.forms import term_values as values
from urbact_calls.calls.definition.forms.term_values import (
    LONGEST_TITLE,
    TermFault,
    limit_fields,
    read_limits,
    shown_limits,
    typed_instant,
)
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.term_words import WORDS, TermKind
from urbact_calls.domain.terms import CallTerms
from urbact_calls.web.forms import BaseForm, PlainDateField, SelectChoice, VersionField, readable


@dataclass(frozen=True, slots=True)
class TermShape:
    """How one kind of term is typed: its fields, what stands in them for a value, the value that was typed."""

    fields: Callable[[str, CallTerms], Mapping[str, Any]]
    shown: Callable[[Any], Mapping[str, Any]]
    read: Callable[[Any, str], Any]


LONGEST_SOURCE = 300
LONGEST_NOTE = 1000


class ManyField(SelectMultipleField):
    """Boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class TermForm(BaseForm):
    """What every term has besides its value: where it was read, a note, and the version that the writer saw."""

    version = VersionField()
    source = StringField(
        "Source",
        [readable, Length(max=LONGEST_SOURCE, message=f"The source can have at most {LONGEST_SOURCE} characters.")],
        description="Where this value was read or decided, for example “Terms of Reference, section 4”.",
    )
    note = TextAreaField(
        "Note",
        [readable, Length(max=LONGEST_NOTE, message=f"The note can have at most {LONGEST_NOTE} characters.")],
        description="Shown beside the value, also to the public.",
    )
    term: str
    shape: TermShape
    typed: Any = None

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        try:
            self.typed = self.shape.read(self, self.term)
        except TermFault as fault:
            field = self._fields[fault.field]
            field.errors = [*field.errors, str(fault)]
            return False
        return True

    @property
    def value_fields(self) -> list[Any]:
        """The fields of the value, in order."""
        return [field for name, field in self._fields.items() if name.startswith(values.PREFIX)]


SHAPES: Mapping[TermKind, TermShape] = {
    TermKind.TEXT: TermShape(values.text_fields, values.one, values.read_text),
    TermKind.NUMBER: TermShape(values.number_fields, values.one, values.read_number),
    TermKind.MONEY: TermShape(values.money_fields, values.shown_money, values.read_money),
    TermKind.RATE: TermShape(values.rate_fields, values.shown_rate, values.read_rate),
    TermKind.DATE: TermShape(values.date_fields, values.one, values.read_date),
    TermKind.INSTANT: TermShape(values.instant_fields, values.shown_instant, values.read_instant),
    TermKind.YES_NO: TermShape(values.yes_no_fields, values.shown_yes_no, values.read_yes_no),
    TermKind.REGION: TermShape(values.region_fields, values.one, values.read_region),
    TermKind.LABEL: TermShape(values.label_fields, values.shown_label, values.read_label),
    TermKind.CRITERIA: TermShape(values.criteria_fields, values.shown_criteria, values.read_criteria),
    TermKind.GROUPS: TermShape(
        lambda name, terms: {values.VALUE: ManyField(WORDS[name].label, choices=values.group_choices())},
        values.shown_many,
        values.read_groups,
    ),
    TermKind.RULES: TermShape(
        lambda name, terms: {values.VALUE: ManyField(WORDS[name].label, choices=values.rule_choices(name, terms))},
        values.shown_many,
        values.read_rules,
    ),
    TermKind.COUNTRIES: TermShape(values.countries_fields, values.shown_countries, values.read_countries),
    TermKind.COSTS: TermShape(values.cost_fields, values.shown_costs, values.read_costs),
    TermKind.LIMITS: TermShape(limit_fields, shown_limits, read_limits),
    TermKind.COFINANCING: TermShape(values.cofinancing_fields, values.shown_cofinancing, values.read_cofinancing),
}


def term_form(name: str, terms: CallTerms, version: int, *, formdata: Any = None) -> TermForm:
    """The form of one term, filled with what the call holds; `formdata` replaces it with what was typed."""
    shape = SHAPES[WORDS[name].kind]
    kind = type("TermFormOf", (TermForm,), {**shape.fields(name, terms), "term": name, "shape": shape})
    known = terms.provenance.get(name)
    shown = {
        "version": str(version),
        "source": known.source if known else "",
        "note": known.note if known else "",
        **shape.shown(getattr(terms, name)),
    }
    # What a form leaves out was not typed: it must not be read as what the call holds.
    form: TermForm = kind(formdata=formdata, data=shown if formdata is None else {})
    return form


_CODE = re.compile(r"[A-Z]{2,4}[-_ ]?[A-Z0-9]{2,12}", re.IGNORECASE)


class PublishForm(BaseForm):
    """A button, and the version that it publishes."""

    version = VersionField()


class ConfirmTermsForm(BaseForm):
    """The terms that one source confirms."""

    version = VersionField()
    names = ManyField("Terms that this source confirms", choices=[])
    source = StringField(
        "Source",
        [readable, Length(max=LONGEST_SOURCE, message=f"The source can have at most {LONGEST_SOURCE} characters.")],
        description="The document or page in which you read all of the ticked values.",
    )


class NewCallForm(BaseForm):
    """A call to be made."""

    code = StringField(
        "Code", [InputRequired("Type a code."), readable], description="Type and year, for example TN-2027."
    )
    title = StringField(
        "Title",
        [
            InputRequired("Type a title."),
            readable,
            Length(max=LONGEST_TITLE, message=f"The title can have at most {LONGEST_TITLE} characters."),
        ],
    )
    network_type = RadioField("Type of network", choices=[SelectChoice(kind.value, kind.label) for kind in KINDS])
    copied_from = SelectField(
        "Terms to start with",
        choices=[],
        description="They are a proposal: each must be confirmed before the call can be published.",
    )
    opens_day = PlainDateField("Opens, day")
    opens_hour = StringField("Opens, hour", [readable], description="Paris time, for example 09:00.")
    closes_day = PlainDateField("Closes, day")
    closes_hour = StringField("Closes, hour", [readable], description="Paris time, for example 15:00.")
    opens_at: datetime
    closes_at: datetime

    def validate_code(self, field: Field) -> None:
        text = str(field.data or "")
        if _CODE.fullmatch(text) is None or "-" not in text.replace("_", "-").replace(" ", "-"):
            raise ValidationError("Type a code of letters, a hyphen, and letters or digits, for example TN-2027.")
        if text.upper().endswith("DEMO"):
            raise ValidationError("Codes that end in DEMO belong to the demonstration.")

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = super().validate(extra_validators)
        for name in ("opens", "closes"):
            day, hour = self[f"{name}_day"], self[f"{name}_hour"]
            if day.errors or hour.errors:
                continue
            try:
                setattr(self, f"{name}_at", typed_instant(day.data, hour.data or "", "hour"))
            except TermFault as fault:
                field = hour if fault.field == "hour" else day
                field.errors = [*field.errors, str(fault)]
                is_valid = False
        return is_valid
