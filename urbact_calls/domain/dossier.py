"""The frozen facts of one application: all that the rules may read, and what is kept with each submission.

`None` means *not given*: the rule that needs the fact answers "to be checked". Empty is different: an empty list
of other applications says that there are none.

A field that came after the first dossiers were stored is `ADDED_LATER`: it is left out while nothing is given, so that
what was handed in before keeps its fingerprint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from urbact_calls.domain import serialization
from urbact_calls.domain.money import Euro, total
from urbact_calls.domain.terms import LabelRegister
from urbact_calls.domain.vocabulary import CostCategory, Fund, PartnerKind, PartnerRole, RegionCategory


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionLookup:
    """What the register of NUTS 2 regions said of the region that a partner names.

    `is_known` says that the partner's country has a region of this code in the version of 2016, 2021 or 2024;
    `category` is the one of that region, None where there is no such region.
    """

    is_known: bool
    category: RegionCategory | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerFacts:
    """One organisation of the partnership. `country` is ISO 3166 (GR for Greece); `nuts2` may be empty.

    `region` is what the register said of `nuts2`; None where none is given.
    """

    name: str
    seat_city: str
    country: str
    role: PartnerRole
    kind: PartnerKind
    nuts2: str = ""
    region_category: RegionCategory | None = None
    region: RegionLookup | None = None
    letter_of_commitment: bool | None = None

    @property
    def is_lead(self) -> bool:
        return self.role is PartnerRole.LEAD

    @property
    def is_city(self) -> bool:
        return self.kind is PartnerKind.CITY

    @property
    def contradicts_region(self) -> bool:
        """Whether what the register says of the region and what the partner says of itself cannot both be so."""
        if self.region is None:
            return False
        are_given = None not in (self.region_category, self.region.category)
        return not self.region.is_known or (are_given and self.region_category is not self.region.category)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherApplication:
    """Another application as a dossier names it; only who leads it."""

    call: str
    title: str
    lead_name: str
    lead_country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OthersAtClosing:
    """What the rules read of the other applications of the call as they stood when it closed.

    `led` is how many of them the lead partner leads, `titles` are those of the first of these in the order of their
    numbers. `taken_part` says for each partner of the dossier, in its order, in how many of them it takes part, leading
    or not. It was read from a list of `listed` applications whose SHA-256 is `fingerprint`; the list itself is kept
    once, with the call.
    """

    led: int
    titles: tuple[str, ...]
    taken_part: tuple[int, ...]
    listed: int
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A title that the lead partner holds by a register; `title` is None where the register does not know it.

    `is_official` is False where the register describes the practice in its own words.
    """

    title: str | None
    holder: str
    is_official: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLookup:
    """What a register said about the lead partner, and how complete the register is (`known` of `granted`)."""

    register: LabelRegister
    year: int | None
    labels: tuple[Label, ...]
    known: int
    granted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLine:
    """Planned cost of one partner in one category. `partner` counts from 1 in the order of the partners."""

    partner: int
    category: CostCategory
    amount: Euro


@dataclass(frozen=True, slots=True, kw_only=True)
class FinancingLine:
    """Who pays for one partner: the fund's share and the partner's own."""

    partner: int
    fund: Fund
    fund_amount: Euro
    own_amount: Euro


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetFacts:
    """The grid of partners and cost categories, and the financing plan where there is one."""

    lines: tuple[BudgetLine, ...]
    financing: tuple[FinancingLine, ...] | None = None

    @property
    def total(self) -> Euro:
        return total([line.amount for line in self.lines])

    def total_of(self, partner: int) -> Euro:
        return total([line.amount for line in self.lines if line.partner == partner])

    def amount_of(self, partner: int, category: CostCategory) -> Euro:
        return total([line.amount for line in self.lines if (line.partner, line.category) == (partner, category)])


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """A file of one partner, counted from 1 in the order of the partners; `kind` says what it is, a letter or the
    answer to a field. The SHA-256 is that of its content."""

    partner: int
    kind: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """First and last day of the planned network."""

    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One application as it is judged.

    `submitted_at` is the instant the complete request reached the server, in UTC. `sections` holds the texts by
    section and field code; `sections_missing` the labels of mandatory sections that are not filled. `practices`
    are the Good Practices or UIA projects named. `lead_labels` is what the register of the call said. `profiles` is
    what each partner says about itself, in the order of the partners, by section and field code. `files` are
    those that belong to it: another letter makes another fingerprint.

    Of the other applications an official check knows `others_at_closing`; `other_applications` are those that somebody
    names or that the lead partner sees. Official reports of before hold the whole list there.
    """

    call: str
    partners: tuple[PartnerFacts, ...]
    acronym: str | None = None
    title: str | None = None
    submitted_at: datetime | None = None
    budget_total: Euro | None = None
    other_applications: tuple[OtherApplication, ...] | None = None
    practices: tuple[str, ...] | None = None
    sections: Mapping[str, Mapping[str, str]] | None = None
    sections_missing: tuple[str, ...] | None = None
    declarations: Mapping[str, bool] | None = None
    language: str | None = None
    budget: BudgetFacts | None = None
    schedule: Schedule | None = None
    lead_labels: LabelLookup | None = None
    profiles: tuple[Mapping[str, Mapping[str, str]], ...] | None = None
    files: tuple[FileFacts, ...] | None = None
    others_at_closing: OthersAtClosing | None = field(default=None, metadata=serialization.ADDED_LATER)

    def __post_init__(self) -> None:
        leads = sum(partner.is_lead for partner in self.partners)
        if leads != 1:
            raise ValueError(f"a dossier has exactly one lead partner, this one has {leads}")
        others = self.others_at_closing
        if others is not None and len(others.taken_part) != len(self.partners):
            raise ValueError("others_at_closing says something of each partner")

    @property
    def lead(self) -> PartnerFacts:
        return next(partner for partner in self.partners if partner.is_lead)

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries of the partnership, each once, in alphabetical order."""
        return tuple(sorted({partner.country for partner in self.partners}))

    @property
    def total_budget(self) -> Euro | None:
        """The stated total, or else what the grid adds up to."""
        if self.budget_total is not None:
            return self.budget_total
        return self.budget.total if self.budget is not None else None

    def answer(self, section: str, field: str) -> str | None:
        """A text of the form without outer spaces; None where no section was given at all."""
        if self.sections is None:
            return None
        return self.sections.get(section, {}).get(field, "").strip()

    def profile_answers(self, partner: int) -> Mapping[str, Mapping[str, str]]:
        """What one partner says about itself; partners count from 0. Empty where nothing was given."""
        return self.profiles[partner] if self.profiles is not None and partner < len(self.profiles) else {}

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical JSON: the same facts give the same fingerprint, whoever wrote them down."""
        return serialization.fingerprint(self)
