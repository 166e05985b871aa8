"""Words for the terms of a call: what each is called, which kind of figure it is, and how its value reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from urbact_calls.domain.eligibility.rulebook import RULEBOOK
from urbact_calls.domain.money import Euro
from urbact_calls.domain.network_types import kind_of
from urbact_calls.domain.network_types.fields import Field, Section
from urbact_calls.domain.terms import CallTerms, CofinancingTerm, CostMethod, CostTerm, LabelRequirement
from urbact_calls.domain.text import say, texts
from urbact_calls.domain.vocabulary import Word
from urbact_calls.domain.words import day, euro, when


class TermKind(StrEnum):
    """How a term is typed."""

    TEXT = "text"
    INSTANT = "instant"
    DATE = "date"
    NUMBER = "number"
    MONEY = "money"
    RATE = "rate"
    YES_NO = "yes_no"
    GROUPS = "groups"
    COUNTRIES = "countries"
    REGION = "region"
    LABEL = "label"
    RULES = "rules"
    CRITERIA = "criteria"
    COSTS = "costs"
    COFINANCING = "cofinancing"
    LIMITS = "limits"


@dataclass(frozen=True, slots=True)
class TermWords:
    """A term in words. `least` and `most` bound a number."""

    label: str
    kind: TermKind
    unit: str = ""
    least: int = 0
    most: int = 1000


K = TermKind
GROUPS: Mapping[str, Mapping[str, TermWords]] = {
    "Name and dates": {
        "title": TermWords("Title", K.TEXT),
        "opens_at": TermWords("Opens", K.INSTANT),
        "closes_at": TermWords("Closes", K.INSTANT),
        "tolerance_seconds": TermWords("Tolerance after closing", K.NUMBER, "seconds", most=3600),
        "decision_date": TermWords("Decision of the Monitoring Committee", K.DATE),
        "network_start": TermWords("Networks start", K.DATE),
        "network_end": TermWords("Networks end", K.DATE),
        "duration_months": TermWords("Duration of a network", K.NUMBER, "months", least=1, most=120),
    },
    "Partnership": {
        "partners_min": TermWords("Partners, at least", K.NUMBER, "partners", least=1, most=100),
        "partners_max": TermWords("Partners, at most", K.NUMBER, "partners", least=1, most=100),
        "countries_min": TermWords("Countries, at least", K.NUMBER, least=1, most=60),
        "per_country_max": TermWords("Project partners per country, at most", K.NUMBER, least=1, most=100),
        "per_country_counts_lead": TermWords("The lead partner counts in that limit", K.YES_NO),
        "non_city_max": TermWords("Partners that are no city, at most", K.NUMBER, most=100),
        "agency_counts_as_city": TermWords("Agencies owned by a city count as cities", K.YES_NO),
        "lead_label": TermWords("What the lead partner must hold", K.LABEL),
        "lead_max": TermWords("Applications that one city may lead, at most", K.NUMBER, least=1),
        "participation_max": TermWords("Applications that one city may take part in, at most", K.NUMBER, least=1),
    },
    "Countries and regions": {
        "country_groups": TermWords("Countries of each group", K.COUNTRIES),
        "admitted_groups": TermWords("Groups of countries that may take part", K.GROUPS),
        "ipa_can_lead": TermWords("Cities of IPA countries may lead", K.YES_NO),
        "ipa_max": TermWords("Partners from IPA countries, at most", K.NUMBER, most=100),
        "ndici_max": TermWords("Partners from NDICI countries, at most", K.NUMBER, most=100),
        "balance_share": TermWords("Partners in less developed or transition regions, at least", K.RATE, "percent"),
        "ipa_ndici_count_as": TermWords("IPA and NDICI partners count as", K.REGION),
        "no_ch_count_as": TermWords("Norwegian and Swiss partners count as", K.REGION),
    },
    "Money": {
        "budget_ceiling": TermWords("Budget of a network, at most", K.MONEY),
        "expertise_envelope": TermWords("Expertise envelope of a network", K.MONEY),
        "expert_days_max": TermWords("Days of experts, at most", K.NUMBER, "days", most=10_000),
        "expert_daily_fee": TermWords("Daily fee of an expert", K.MONEY),
        "cost_categories": TermWords("Cost categories", K.COSTS),
        "cofinancing": TermWords("What the funds pay at most", K.COFINANCING),
        "networks_max": TermWords("Networks to be approved, at most", K.NUMBER),
        "call_budget": TermWords("Budget of the call", K.MONEY),
    },
    "Application form": {
        "text_limits": TermWords("Characters that a text of the form may have", K.LIMITS),
    },
    "Eligibility and assessment": {
        "advisory": TermWords("Rules that warn and never exclude", K.RULES),
        "curable": TermWords("Rules whose faults may be mended after submission", K.RULES),
        "cure_rounds": TermWords("Rounds of clarification", K.NUMBER, most=5),
        "cure_working_days": TermWords("Time to answer a clarification", K.NUMBER, "working days", least=1, most=90),
        "scale_max": TermWords("Highest points for a criterion", K.NUMBER, "points", least=1, most=5),
        "assessors_per_application": TermWords("Assessors for each application", K.NUMBER, least=1, most=5),
        "divergence_alert": TermWords("Assessors differ too much from", K.NUMBER, "points of 100", most=100),
        "criterion_threshold": TermWords("Threshold of each criterion", K.NUMBER, "points", most=5),
        "overall_threshold": TermWords("Threshold of the total", K.NUMBER, "points of 100", most=100),
        "tie_break": TermWords("Criteria that break a tie, in order", K.CRITERIA),
    },
}
WORDS: Mapping[str, TermWords] = {name: words for group in GROUPS.values() for name, words in group.items()}
LABELS = texts("term", {name: words.label for name, words in WORDS.items()})
_OPTIONAL = frozenset(field.name for field in fields(CallTerms) if str(field.type).endswith("| None"))


def may_be_empty(name: str) -> bool:
    """Whether nothing can be said for this term: confirmed, that means "not limited"."""
    return name in _OPTIONAL


def words_of(terms: CallTerms, name: str) -> str:
    """The value of a term as people read it."""
    value = getattr(terms, name)
    if WORDS[name].kind is TermKind.LIMITS:
        return limits_in_words(terms)
    if name == "lead_label" and value is None:
        return "Nothing: any city may lead"
    if value is None:
        return "Not limited" if terms.is_confirmed(name) else "Not known"
    unit = WORDS[name].unit
    return f"{in_words(value)} {unit}".strip() if isinstance(value, int) else in_words(value)


def limits_in_words(terms: CallTerms) -> str:
    """The limit of every text of the form, the call's or else the default of the type."""
    kind = kind_of(terms)
    if kind is None:
        return "The call founds no network and has no such form"
    return "; ".join(f"{label_of(section, field)}: {field.limit:,}" for section, field in kind.limited.values())


def label_of(section: Section, field: Field) -> str:
    """A question with the section it stands in."""
    return f"{section.label}, {field.label.replace('{plan}', 'Plan')}"


def in_words(value: Any) -> str:
    """A value of any kind of term in words."""
    match value:
        case bool():
            return "Yes" if value else "No"
        case Euro():
            return euro(value.cents)
        case datetime():
            return when(value)
        case date():
            return day(value)
        case LabelRequirement():
            return f"{value.register.label} of {value.year}" if value.year else value.register.label
        case CostTerm():
            return f"{value.category.label}: {_cost(value)}"
        case CofinancingTerm():
            return f"{value.key}: {value.rate} ({value.fund.label})"
        case Mapping():
            return "; ".join(
                f"{in_words(key)}: {f'{each:,}' if isinstance(each, int) else ', '.join(each)}"
                for key, each in value.items()
            )
        case tuple():
            return "; ".join(map(in_words, value)) if value else "None"
        case Word():
            return value.label or str(value)
        case str() if value in RULEBOOK:
            return say(RULEBOOK[value].title)
    return str(value)


def _cost(term: CostTerm) -> str:
    if not term.allowed:
        return "not allowed"
    method = "real cost" if term.method is CostMethod.REAL_COST else f"flat rate of staff cost, {term.rate}"
    return f"{method}, at most {term.rate_ceiling}" if term.rate_ceiling else method
