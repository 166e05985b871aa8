"""Network type as data: pages, checks and networks read it and never ask which type it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.rulebook import RULEBOOK
from urbact_calls.domain.network_types.fields import TICKED, Choice, Field, FieldKind, Register, Section
from urbact_calls.domain.network_types.reading import Reading, reading
from urbact_calls.domain.scoring import Grid
from urbact_calls.domain.vocabulary import Confidence, NetworkType, PartnerRole, PlanKind

__all__ = ["TICKED", "Choice", "Field", "FieldKind", "NetworkKind", "Register", "Section", "Stage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage in the life of a network; the months are a default where `confidence` says so."""

    code: str
    label: str
    months: int
    confidence: Confidence = Confidence.DEFAULT


@dataclass(frozen=True, slots=True)
class StageInTime:
    """One stage of a network. A date that nobody published is None."""

    position: int
    code: str
    label: str
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkKind:
    """One network type: its form, its rules, its grid, and what its partners produce.

    `sections` are answered once, for the whole network; `partner_sections` by each partner for itself.
    """

    type: NetworkType
    plans: Mapping[PartnerRole, PlanKind]
    stages: tuple[Stage, ...]
    sections: tuple[Section, ...]
    partner_sections: tuple[Section, ...]
    rules: tuple[str, ...]
    grid: Grid
    _sections_of: Mapping[PartnerRole, tuple[Section, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        unknown = [code for code in self.rules if code not in RULEBOOK]
        if unknown:
            raise ValueError(f"{self.type} names rules that do not exist: {', '.join(unknown)}")
        if set(self.plans) != set(PartnerRole):
            raise ValueError(f"{self.type} must say what each partner role produces")
        for section in self.sections:
            if section.criterion is not None:
                self.grid.criterion(section.criterion)
            if any(field.kind is FieldKind.FILE for field in section.fields):
                raise ValueError(f"{section.code} asks for a file; files belong to a partner")
        # Asked for each partner of each application.
        named = {
            role: tuple(section.naming(plan.label) for section in self.partner_sections)
            for role, plan in self.plans.items()
        }
        object.__setattr__(self, "_sections_of", named)

    @property
    def months(self) -> int:
        return sum(stage.months for stage in self.stages)

    def stages_in_time(self, starts_on: date | None, ends_on: date | None) -> Iterator[StageInTime]:
        """The stages of a network between two days, in order; only what is known gets a date.

        Months are counted from the first day of the network as long as the length of each stage was published; after
        the first stage whose length is only our default, dates are unknown. The last stage ends with the network.
        """
        start, last = starts_on, len(self.stages)
        for position, stage in enumerate(self.stages, 1):
            known = start is not None and stage.confidence is not Confidence.DEFAULT
            next_start = months_later(start, stage.months) if start is not None and known else None
            end = next_start - timedelta(days=1) if next_start else None
            yield StageInTime(position, stage.code, stage.label, start, ends_on if position == last else end)
            start = next_start

    def section(self, code: str) -> Section:
        """The section of a code; raises KeyError for another."""
        return {section.code: section for section in self.sections}[code]

    def sections_of(self, role: PartnerRole) -> tuple[Section, ...]:
        """What a partner of this role fills in about itself, with the name of what it produces."""
        return self._sections_of[role]

    @property
    def limited(self) -> dict[str, tuple[Section, Field]]:
        """The free texts whose length a call limits, each with its section, by `section.field`, in form order."""
        return {
            f"{section.code}.{field.code}": (section, field)
            for section in (*self.sections, *self.partner_sections)
            for field in section.fields
            if field.is_limited
        }

    @property
    def limits(self) -> dict[str, int]:
        """How many characters each free text may have, by `section.field`, in form order."""
        return {name: field.limit for name, (_, field) in self.limited.items() if field.limit is not None}

    def with_limits(self, limits: Mapping[str, int]) -> NetworkKind:
        """The same type with the limits that a call has set; what it does not name keeps the default."""
        if not limits:
            return self
        return replace(
            self,
            sections=tuple(section.with_limits(limits) for section in self.sections),
            partner_sections=tuple(section.with_limits(limits) for section in self.partner_sections),
        )

    def given(self, section: Section, dossier: Dossier) -> Mapping[str, str]:
        """What a dossier answers in a section of the form. Its ticks are kept apart, as declarations."""
        declared = dossier.declarations or {}
        ticks = {
            field.code: TICKED for field in section.fields if field.kind is FieldKind.TICK and declared.get(field.code)
        }
        return {**(dossier.sections or {}).get(section.code, {}), **ticks}

    def reading(self, section: Section, answers: Mapping[str, str]) -> list[Reading]:
        """The answers of a section in words, as those who judge the application may read them."""
        return reading(section, answers)

    def missing(self, answers: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
        """Labels of the sections whose mandatory fields are not all filled, in form order."""
        return tuple(section.label for section in self.sections if not section.is_filled(answers.get(section.code, {})))


def months_later(day: date, months: int) -> date:
    """The same day so many months later; networks begin on the first of a month, so the day always exists."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, 28))
