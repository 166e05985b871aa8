"""One form per kind of term: its fields, what stands in them, and the value that was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wtforms import HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from urbact_calls.calls import term_values as values
from urbact_calls.calls.term_values import TermFault
from urbact_calls.calls.term_words import WORDS, TermKind
from urbact_calls.calls.text_limits import limit_fields, read_limits, shown_limits
from urbact_calls.domain.terms import CallTerms
from urbact_calls.web.forms import BaseForm, readable

LONGEST_SOURCE = 300
LONGEST_NOTE = 1000


class ManyField(SelectMultipleField):
    """Boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class VersionedForm(BaseForm):
    """A form that says which version of the call its writer saw."""

    version = HiddenField()

    @property
    def seen_version(self) -> int:
        """The version that the writer saw; -1, which no call has, for anything else."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1


class TermForm(VersionedForm):
    """What every term has besides its value: where it was read, a note, and the version that the writer saw."""

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
    shape: Shape
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


@dataclass(frozen=True, slots=True)
class Shape:
    """How one kind of term is typed: its fields, what stands in them for a value, the value that was typed."""

    fields: Callable[[str, CallTerms], Mapping[str, Any]]
    shown: Callable[[Any], Mapping[str, Any]]
    read: Callable[[Any, str], Any]


SHAPES: Mapping[TermKind, Shape] = {
    TermKind.TEXT: Shape(values.text_fields, values.one, values.read_text),
    TermKind.NUMBER: Shape(values.number_fields, values.one, values.read_number),
    TermKind.MONEY: Shape(values.money_fields, values.shown_money, values.read_money),
    TermKind.RATE: Shape(values.rate_fields, values.shown_rate, values.read_rate),
    TermKind.DATE: Shape(values.date_fields, values.one, values.read_date),
    TermKind.INSTANT: Shape(values.instant_fields, values.shown_instant, values.read_instant),
    TermKind.YES_NO: Shape(values.yes_no_fields, values.shown_yes_no, values.read_yes_no),
    TermKind.REGION: Shape(values.region_fields, values.one, values.read_region),
    TermKind.LABEL: Shape(values.label_fields, values.shown_label, values.read_label),
    TermKind.CRITERIA: Shape(values.criteria_fields, values.shown_criteria, values.read_criteria),
    TermKind.GROUPS: Shape(
        lambda name, terms: {values.VALUE: ManyField(WORDS[name].label, choices=values.group_choices())},
        values.shown_many,
        values.read_groups,
    ),
    TermKind.RULES: Shape(
        lambda name, terms: {values.VALUE: ManyField(WORDS[name].label, choices=values.rule_choices(name, terms))},
        values.shown_many,
        values.read_rules,
    ),
    TermKind.COUNTRIES: Shape(values.countries_fields, values.shown_countries, values.read_countries),
    TermKind.COSTS: Shape(values.cost_fields, values.shown_costs, values.read_costs),
    TermKind.LIMITS: Shape(limit_fields, shown_limits, read_limits),
    TermKind.COFINANCING: Shape(values.cofinancing_fields, values.shown_cofinancing, values.read_cofinancing),
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
