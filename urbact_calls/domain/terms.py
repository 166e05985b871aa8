"""The terms of a call: every figure and switch that the rules, the budget and the scoring read.

Values are plain, so that a rule reads `terms.partners_max`. How well each is known stands beside them in
`provenance`, under the same name. `None` means *not limited*, or *not known*: no rule may be enforced on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from enum import StrEnum

from urbact_calls.domain.money import Euro, Rate
from urbact_calls.domain.vocabulary import (
    Confidence,
    CostCategory,
    CountryGroup,
    Fund,
    NetworkType,
    RegionCategory,
    Word,
)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a term comes from and how sure it is. `source` is a key of `reference.source_address` or words.

    `confirmed_by` is the account of the person who confirmed it.
    """

    confidence: Confidence
    source: str = ""
    note: str = ""
    confirmed_by: int | None = None
    confirmed_at: datetime | None = None


class LabelRegister(Word):
    """The registers of titles that a lead partner may have to hold; the word is one title."""

    GOOD_PRACTICE = "good_practice", "Good Practice label"
    UIA_PROJECT = "uia_project", "UIA project"


@dataclass(frozen=True, slots=True)
class LabelRequirement:
    """What a lead partner must hold: a label of one year, or an implemented project of any year (`year` is None)."""

    register: LabelRegister
    year: int | None = None


class CostMethod(StrEnum):
    """How a cost category is reckoned."""

    REAL_COST = "real_cost"
    FLAT_RATE_OF_STAFF = "flat_rate_of_staff"


@dataclass(frozen=True, slots=True)
class CostTerm:
    """One cost category of the call. `rate` is the flat rate, `rate_ceiling` its limit, both of direct staff cost."""

    category: CostCategory
    allowed: bool
    method: CostMethod = CostMethod.REAL_COST
    rate: Rate | None = None
    rate_ceiling: Rate | None = None


@dataclass(frozen=True, slots=True)
class CofinancingTerm:
    """The most a fund pays of a partner's budget. `key` is a region category, a country group or a country code."""

    key: str
    fund: Fund
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTerms:
    """What one call asks for.

    `closes_at` is an instant in UTC. `country_groups` says which countries form a group, `admitted_groups` which
    groups the call admits. `advisory` names the rule codes that warn and never exclude, `curable` those that may be
    mended after submission. Thresholds are in points of 100 (overall) and points of the scale (criterion).
    """

    code: str
    title: str
    network_type: NetworkType | None
    opens_at: datetime
    closes_at: datetime
    tolerance_seconds: int

    country_groups: Mapping[CountryGroup, tuple[str, ...]]
    admitted_groups: tuple[CountryGroup, ...]
    ipa_can_lead: bool
    ipa_max: int | None
    ndici_max: int | None

    partners_min: int | None
    partners_max: int | None
    countries_min: int | None
    per_country_max: int | None
    per_country_counts_lead: bool
    non_city_max: int | None
    agency_counts_as_city: bool
    lead_label: LabelRequirement | None
    lead_max: int | None
    participation_max: int | None

    balance_share: Rate | None
    ipa_ndici_count_as: RegionCategory
    no_ch_count_as: RegionCategory

    budget_ceiling: Euro | None
    expertise_envelope: Euro | None
    expert_days_max: int | None
    expert_daily_fee: Euro | None
    cost_categories: tuple[CostTerm, ...]
    cofinancing: tuple[CofinancingTerm, ...]

    network_start: date | None
    network_end: date | None
    duration_months: int | None
    networks_max: int | None
    call_budget: Euro | None
    decision_date: date | None

    advisory: tuple[str, ...]
    curable: tuple[str, ...]
    cure_rounds: int
    cure_working_days: int

    scale_max: int
    assessors_per_application: int
    divergence_alert: int
    criterion_threshold: int | None
    overall_threshold: int | None
    tie_break: tuple[str, ...]

    # Characters of a free text, by `section.field`; what is not named has the default of the network type, and so has
    # everything in a call that was stored before there was this term.
    text_limits: Mapping[str, int] = field(default_factory=dict)

    provenance: Mapping[str, Provenance] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("opens_at", "closes_at"):
            if getattr(self, name).utcoffset() != timedelta(0):
                raise ValueError(f"{name} of {self.code} must be an instant in UTC")

    @property
    def tolerance(self) -> timedelta:
        """How long after the closing a request is still on time."""
        return timedelta(seconds=self.tolerance_seconds)

    def group_of(self, country: str) -> CountryGroup | None:
        """The group of an ISO 3166 country, or None for a country outside the programme."""
        return next((group for group, members in self.country_groups.items() if country in members), None)

    def admits(self, country: str) -> bool:
        """Whether partners from this country may take part in the call."""
        return self.group_of(country) in self.admitted_groups

    def cost_term(self, category: CostCategory) -> CostTerm:
        """How the call treats a cost category; one that it does not list is not allowed."""
        listed = (term for term in self.cost_categories if term.category is category)
        return next(listed, CostTerm(category=category, allowed=False))

    def cofinancing_for(self, country: str, region_category: RegionCategory | None) -> CofinancingTerm | None:
        """The most a fund pays for a partner: by region in the Member States, elsewhere by country or group.

        None for a country without a fund, and for a Member State's partner whose region is not known.
        """
        group = self.group_of(country)
        key = region_category if group is CountryGroup.MS else country
        keys = (key, group) if group is not CountryGroup.MS else (key,)
        return next((term for wanted in keys for term in self.cofinancing if term.key == wanted), None)

    def blocks(self, code: str) -> bool:
        """Whether a violated rule excludes; otherwise it stands in the warnings."""
        return code not in self.advisory

    def is_confirmed(self, name: str) -> bool:
        """Whether the term may be relied on: read on a page, derived, well known, or confirmed by a person."""
        return name in self.provenance and not self.provenance[name].confidence.needs_a_person

    def unconfirmed(self) -> tuple[str, ...]:
        """Names of the terms that a person must confirm before the call may be published, in order."""
        return tuple(name for name in TERM_NAMES if not self.is_confirmed(name))


# The code is the call's name and not a figure to be confirmed; the rest of the fields are terms.
TERM_NAMES: tuple[str, ...] = tuple(
    term.name for term in fields(CallTerms) if term.name not in {"code", "network_type", "provenance"}
)
