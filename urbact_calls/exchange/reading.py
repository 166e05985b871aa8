"""From text in the exchange format to dossiers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from typing import TypeVar

import pycountry

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
from urbact_calls.domain.network_types import NetworkKind, kind_of
from urbact_calls.domain.network_types.earlier import EARLIER_FIELDS, renewed
from urbact_calls.domain.network_types.form import DECLARATIONS
from urbact_calls.domain.network_types.kind import TICKED
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import CostCategory, Fund, PartnerKind, PartnerRole, RegionCategory
from urbact_calls.exchange.strict_json import ExchangeFault, Reader, check, load
from urbact_calls.reference.calls import historic_terms
from urbact_calls.reference.countries import iso_codes
from urbact_calls.reference.registers import look_up

FORMAT = "urbact-dossier/1"
REQUIRED = ("format", "call", "partners")
OPTIONAL = (
    *("id", "acronym", "title", "submitted_at", "budget_total_eur", "other_applications", "practice", "sections"),
    *("declarations", "language", "budget", "schedule", "origin", "expected"),
)
PARTNER_FIELDS = (
    *("name", "seat_city", "country", "role", "kind", "nuts2", "region_category", "letter_of_commitment"),
)
HIGHEST_CENTS = 10**15 - 1

Word = TypeVar("Word", bound=StrEnum)
TermsOf = Callable[[str], CallTerms]


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One dossier as it came in: the caller's name for it (or `#n`), the facts and the terms of its call."""

    id: str
    dossier: Dossier
    terms: CallTerms


def read(text: str, terms_of: TermsOf = historic_terms) -> list[Exchanged]:
    """The dossiers of a text that holds one object or a list of objects.

    `terms_of` gives the terms of a call and raises KeyError for an unknown code. Raises ExchangeFault at the first
    fault.
    """
    value = load(text)
    dossiers = value if isinstance(value, list) else [value]
    return [_read_one(Reader(item), number, terms_of) for number, item in enumerate(dossiers, start=1)]


def _read_one(reader: Reader, number: int, terms_of: TermsOf) -> Exchanged:
    given = reader.value.get("id") if isinstance(reader.value, dict) else None
    name = given if isinstance(given, str) and given.strip() else f"#{number}"
    try:
        check(reader.value)
        fields = reader.fields(required=REQUIRED, optional=OPTIONAL)
        if fields["format"].text() != FORMAT:
            raise fields["format"].fault(f'unknown format "{fields["format"].value}", {FORMAT} is known')
        if "id" in fields:
            fields["id"].filled_text()
        terms = _terms(fields["call"], terms_of)
        return Exchanged(name, _dossier(fields, terms, terms_of), terms)
    except ExchangeFault as fault:
        raise ExchangeFault(fault.what, fault.where, name) from fault


def _terms(reader: Reader, terms_of: TermsOf) -> CallTerms:
    try:
        return terms_of(reader.text())
    except KeyError as error:
        raise reader.fault(f'unknown call "{reader.value}"') from error


def _dossier(fields: Mapping[str, Reader], terms: CallTerms, terms_of: TermsOf) -> Dossier:
    partners = _partners(fields["partners"])
    kind = kind_of(terms)
    sections = _sections(fields["sections"], kind) if "sections" in fields else None
    declarations = _declarations(fields["declarations"]) if "declarations" in fields else None
    return Dossier(
        call=terms.code,
        partners=partners,
        acronym=fields["acronym"].text() if "acronym" in fields else None,
        title=fields["title"].text() if "title" in fields else None,
        submitted_at=_instant(fields["submitted_at"]) if "submitted_at" in fields else None,
        budget_total=_amount(fields["budget_total_eur"]) if "budget_total_eur" in fields else None,
        other_applications=_others(fields["other_applications"], terms_of) if "other_applications" in fields else None,
        practices=_practices(fields["practice"]) if "practice" in fields else None,
        sections=sections,
        sections_missing=_missing(kind, sections, declarations),
        declarations=declarations,
        language=_language(fields["language"]) if "language" in fields else None,
        budget=_budget(fields["budget"], len(partners)) if "budget" in fields else None,
        schedule=_schedule(fields["schedule"]) if "schedule" in fields else None,
        lead_labels=look_up(terms.lead_label, next(partner for partner in partners if partner.is_lead)),
    )


def _partners(reader: Reader) -> tuple[PartnerFacts, ...]:
    partners = tuple(_partner(item) for item in reader.items())
    leads = sum(partner.is_lead for partner in partners)
    if leads != 1:
        raise reader.fault(f"exactly one lead partner is expected, {leads} found")
    return partners


def _partner(reader: Reader) -> PartnerFacts:
    fields = reader.fields(required=PARTNER_FIELDS)
    region = fields["region_category"]
    return PartnerFacts(
        name=fields["name"].filled_text(),
        seat_city=fields["seat_city"].text(),
        country=_country(fields["country"]),
        role=_word(fields["role"], PartnerRole),
        kind=_word(fields["kind"], PartnerKind),
        nuts2=fields["nuts2"].text(),
        region_category=None if region.value is None else _word(region, RegionCategory),
        letter_of_commitment=fields["letter_of_commitment"].boolean(),
    )


def _word(reader: Reader, words: type[Word]) -> Word:
    text = reader.text()
    for word in words:
        if word.value == text:
            return word
    raise reader.fault(f'"{text}" is none of {", ".join(words)}')


def _country(reader: Reader) -> str:
    code = reader.text()
    if code not in iso_codes():
        raise reader.fault(f'"{code}" is not an ISO 3166 country of two letters')
    return code


def _instant(reader: Reader) -> datetime:
    text = reader.text()
    # A day alone and a space for the T are read by Python and are not instants of ISO 8601.
    if not (text.isascii() and "T" in text):
        raise reader.fault(f'"{text}" is not an ISO 8601 instant')
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise reader.fault(f'"{text}" has no offset from UTC')
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise reader.fault(f'"{text}" is not an ISO 8601 instant') from error


def _day(reader: Reader) -> date:
    text = reader.text()
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError as error:
        raise reader.fault(f'"{text}" is not a day such as 2023-06-01') from error


def _amount(reader: Reader) -> Euro:
    try:
        return Euro.parse(reader.text())
    except ValueError as error:
        raise reader.fault(str(error)) from error


def _others(reader: Reader, terms_of: TermsOf) -> tuple[OtherApplication, ...]:
    return tuple(_other(item, terms_of) for item in reader.items())


def _other(reader: Reader, terms_of: TermsOf) -> OtherApplication:
    fields = reader.fields(required=("call", "title", "lead"))
    lead = fields["lead"].items()
    if len(lead) != 2:
        raise fields["lead"].fault("a name and a country are expected")
    return OtherApplication(
        call=_terms(fields["call"], terms_of).code,
        title=fields["title"].text(),
        lead_name=lead[0].filled_text(),
        lead_country=_country(lead[1]),
    )


def _practices(reader: Reader) -> tuple[str, ...]:
    """One practice as text or as an object with its title, or a list of these."""
    if isinstance(reader.value, list):
        return tuple(_practice(item) for item in reader.items())
    return (_practice(reader),)


def _practice(reader: Reader) -> str:
    if isinstance(reader.value, dict):
        return reader.fields(required=("title",))["title"].filled_text()
    return reader.filled_text()


def _sections(reader: Reader, kind: NetworkKind | None) -> dict[str, dict[str, str]]:
    """Texts by section and field; a section with one question may be written as that text alone."""
    sections = {}
    for code, section in reader.entries():
        form = None if kind is None else next((each for each in kind.sections if each.code == code), None)
        if form is None or form.code == DECLARATIONS.code:
            raise ExchangeFault(f'unknown field "{code}"', section.path)
        if isinstance(section.value, str) and len(form.fields) == 1:
            sections[code] = {form.fields[0].code: section.text()}
        else:
            answers = section.fields(optional=[*(field.code for field in form.fields), *EARLIER_FIELDS.get(code, ())])
            sections[code] = renewed(code, {field: answer.text() for field, answer in answers.items()})
    return sections


def _declarations(reader: Reader) -> dict[str, bool]:
    fields = reader.fields(optional=[field.code for field in DECLARATIONS.fields])
    return {code: field.boolean() for code, field in fields.items()}


def _missing(
    kind: NetworkKind | None,
    sections: Mapping[str, Mapping[str, str]] | None,
    declarations: Mapping[str, bool] | None,
) -> tuple[str, ...] | None:
    if kind is None or sections is None:
        return None
    ticks = {code: TICKED for code, declared in (declarations or {}).items() if declared}
    return kind.missing({**sections, DECLARATIONS.code: ticks})


@cache
def _language_codes() -> frozenset[str]:
    codes = (getattr(language, name, None) for language in pycountry.languages for name in ("alpha_2", "alpha_3"))
    return frozenset(code for code in codes if code)


def _language(reader: Reader) -> str:
    code = reader.text()
    if code not in _language_codes():
        raise reader.fault(f'"{code}" is not an ISO 639 language such as en')
    return code


def _budget(reader: Reader, partners: int) -> BudgetFacts:
    fields = reader.fields(required=("lines",), optional=("financing",))
    lines = tuple(_budget_line(item, partners) for item in fields["lines"].items())
    if len({(line.partner, line.category) for line in lines}) < len(lines):
        raise fields["lines"].fault("a partner has two lines for one category")
    if "financing" not in fields:
        return BudgetFacts(lines=lines)
    financing = tuple(_financing_line(item, partners) for item in fields["financing"].items())
    if len({line.partner for line in financing}) < len(financing):
        raise fields["financing"].fault("a partner has two lines")
    return BudgetFacts(lines=lines, financing=financing)


def _budget_line(reader: Reader, partners: int) -> BudgetLine:
    fields = reader.fields(required=("partner", "category", "amount_cents"))
    return BudgetLine(
        partner=fields["partner"].whole(lowest=1, highest=partners),
        category=_word(fields["category"], CostCategory),
        amount=_cents(fields["amount_cents"]),
    )


def _financing_line(reader: Reader, partners: int) -> FinancingLine:
    fields = reader.fields(required=("partner", "fund", "fund_cents", "own_cents"))
    return FinancingLine(
        partner=fields["partner"].whole(lowest=1, highest=partners),
        fund=_word(fields["fund"], Fund),
        fund_amount=_cents(fields["fund_cents"]),
        own_amount=_cents(fields["own_cents"]),
    )


def _cents(reader: Reader) -> Euro:
    return Euro(reader.whole(lowest=0, highest=HIGHEST_CENTS))


def _schedule(reader: Reader) -> Schedule:
    fields = reader.fields(required=("start", "end"))
    schedule = Schedule(start=_day(fields["start"]), end=_day(fields["end"]))
    if schedule.end < schedule.start:
        raise reader.fault("the end lies before the start")
    return schedule
