"""Reader of the exchange format: from text to dossiers."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any

import pycountry
from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, Strict, TypeAdapter, ValidationInfo

from urbact_calls.domain.dossier import (
    BudgetFacts,
    BudgetLine,
    Dossier,
    FinancingLine,
    OtherApplication,
    PartnerFacts,
    Schedule,
)
from urbact_calls.domain.money import Euro
from urbact_calls.domain.network_types import kind_of
from urbact_calls.domain.network_types.fields import TICKED, table_text
from urbact_calls.domain.network_types.form import DECLARATIONS, WORK_PLAN
from urbact_calls.domain.network_types.kind import NetworkKind
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import CostCategory, Fund, PartnerKind, PartnerRole, RegionCategory
from urbact_calls.exchange.strict_fields import (
    FilledText,
    Given,
    Several,
    StrictFields,
    Text,
    WrittenAs,
    one_of,
    only,
    read_as,
    whole,
    within,
)
from urbact_calls.exchange.strict_json import ExchangeFault, check, load
from urbact_calls.reference.countries import iso_codes
from urbact_calls.reference.known_calls import historic_terms
from urbact_calls.reference.known_networks import look_up_region
from urbact_calls.reference.registers import look_up

FORMAT = "urbact-dossier/1"
HIGHEST_CENTS = 10**15 - 1

TermsOf = Callable[[str], CallTerms]


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One dossier as it came in: the caller's name for it (or `#n`), the facts and the terms of its call."""

    id: str
    dossier: Dossier
    terms: CallTerms


@dataclass(slots=True)
class _Progress:
    """What later fields of a dossier need of earlier ones; fields are read in the order of their class."""

    terms_of: TermsOf
    terms: CallTerms | None = None
    partners: int = 0


def read(text: str, terms_of: TermsOf = historic_terms) -> list[Exchanged]:
    """The dossiers of a text that holds one object or a list of objects.

    `terms_of` gives the terms of a call and raises KeyError for an unknown code. Raises ExchangeFault at the first
    fault.
    """
    value = load(text)
    dossiers = value if isinstance(value, list) else [value]
    return [_read_one(item, number, terms_of) for number, item in enumerate(dossiers, start=1)]


def _read_one(value: Any, number: int, terms_of: TermsOf) -> Exchanged:
    given = value.get("id") if isinstance(value, dict) else None
    name = given if isinstance(given, str) and given.strip() else f"#{number}"
    progress = _Progress(terms_of)
    try:
        check(value)
        fields = read_as(DossierFields, value, progress)
    except ExchangeFault as fault:
        raise ExchangeFault(fault.what, fault.where, name) from fault
    assert progress.terms is not None  # noqa: S101 -- the call is required, and its validator keeps the terms
    return Exchanged(name, fields.facts(progress.terms), progress.terms)


def _format(text: str) -> str:
    if text != FORMAT:
        raise ValueError(f'unknown format "{text}", {FORMAT} is known')
    return text


def _terms(code: str, progress: _Progress) -> CallTerms:
    try:
        return progress.terms_of(code)
    except KeyError as error:
        raise ValueError(f'unknown call "{code}"') from error


def _progress(info: ValidationInfo) -> _Progress:
    assert isinstance(info.context, _Progress)  # noqa: S101 -- given by `_read_one`
    return info.context


def _own_call(code: str, info: ValidationInfo) -> str:
    _progress(info).terms = _terms(code, _progress(info))
    return code


def _call(code: str, info: ValidationInfo) -> str:
    return _terms(code, _progress(info)).code


def _instant(text: str) -> datetime:
    # A day alone and a space for the T are read by Python and are not instants of ISO 8601.
    wrong = f'"{text}" is not an ISO 8601 instant'
    if not (text.isascii() and "T" in text):
        raise ValueError(wrong)
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(wrong) from error
    raise ValueError(f'"{text}" has no offset from UTC')


def _day(text: str) -> date:
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f'"{text}" is not a day such as 2023-06-01') from error


@cache
def _language_codes() -> frozenset[str]:
    codes = (getattr(language, name, None) for language in pycountry.languages for name in ("alpha_2", "alpha_3"))
    return frozenset(code for code in codes if code)


def _one_of_codes(codes: Callable[[], Collection[str]], what: str) -> AfterValidator:
    def known(code: str) -> str:
        if code not in codes():
            raise ValueError(f'"{code}" is not an {what}')
        return code

    return AfterValidator(known)


def _partner_number(number: int, info: ValidationInfo) -> int:
    return within(number, 1, _progress(info).partners)


Country = Annotated[Text, _one_of_codes(iso_codes, "ISO 3166 country of two letters")]
Language = Annotated[Text, _one_of_codes(_language_codes, "ISO 639 language such as en")]
Day = Annotated[date, WrittenAs(Text, _day, date)]
Instant = Annotated[datetime, WrittenAs(Text, _instant, datetime)]
Amount = Annotated[Euro, WrittenAs(Text, Euro.parse)]
Cents = Annotated[Euro, WrittenAs(Annotated[int, whole(0, HIGHEST_CENTS)], Euro)]
PartnerNumber = Annotated[int, AfterValidator(_partner_number)]


class PartnerFields(StrictFields):
    """One organisation of the partnership."""

    name: FilledText
    seat_city: Text
    country: Country
    role: Annotated[PartnerRole, one_of(PartnerRole)]
    kind: Annotated[PartnerKind, one_of(PartnerKind)]
    nuts2: Text
    region_category: Annotated[RegionCategory, one_of(RegionCategory)] | None
    letter_of_commitment: bool


def _with_one_lead(partners: list[PartnerFields], info: ValidationInfo) -> list[PartnerFields]:
    leads = sum(partner.role is PartnerRole.LEAD for partner in partners)
    if leads != 1:
        raise ValueError(f"exactly one lead partner is expected, {leads} found")
    _progress(info).partners = len(partners)
    return partners


def _pair(value: Any) -> Any:
    if isinstance(value, list) and len(value) != 2:
        raise ValueError("a name and a country are expected")
    return value


class OtherApplicationFields(StrictFields):
    """Another application of the same call; only who leads it."""

    call: Annotated[str, AfterValidator(_call)]
    title: Text
    # Not strict, because JSON has lists where Python has pairs.
    lead: Annotated[tuple[FilledText, Country], Strict(False), BeforeValidator(_pair)]


class PracticeFields(StrictFields):
    """A Good Practice or UIA project by its title."""

    title: FilledText


def _practice(value: Any) -> str:
    if isinstance(value, dict):
        return PracticeFields.model_validate(value).title
    return _FILLED_TEXT.validate_python(value, strict=True)


def _practices(value: Any) -> tuple[str, ...]:
    """One practice as text or as an object with its title, or a list of these."""
    return tuple(_PRACTICES.validate_python(value)) if isinstance(value, list) else (_practice(value),)


Practice = Annotated[str, PlainValidator(_practice, json_schema_input_type=str | PracticeFields)]
_FILLED_TEXT: TypeAdapter[str] = TypeAdapter(FilledText)
_PRACTICES: TypeAdapter[list[str]] = TypeAdapter(Several[Practice])


class BudgetLineFields(StrictFields):
    """Planned cost of one partner, counted from 1, in one category."""

    partner: PartnerNumber
    category: Annotated[CostCategory, one_of(CostCategory)]
    amount: Cents = Field(alias="amount_cents")


class FinancingLineFields(StrictFields):
    """Who pays for one partner, counted from 1."""

    partner: PartnerNumber
    fund: Annotated[Fund, one_of(Fund)]
    fund_amount: Cents = Field(alias="fund_cents")
    own_amount: Cents = Field(alias="own_cents")


def _one_per_category(lines: list[BudgetLineFields]) -> list[BudgetLineFields]:
    if len({(line.partner, line.category) for line in lines}) < len(lines):
        raise ValueError("a partner has two lines for one category")
    return lines


def _one_each(lines: list[FinancingLineFields]) -> list[FinancingLineFields]:
    if len({line.partner for line in lines}) < len(lines):
        raise ValueError("a partner has two lines")
    return lines


class BudgetFields(StrictFields):
    """The grid of partners and cost categories, and the financing plan where there is one."""

    lines: Annotated[Several[BudgetLineFields], AfterValidator(_one_per_category)]
    financing: Given[Annotated[Several[FinancingLineFields], AfterValidator(_one_each)]] = None

    def facts(self) -> BudgetFacts:
        financing = None if self.financing is None else tuple(FinancingLine(**dict(line)) for line in self.financing)
        return BudgetFacts(lines=tuple(BudgetLine(**dict(line)) for line in self.lines), financing=financing)


class ScheduleFields(StrictFields):
    """First and last day of the planned network."""

    start: Day
    end: Day


def _in_order(schedule: ScheduleFields) -> ScheduleFields:
    if schedule.end < schedule.start:
        raise ValueError("the end lies before the start")
    return schedule


# Each work package was one text; that of the fourth, communication, is still asked beside the table.
EARLIER_FIELDS: Mapping[str, tuple[str, ...]] = {WORK_PLAN.code: ("management", "transnational", "local_level")}
"""By section, the fields that are asked no more."""


def renewed(section: str, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers of a section to the questions of today: texts of work packages become their activities."""
    old = EARLIER_FIELDS.get(section, ())
    kept = {code: answer for code, answer in answers.items() if code not in old}
    if any(answers.get(code) for code in old) and not kept.get("work_packages"):
        table = WORK_PLAN.field("work_packages")
        kept["work_packages"] = table_text(table, [{"activities": answers.get(code, "")} for code in (*old, "")])
    return kept


def _spelled_out(value: Any, info: ValidationInfo) -> Any:
    """Sections with exactly the questions of the type; one with a single question may be that text alone."""
    terms = _progress(info).terms
    if terms is None or not isinstance(value, dict):
        return value
    kind = kind_of(terms)
    form = {each.code: each.fields for each in kind.sections if each.code != DECLARATIONS.code} if kind else {}
    sections = {}
    for code, section in only(value, form).items():
        asked = [field.code for field in form[code]]
        only(section, {*asked, *EARLIER_FIELDS.get(code, ())}, at=(code,))
        sections[code] = {asked[0]: section} if isinstance(section, str) and len(asked) == 1 else section
    return sections


Answers = Annotated[
    dict[str, dict[str, Text]],
    BeforeValidator(_spelled_out, json_schema_input_type=dict[str, str | dict[str, str]]),
    AfterValidator(lambda sections: {code: renewed(code, answers) for code, answers in sections.items()}),
]
Declared = Annotated[dict[str, bool], BeforeValidator(lambda value: only(value, [f.code for f in DECLARATIONS.fields]))]


class DossierFields(StrictFields):
    """One application in the exchange format urbact-dossier/1."""

    format: Annotated[str, AfterValidator(_format), Field(json_schema_extra={"const": FORMAT})]
    id: Given[FilledText] = None
    call: Annotated[str, AfterValidator(_own_call)]
    partners: Annotated[Several[PartnerFields], AfterValidator(_with_one_lead)]
    sections: Given[Answers] = None
    declarations: Given[Declared] = None
    acronym: Given[Text] = None
    title: Given[Text] = None
    submitted_at: Given[Instant] = None
    budget_total: Given[Amount] = Field(
        None, alias="budget_total_eur", description="Euros with a point before the cents, as text."
    )
    other_applications: Given[Several[OtherApplicationFields]] = None
    practices: Given[
        Annotated[tuple[str, ...], PlainValidator(_practices, json_schema_input_type=Practice | list[Practice])]
    ] = Field(None, alias="practice")
    language: Given[Language] = None
    budget: Given[BudgetFields] = None
    schedule: Given[Annotated[ScheduleFields, AfterValidator(_in_order)]] = None
    # Of test cases; left aside.
    origin: Any = None
    expected: Any = None

    def facts(self, terms: CallTerms) -> Dossier:
        """What the rules may read, with what the register of the call says about the lead partner."""
        partners = tuple(
            PartnerFacts(**dict(partner), region=look_up_region(partner.country, partner.nuts2))
            for partner in self.partners
        )
        others = self.other_applications
        return Dossier(
            call=terms.code,
            partners=partners,
            acronym=self.acronym,
            title=self.title,
            submitted_at=self.submitted_at,
            budget_total=self.budget_total,
            other_applications=None
            if others is None
            else tuple(
                OtherApplication(call=each.call, title=each.title, lead_name=each.lead[0], lead_country=each.lead[1])
                for each in others
            ),
            practices=self.practices,
            sections=self.sections,
            sections_missing=self._missing(kind_of(terms)),
            declarations=self.declarations,
            language=self.language,
            budget=self.budget.facts() if self.budget else None,
            schedule=Schedule(**dict(self.schedule)) if self.schedule else None,
            lead_labels=look_up(terms.lead_label, next(partner for partner in partners if partner.is_lead)),
        )

    def _missing(self, kind: NetworkKind | None) -> tuple[str, ...] | None:
        if kind is None or self.sections is None:
            return None
        ticks = {code: TICKED for code, declared in (self.declarations or {}).items() if declared}
        return kind.missing({**self.sections, DECLARATIONS.code: ticks})
