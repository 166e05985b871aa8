"""What a network type is made of, as data: pages, checks and networks read it and never ask which type it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from urbact_calls.domain.eligibility.rulebook import RULEBOOK
from urbact_calls.domain.scoring.grid import Grid
from urbact_calls.domain.vocabulary import Confidence, NetworkType, PartnerRole, PlanKind

TICKED = "yes"


class FieldKind(StrEnum):
    """How a field is filled in."""

    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    TICK = "tick"


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question of the form. `limit` counts characters.

    The answer is text: a chosen code, several codes separated by a space (`FieldKind.CHOICES`), or `yes` for a tick.
    """

    code: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    limit: int | None = None
    required: bool = True
    hint: str = ""
    choices: tuple[Choice, ...] = ()

    def is_filled(self, answer: str) -> bool:
        return answer.strip() == TICKED if self.kind is FieldKind.TICK else bool(answer.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the form. `criterion` is the code of the criterion that assessors mostly answer from it."""

    code: str
    label: str
    fields: tuple[Field, ...]
    hint: str = ""
    criterion: str | None = None

    def field(self, code: str) -> Field:
        """The field of a code; raises KeyError for another."""
        for field in self.fields:
            if field.code == code:
                return field
        raise KeyError(code)

    def is_filled(self, answers: Mapping[str, str]) -> bool:
        """Whether every mandatory field has an answer."""
        return all(field.is_filled(answers.get(field.code, "")) for field in self.fields if field.required)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage in the life of a network; the months are a default where `confidence` says so."""

    code: str
    label: str
    months: int
    confidence: Confidence = Confidence.DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkKind:
    """One network type: its form, its rules, its grid, and what its partners produce."""

    type: NetworkType
    plans: Mapping[PartnerRole, PlanKind]
    stages: tuple[Stage, ...]
    sections: tuple[Section, ...]
    rules: tuple[str, ...]
    grid: Grid
    grid_confidence: Confidence = Confidence.DEFAULT
    partner_roles: tuple[PartnerRole, ...] = (PartnerRole.LEAD, PartnerRole.PARTNER)

    def __post_init__(self) -> None:
        unknown = [code for code in self.rules if code not in RULEBOOK]
        if unknown:
            raise ValueError(f"{self.type} names rules that do not exist: {', '.join(unknown)}")
        if set(self.plans) != set(self.partner_roles):
            raise ValueError(f"{self.type} must say what each partner role produces")
        for section in self.sections:
            if section.criterion is not None:
                self.grid.criterion(section.criterion)

    @property
    def months(self) -> int:
        return sum(stage.months for stage in self.stages)

    def section(self, code: str) -> Section:
        """The section of a code; raises KeyError for another."""
        for section in self.sections:
            if section.code == code:
                return section
        raise KeyError(code)

    def missing(self, answers: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
        """Labels of the sections whose mandatory fields are not all filled, in form order."""
        return tuple(section.label for section in self.sections if not section.is_filled(answers.get(section.code, {})))
