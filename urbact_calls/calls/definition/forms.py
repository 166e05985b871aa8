"""Forms of a call: a new one, one form for each kind of term, confirming terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.core import Field
from wtforms.validators import DataRequired, InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from urbact_calls.domain.eligibility.rulebook import RULEBOOK
from urbact_calls.domain.entries import UnreadableEntry, read_number
from urbact_calls.domain.money import Euro, Rate
from urbact_calls.domain.network_types import KINDS, kind_of, rules_of
from urbact_calls.domain.network_types.fields import FieldKind
from urbact_calls.domain.term_words import WORDS, TermKind, in_words, label_of, may_be_empty
from urbact_calls.domain.terms import CallTerms, CofinancingTerm, CostMethod, CostTerm, LabelRegister, LabelRequirement
from urbact_calls.domain.vocabulary import CostCategory, CountryGroup, RegionCategory
from urbact_calls.domain.words import NoSuchHour, instant_of, wall_time
from urbact_calls.reference.countries import iso_codes
from urbact_calls.web.forms import (
    BaseForm,
    EuroField,
    PlainDateField,
    PlainIntegerField,
    SelectChoice,
    VersionForm,
    at_most,
    readable,
)

# The name of the field of a value; where a value has several fields, the beginning of their names.
VALUE = "value"
LONGEST_TITLE = 150
LONGEST_SOURCE = 300
LONGEST_NOTE = 1000
# A text of the form must stay something that a person reads.
MOST_CHARACTERS = 20_000
CURABLE = ("documents.lead_letter", "documents.partner_letters")
_HOUR = re.compile(r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})")
_CODE = re.compile(r"[A-Z]{2,4}[-_ ]?[A-Z0-9]{2,12}", re.IGNORECASE)


class TermFault(ValueError):
    """What was typed is no value of this term."""

    def __init__(self, message: str, field: str = VALUE) -> None:
        super().__init__(message)
        self.field = field


class ManyField(SelectMultipleField):
    """Boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class RateField(StringField):
    """A rate, typed in percent ("70", "66,67 %")."""

    def process_data(self, value: Rate | None) -> None:
        self.data = "" if value is None else str(value).replace("%", "").strip()

    def rate(self) -> Rate:
        """The rate that was typed. Raises TermFault for what is none, also for nothing."""
        try:
            percent = read_number((self.data or "").replace("%", ""), decimals=2)
        except UnreadableEntry as problem:
            raise TermFault(str(problem), self.short_name) from problem
        if percent is None or not 0 <= percent <= 100:
            raise TermFault("Type a rate in percent from 0 to 100, for example 70 or 66.67.", self.short_name)
        return Rate(int(percent * 100))


class CodesField(StringField):
    """Codes with commas between them."""

    def process_data(self, value: Iterable[str] | None) -> None:
        self.data = ", ".join(value or ())

    def codes(self) -> tuple[str, ...]:
        """The codes that were typed, in capitals."""
        return tuple(code.upper() for code in re.split(r"[\s,;]+", self.data or "") if code)


@dataclass(frozen=True, slots=True)
class TermShape:
    """How one kind of term is typed: its fields, the value that was typed, what stands in the fields for a value."""

    fields: Callable[[str, CallTerms], Mapping[str, Any]]
    read: Callable[[Any], Any] = lambda form: form.value.data
    shown: Callable[[Any], Mapping[str, Any]] = lambda value: {VALUE: value}


class SourceField(StringField):
    """The document or page in which a value was read."""

    def __init__(self, label: str, description: str, **options: Any) -> None:
        super().__init__(label, [readable, at_most(LONGEST_SOURCE, "The source")], description=description, **options)


class TermForm(VersionForm):
    """What every term has besides its value: where it was read, a note, and the version that the writer saw."""

    source = SourceField("Source", "Where this value was read or decided, for example “Terms of Reference, section 4”.")
    note = TextAreaField(
        "Note",
        [readable, at_most(LONGEST_NOTE, "The note")],
        description="Shown beside the value, to the public too where the page of the call shows the term.",
    )
    term: str
    terms: CallTerms
    shape: TermShape
    typed: Any = None

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        try:
            self.typed = given(self.term, self.shape.read(self))
        except TermFault as fault:
            field = self._fields[fault.field]
            field.errors = [*field.errors, str(fault)]
            return False
        return True

    @property
    def value_fields(self) -> list[Any]:
        """The fields of the value, in order."""
        return [field for name, field in self._fields.items() if name.startswith(VALUE)]


def given(name: str, value: Any) -> Any:
    """The value, None for nothing. Raises TermFault for nothing where the term may not be without a value."""
    if value in (None, "") and not may_be_empty(name):
        raise TermFault("Type a value: this term cannot be left open.")
    return None if value == "" else value


def _single(kind: Callable[..., Any], *arguments: Any, **options: Any) -> Callable[[str, CallTerms], Mapping[str, Any]]:
    """One field with the label of the term, its unit, and what it means to leave it empty."""
    return lambda name, terms: {VALUE: kind(WORDS[name].label, *arguments, description=_hint(name), **options)}


def _hint(name: str) -> str:
    words = WORDS[name]
    empty = "if it is not known." if words.kind is TermKind.DATE else "for “not limited”, or if it is not known."
    unit = f"In {words.unit}." if words.unit else ""
    return f"{unit} {f'Leave it empty {empty}' if may_be_empty(name) else ''}".strip()


def _read_number(form: Any) -> int | None:
    number: int | None = form.value.data
    words = WORDS[form.term]
    if number is not None and not words.least <= number <= words.most:
        raise TermFault(f"Type a number from {words.least} to {words.most}.")
    return number


def _instant_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    label = WORDS[name].label
    return {
        VALUE: PlainDateField(f"{label}, day"),
        "value_hour": StringField(f"{label}, hour", [readable], description="Paris time, for example 15:00."),
    }


def _read_instant(form: Any) -> datetime:
    return typed_instant(given(form.term, form.value.data), form.value_hour.data or "", "value_hour")


def typed_instant(day: date | None, hour: str, field: str) -> datetime:
    """The instant of a day and an hour as typed in Paris time."""
    match = _HOUR.fullmatch(hour.strip())
    if match is None or int(match["hour"]) > 23 or int(match["minute"]) > 59:
        raise TermFault("Type the hour as 15:00.", field)
    if day is None:
        raise TermFault("Type the day.")
    try:
        return instant_of(day, time(int(match["hour"]), int(match["minute"])))
    except NoSuchHour as problem:
        raise TermFault(str(problem), field) from problem


def _label_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    titles = [SelectChoice("", "Nothing: any city may lead"), *_choices(LabelRegister)]
    year = PlainIntegerField("Year of the label", description="For a Good Practice label only.")
    return {VALUE: RadioField(WORDS[name].label, choices=titles), "value_year": year}


def _read_label(form: Any) -> LabelRequirement | None:
    register, year = form.value.data, form.value_year.data
    if not register:
        return None
    if register == LabelRegister.UIA_PROJECT:
        return LabelRequirement(LabelRegister.UIA_PROJECT)
    if year is None or not 2000 <= year <= 2100:
        raise TermFault("Type the year of the label, for example 2024.", "value_year")
    return LabelRequirement(LabelRegister.GOOD_PRACTICE, year)


def _criteria(terms: CallTerms) -> Mapping[str, str]:
    kind = kind_of(terms)
    return {each.code: each.title for each in kind.grid.criteria} if kind else {}


def _criteria_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    known = ", ".join(f"{code} {title}" for code, title in _criteria(terms).items())
    hint = f"Codes with commas between them, of: {known}."
    return {VALUE: CodesField(WORDS[name].label, [readable], description=hint)}


def _read_criteria(form: Any) -> tuple[str, ...]:
    codes: tuple[str, ...] = form.value.codes()
    if len(set(codes)) != len(codes) or not set(codes) <= set(_criteria(form.terms)):
        raise TermFault("Type codes of criteria of this call, each once, for example C1, C3.")
    return codes


def _read_groups(form: Any) -> tuple[CountryGroup, ...]:
    groups = tuple(group for group in CountryGroup if group.value in (form.value.data or ()))
    if not groups:
        raise TermFault("Tick at least one group: a call admits somebody.")
    return groups


def _rules_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    codes = CURABLE if name == "curable" else rules_of(terms)
    choices = [SelectChoice(code, RULEBOOK[code].title) for code in codes]
    return {VALUE: ManyField(WORDS[name].label, choices=choices)}


def _countries_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    hint = "ISO 3166 codes with commas between them, for example AL, BA."
    return {f"value_{group.value}": CodesField(group.label, [readable], description=hint) for group in CountryGroup}


def _read_countries(form: Any) -> Mapping[CountryGroup, tuple[str, ...]]:
    found: dict[CountryGroup, tuple[str, ...]] = {}
    for group in CountryGroup:
        field = f"value_{group.value}"
        codes = form[field].codes()
        taken = {code for others in found.values() for code in others}
        for code in codes:
            if code not in iso_codes():
                raise TermFault(f"“{code[:20]}” is no ISO 3166 code of a country.", field)
        if len(set(codes)) != len(codes) or taken & set(codes):
            raise TermFault("A country stands in one group, once.", field)
        found[group] = codes
    return found


def _cost_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    methods = [
        SelectChoice("", "Not allowed"),
        SelectChoice(CostMethod.REAL_COST.value, "Real cost"),
        SelectChoice(CostMethod.FLAT_RATE_OF_STAFF.value, "Flat rate of staff cost"),
    ]
    hint = "In percent of staff cost; the flat rate itself for a flat rate, a ceiling for real cost."
    found: dict[str, Any] = {}
    for category in CostCategory:
        key = f"value_{category.value}"
        found[key] = SelectField(category.label, choices=methods)
        found[f"{key}_rate"] = RateField(f"{category.label}, rate", [readable], description=hint)
    return found


def _shown_costs(value: tuple[CostTerm, ...]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for term in value:
        key = f"value_{term.category.value}"
        found[key] = term.method.value if term.allowed else ""
        found[f"{key}_rate"] = (term.rate or term.rate_ceiling) if term.allowed else None
    return found


def _read_costs(form: Any) -> tuple[CostTerm, ...]:
    found = []
    for category in CostCategory:
        key = f"value_{category.value}"
        method, typed = form[key].data, form[f"{key}_rate"]
        rate = typed.rate() if typed.data and method else None
        if not method:
            found.append(CostTerm(category, allowed=False))
        elif method == CostMethod.REAL_COST:
            found.append(CostTerm(category, allowed=True, rate_ceiling=rate))
        elif rate is None:
            raise TermFault(f"Type the flat rate of {category.label.lower()}.", f"{key}_rate")
        else:
            found.append(CostTerm(category, allowed=True, method=CostMethod.FLAT_RATE_OF_STAFF, rate=rate))
    return tuple(found)


def _cofinancing_name(term: CofinancingTerm) -> str:
    return f"value_{term.key.replace(' ', '-')}:{term.fund.value}"


def _cofinancing_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    return {
        _cofinancing_name(term): RateField(
            f"{in_words(term.key).capitalize() if ' ' in term.key or term.key.islower() else term.key}, "
            f"paid by {term.fund.label}",
            [readable],
            description="In percent.",
        )
        for term in terms.cofinancing
    }


def _read_cofinancing(form: Any) -> tuple[CofinancingTerm, ...]:
    fields = {_cofinancing_name(term): term for term in form.terms.cofinancing}
    return tuple(replace(term, rate=form[field].rate()) for field, term in fields.items())


def _limit_name(field: str) -> str:
    return f"value_{field.replace('.', ':')}"


def _limit_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    """A number for each text of the type's form, with its default as what stands there."""
    texts = KINDS[terms.network_type].limited if terms.network_type else {}
    return {
        _limit_name(text): PlainIntegerField(
            label_of(section, field),
            default=field.limit,
            description=f"From 1 to {_most(field.kind, field.limit):,}.",
            render_kw={"data-most": str(_most(field.kind, field.limit))},
        )
        for text, (section, field) in texts.items()
    }


def _read_limits(form: Any) -> dict[str, int]:
    """Every limit of the form by `section.field`. Raises TermFault for one that is missing or out of bounds."""
    found: dict[str, int] = {}
    for field in form.value_fields:
        most = int(field.render_kw["data-most"])
        if field.data is None or not 1 <= field.data <= most:
            raise TermFault(f"Type a number of characters from 1 to {most:,}.", field.short_name)
        found[field.short_name.removeprefix("value_").replace(":", ".")] = field.data
    return found


def _most(kind: FieldKind, default: int | None) -> int:
    """A line is kept in a column of its own or shown in lists: it may be made shorter, not longer."""
    return default or 1 if kind is FieldKind.LINE else MOST_CHARACTERS


def _choices(words: Iterable[Any]) -> list[SelectChoice]:
    return [SelectChoice(each.value, each.label) for each in words]


SHAPES: Mapping[TermKind, TermShape] = {
    TermKind.TEXT: TermShape(
        _single(StringField, [readable, at_most(LONGEST_TITLE, "It")]),
        read=lambda form: " ".join((form.value.data or "").split()),
    ),
    TermKind.NUMBER: TermShape(_single(PlainIntegerField), _read_number),
    TermKind.MONEY: TermShape(
        _single(EuroField),
        read=lambda form: None if form.value.cents is None else Euro(form.value.cents),
        shown=lambda value: {VALUE: None if value is None else value.cents},
    ),
    TermKind.RATE: TermShape(
        _single(RateField, [readable]), read=lambda form: form.value.rate() if form.value.data else None
    ),
    TermKind.DATE: TermShape(_single(PlainDateField)),
    TermKind.INSTANT: TermShape(
        _instant_fields,
        _read_instant,
        shown=lambda value: dict(zip((VALUE, "value_hour"), wall_time(value), strict=True)),
    ),
    TermKind.YES_NO: TermShape(
        _single(RadioField, choices=[SelectChoice("yes", "Yes"), SelectChoice("no", "No")]),
        read=lambda form: form.value.data == "yes",
        shown=lambda value: {VALUE: "yes" if value else "no"},
    ),
    TermKind.REGION: TermShape(
        _single(RadioField, choices=_choices(RegionCategory)), read=lambda form: RegionCategory(form.value.data)
    ),
    TermKind.LABEL: TermShape(
        _label_fields,
        _read_label,
        shown=lambda value: {VALUE: value.register if value else "", "value_year": value.year if value else None},
    ),
    TermKind.CRITERIA: TermShape(_criteria_fields, _read_criteria),
    TermKind.GROUPS: TermShape(_single(ManyField, choices=_choices(CountryGroup)), _read_groups),
    TermKind.RULES: TermShape(_rules_fields, read=lambda form: tuple(sorted(set(form.value.data or ())))),
    TermKind.COUNTRIES: TermShape(
        _countries_fields,
        _read_countries,
        shown=lambda value: {f"value_{group.value}": codes for group, codes in value.items()},
    ),
    TermKind.COSTS: TermShape(_cost_fields, _read_costs, _shown_costs),
    TermKind.LIMITS: TermShape(
        _limit_fields,
        _read_limits,
        shown=lambda value: {_limit_name(field): limit for field, limit in value.items()},
    ),
    TermKind.COFINANCING: TermShape(
        _cofinancing_fields,
        _read_cofinancing,
        shown=lambda value: {_cofinancing_name(term): term.rate for term in value},
    ),
}


def term_form(name: str, terms: CallTerms, version: int, *, formdata: Any = None) -> TermForm:
    """The form of one term, filled with what the call holds; `formdata` replaces it with what was typed."""
    shape = SHAPES[WORDS[name].kind]
    kind = type("TermFormOf", (TermForm,), {**shape.fields(name, terms), "term": name, "terms": terms, "shape": shape})
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


class ConfirmTermsForm(VersionForm):
    """The terms that one source confirms."""

    names = ManyField("Terms that this source confirms", choices=[])
    source = SourceField("Source", "The document or page in which you read all of the ticked values.")


class NewCallForm(BaseForm):
    """A call to be made."""

    code = StringField(
        "Code", [InputRequired("Type a code."), readable], description="Type and year, for example TN-2027."
    )
    title = StringField("Title", [DataRequired("Type a title."), readable, at_most(LONGEST_TITLE, "The title")])
    network_type = RadioField("Type of network", choices=_choices(KINDS))
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
