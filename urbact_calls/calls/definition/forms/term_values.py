"""Terms of a call as they are typed: the fields of each kind, and the value behind what was typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from wtforms import RadioField, SelectField, StringField
from wtforms.validators import Length

from urbact_calls.domain.eligibility.rulebook import RULEBOOK
from urbact_calls.domain.money import Euro, Rate
from urbact_calls.domain.network_types import KINDS, kind_of, rules_of
from urbact_calls.domain.network_types.fields import FieldKind
from urbact_calls.domain.scoring.grid import Criterion
from urbact_calls.domain.term_words import WORDS, in_words, label_of, may_be_empty
from urbact_calls.domain.terms import CallTerms, CofinancingTerm, CostMethod, CostTerm, LabelRegister, LabelRequirement
from urbact_calls.domain.vocabulary import CostCategory, CountryGroup, Fund, RegionCategory
from urbact_calls.domain.words import NoSuchHour, instant_of, wall_time
from urbact_calls.reference.countries import iso_codes
from urbact_calls.web.forms import EuroField, PlainDateField, PlainIntegerField, SelectChoice, readable

PREFIX = "value"
VALUE = PREFIX
LONGEST_TITLE = 150
_PERCENT = re.compile(r"(?P<whole>[0-9]{1,3})(?:[.,](?P<rest>[0-9]{1,2}))?")
_HOUR = re.compile(r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})")
CURABLE = ("documents.lead_letter", "documents.partner_letters")


class TermFault(ValueError):
    """What was typed is no value of this term."""

    def __init__(self, message: str, field: str = VALUE) -> None:
        super().__init__(message)
        self.field = field


def one(value: Any) -> Mapping[str, Any]:
    return {VALUE: value}


def _given(name: str, value: Any) -> Any:
    """Nothing is a value only where the term may be without one."""
    if value in (None, "") and not may_be_empty(name):
        raise TermFault("Type a value: this term cannot be left open.")
    return None if value == "" else value


def _label(name: str) -> str:
    return WORDS[name].label


def _hint(name: str) -> str:
    empty = "Leave it empty for “not limited”, or if it is not known." if may_be_empty(name) else ""
    return " ".join(part for part in (f"In {WORDS[name].unit}." if WORDS[name].unit else "", empty) if part)


def text_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    longest = Length(max=LONGEST_TITLE, message=f"It can have at most {LONGEST_TITLE} characters.")
    return {VALUE: StringField(_label(name), [readable, longest])}


def read_text(form: Any, name: str) -> str:
    return str(_given(name, " ".join((form.value.data or "").split())))


def number_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    return {VALUE: PlainIntegerField(_label(name), description=_hint(name))}


def read_number(form: Any, name: str) -> int | None:
    number: int | None = _given(name, form.value.data)
    words = WORDS[name]
    if number is not None and not words.least <= number <= words.most:
        raise TermFault(f"Type a number from {words.least} to {words.most}.")
    return number


def money_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    return {VALUE: EuroField(_label(name), description=_hint(name))}


def shown_money(value: Euro | None) -> Mapping[str, Any]:
    return one(None if value is None else value.cents)


def read_money(form: Any, name: str) -> Euro | None:
    cents = _given(name, form.value.cents)
    return None if cents is None else Euro(cents)


def rate_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    return {VALUE: StringField(_label(name), [readable], description=f"In percent. {_hint(name)}".strip())}


def shown_rate(value: Rate | None) -> Mapping[str, Any]:
    return one(_percent(value))


def read_rate(form: Any, name: str) -> Rate | None:
    return None if _given(name, form.value.data) is None else _rate(form.value.data, VALUE)


def _percent(rate: Rate | None) -> str:
    return "" if rate is None else str(rate).replace("%", "").strip()


def _rate(typed: str, field: str) -> Rate:
    match = _PERCENT.fullmatch(typed.replace("%", "").strip())
    basis_points = int(match["whole"]) * 100 + int((match["rest"] or "0").ljust(2, "0")) if match else -1
    if not 0 <= basis_points <= 10_000:
        raise TermFault("Type a rate in percent from 0 to 100, for example 70 or 66.67.", field)
    return Rate(basis_points)


def date_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    return {VALUE: PlainDateField(_label(name), description="Leave it empty if it is not known.")}


def read_date(form: Any, name: str) -> date | None:
    day: date | None = _given(name, form.value.data)
    return day


def instant_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    return {
        VALUE: PlainDateField(f"{_label(name)}, day"),
        "value_hour": StringField(f"{_label(name)}, hour", [readable], description="Paris time, for example 15:00."),
    }


def shown_instant(value: Any) -> Mapping[str, Any]:
    day, hour = wall_time(value)
    return {VALUE: day, "value_hour": hour}


def read_instant(form: Any, name: str) -> Any:
    return typed_instant(_given(name, form.value.data), form.value_hour.data or "", "value_hour")


def typed_instant(day: date | None, hour: str, field: str) -> Any:
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


def yes_no_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    return {VALUE: RadioField(_label(name), choices=[SelectChoice("yes", "Yes"), SelectChoice("no", "No")])}


def shown_yes_no(value: bool) -> Mapping[str, Any]:
    return one("yes" if value else "no")


def read_yes_no(form: Any, name: str) -> bool:
    return str(form.value.data) == "yes"


def region_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    return {VALUE: RadioField(_label(name), choices=[SelectChoice(each.value, each.label) for each in RegionCategory])}


def read_region(form: Any, name: str) -> RegionCategory:
    return RegionCategory(form.value.data)


def label_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    titles = [
        SelectChoice("", "Nothing: any city may lead"),
        *(SelectChoice(each.value, each.label) for each in LabelRegister),
    ]
    year = PlainIntegerField("Year of the label", description="For a Good Practice label only.")
    return {VALUE: RadioField(_label(name), choices=titles), "value_year": year}


def shown_label(value: LabelRequirement | None) -> Mapping[str, Any]:
    return {VALUE: value.register.value if value else "", "value_year": value.year if value else None}


def read_label(form: Any, name: str) -> LabelRequirement | None:
    register, year = form.value.data, form.value_year.data
    if not register:
        return None
    if register == LabelRegister.UIA_PROJECT:
        return LabelRequirement(LabelRegister.UIA_PROJECT)
    if year is None or not 2000 <= year <= 2100:
        raise TermFault("Type the year of the label, for example 2024.", "value_year")
    return LabelRequirement(LabelRegister.GOOD_PRACTICE, year)


class CriteriaField(StringField):
    """Codes of criteria of a grid, with commas between them; `codes` are those that there are."""

    def __init__(self, label: str, validators: list[Any], *, criteria: Sequence[Criterion], **options: Any) -> None:
        known = ", ".join(f"{each.code} {each.title}" for each in criteria)
        super().__init__(label, validators, description=f"Codes with commas between them, of: {known}.", **options)
        self.codes = frozenset(each.code for each in criteria)


def criteria_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    kind = kind_of(terms)
    return {VALUE: CriteriaField(_label(name), [readable], criteria=kind.grid.criteria if kind else ())}


def shown_criteria(value: tuple[str, ...]) -> Mapping[str, Any]:
    return one(", ".join(value))


def read_criteria(form: Any, name: str) -> tuple[str, ...]:
    codes = tuple(code.upper() for code in re.split(r"[\s,;]+", form.value.data or "") if code)
    if len(set(codes)) != len(codes) or not form.value.codes.issuperset(codes):
        raise TermFault("Type codes of criteria of this call, each once, for example C1, C3.")
    return codes


def group_choices() -> list[SelectChoice]:
    return [SelectChoice(group.value, group.label) for group in CountryGroup]


def shown_many(value: tuple[str, ...]) -> Mapping[str, Any]:
    return one([str(each) for each in value])


def read_groups(form: Any, name: str) -> tuple[CountryGroup, ...]:
    groups = tuple(group for group in CountryGroup if group.value in (form.value.data or ()))
    if not groups:
        raise TermFault("Tick at least one group: a call admits somebody.")
    return groups


def rule_choices(name: str, terms: CallTerms) -> list[SelectChoice]:
    codes = CURABLE if name == "curable" else rules_of(terms)
    return [SelectChoice(code, RULEBOOK[code].title) for code in codes]


def read_rules(form: Any, name: str) -> tuple[str, ...]:
    return tuple(sorted(set(form.value.data or ())))


def countries_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    hint = "ISO 3166 codes with commas between them, for example AL, BA."
    return {f"value_{group.value}": StringField(group.label, [readable], description=hint) for group in CountryGroup}


def shown_countries(value: Mapping[CountryGroup, tuple[str, ...]]) -> Mapping[str, Any]:
    return {f"value_{group.value}": ", ".join(value.get(group, ())) for group in CountryGroup}


def read_countries(form: Any, name: str) -> Mapping[CountryGroup, tuple[str, ...]]:
    found: dict[CountryGroup, tuple[str, ...]] = {}
    for group in CountryGroup:
        field = f"value_{group.value}"
        codes = tuple(code.upper() for code in re.split(r"[\s,;]+", form[field].data or "") if code)
        taken = {code for others in found.values() for code in others}
        for code in codes:
            if code not in iso_codes():
                raise TermFault(f"“{code[:20]}” is no ISO 3166 code of a country.", field)
        if len(set(codes)) != len(codes) or taken & set(codes):
            raise TermFault("A country stands in one group, once.", field)
        found[group] = codes
    return found


def cost_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    methods = [
        SelectChoice("", "Not allowed"),
        SelectChoice(CostMethod.REAL_COST.value, "Real cost"),
        SelectChoice(CostMethod.FLAT_RATE_OF_STAFF.value, "Flat rate of staff cost"),
    ]
    found: dict[str, Any] = {}
    for category in CostCategory:
        key = f"value_{category.value}"
        found[key] = SelectField(category.label, choices=methods)
        hint = "In percent of staff cost; the flat rate itself for a flat rate, a ceiling for real cost."
        found[f"{key}_rate"] = StringField(f"{category.label}, rate", [readable], description=hint)
    return found


def shown_costs(value: tuple[CostTerm, ...]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for term in value:
        key = f"value_{term.category.value}"
        found[key] = term.method.value if term.allowed else ""
        found[f"{key}_rate"] = _percent(term.rate or term.rate_ceiling) if term.allowed else ""
    return found


def read_costs(form: Any, name: str) -> tuple[CostTerm, ...]:
    found = []
    for category in CostCategory:
        key = f"value_{category.value}"
        method, typed = form[key].data, form[f"{key}_rate"].data or ""
        rate = _rate(typed, f"{key}_rate") if typed and method else None
        if not method:
            found.append(CostTerm(category, allowed=False))
        elif method == CostMethod.REAL_COST:
            found.append(CostTerm(category, allowed=True, rate_ceiling=rate))
        elif rate is None:
            raise TermFault(f"Type the flat rate of {category.label.lower()}.", f"{key}_rate")
        else:
            found.append(CostTerm(category, allowed=True, method=CostMethod.FLAT_RATE_OF_STAFF, rate=rate))
    return tuple(found)


def cofinancing_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    return {
        f"value_{term.key.replace(' ', '-')}:{term.fund.value}": StringField(
            f"{in_words(term.key).capitalize() if ' ' in term.key or term.key.islower() else term.key}, "
            f"paid by {term.fund.label}",
            [readable],
            description="In percent.",
        )
        for term in terms.cofinancing
    }


def shown_cofinancing(value: tuple[CofinancingTerm, ...]) -> Mapping[str, Any]:
    return {f"value_{term.key.replace(' ', '-')}:{term.fund.value}": _percent(term.rate) for term in value}


def read_cofinancing(form: Any, name: str) -> tuple[CofinancingTerm, ...]:
    found = []
    for field in form.value_fields:
        key, _, fund = field.name.removeprefix("value_").partition(":")
        found.append(CofinancingTerm(key.replace("-", " "), Fund(fund), _rate(field.data or "", field.name)))
    return tuple(found)


# A text of the form must stay something that a person reads.
MOST_CHARACTERS = 20_000


def limit_fields(name: str, terms: CallTerms) -> Mapping[str, Any]:
    """A number for each text of the type's form, with its default as what stands there."""
    kind = KINDS[terms.network_type] if terms.network_type else None
    sections = (*kind.sections, *kind.partner_sections) if kind else ()
    return {
        _name(f"{section.code}.{field.code}"): PlainIntegerField(
            label_of(section, field),
            default=field.limit,
            description=f"From 1 to {_most(field.kind, field.limit):,}.",
            render_kw={"data-most": str(_most(field.kind, field.limit))},
        )
        for section in sections
        for field in section.fields
        if field.is_limited and field.limit is not None
    }


def shown_limits(value: Mapping[str, int]) -> Mapping[str, Any]:
    return {_name(field): limit for field, limit in value.items()}


def read_limits(form: Any, name: str) -> dict[str, int]:
    """Every limit of the form by `section.field`. Raises TermFault for one that is missing or out of bounds."""
    found: dict[str, int] = {}
    for field in form.value_fields:
        most = int(field.render_kw["data-most"])
        if field.data is None or not 1 <= field.data <= most:
            raise TermFault(f"Type a number of characters from 1 to {most:,}.", field.short_name)
        found[field.short_name.removeprefix(f"{PREFIX}_").replace(":", ".")] = field.data
    return found


def _name(field: str) -> str:
    return f"{PREFIX}_{field.replace('.', ':')}"


def _most(kind: FieldKind, default: int | None) -> int:
    """A line is kept in a column of its own or shown in lists: it may be made shorter, not longer."""
    return default or 1 if kind is FieldKind.LINE else MOST_CHARACTERS
