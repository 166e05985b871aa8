"""The registers a lead partner is looked up in: Good Practice labels and Urban Innovative Actions projects.

Both are partial, so that silence proves nothing; every look-up says how complete the register is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pydantic import AliasChoices, Field

from urbact_calls.domain.dossier import Label, LabelLookup, PartnerFacts
from urbact_calls.domain.eligibility.city_names import names_of, spellings
from urbact_calls.domain.terms import LabelRegister, LabelRequirement
from urbact_calls.reference.tables import TableRow, Whole, records

# How many there are in truth: labels granted in a year (urbact.eu), projects implemented (uia-initiative.eu).
GRANTED = {
    (LabelRegister.GOOD_PRACTICE, 2024): 116,
    (LabelRegister.GOOD_PRACTICE, 2017): 97,
    (LabelRegister.UIA_PROJECT, None): 86,
}
_TABLES = {LabelRegister.GOOD_PRACTICE: "good_practices.csv", LabelRegister.UIA_PROJECT: "uia_projects.csv"}


class RegisterEntry(TableRow):
    """One line of a register. `year` is the label's; projects are asked for without a year."""

    title: str | None = Field(default=None, validation_alias=AliasChoices("title", "acronym"))
    city: str
    country: str = Field(alias="country_iso2")
    year: Whole | None = Field(default=None, alias="label_year")
    implemented: bool = True
    note: str = ""

    @property
    def is_official(self) -> bool:
        """Whether the title is that of the label and not a description by us."""
        return not self.note.startswith("own descriptive title")


@cache
def register(kind: LabelRegister) -> tuple[RegisterEntry, ...]:
    """All entries of a register: every label, and the projects that were implemented."""
    return tuple(entry for entry in records(_TABLES[kind], RegisterEntry) if entry.implemented)


def completeness() -> Mapping[tuple[LabelRegister, int | None], tuple[int, int]]:
    """How many titles of each register and year are known, and how many there are in truth."""
    return {
        (kind, year): (sum(entry.year == year for entry in register(kind)), granted)
        for (kind, year), granted in GRANTED.items()
    }


def look_up(requirement: LabelRequirement | None, partner: PartnerFacts) -> LabelLookup | None:
    """What the register of a call knows about a partner; None where the call asks for nothing.

    Equal country and equal folded name: seat city, own name, then the parts of the register's city.
    """
    if requirement is None:
        return None
    entries = [entry for entry in register(requirement.register) if entry.year == requirement.year]
    names = names_of(partner)
    return LabelLookup(
        register=requirement.register,
        year=requirement.year,
        labels=tuple(
            Label(title=entry.title, holder=entry.city, is_official=entry.is_official)
            for entry in entries
            if entry.country == partner.country and names & spellings(entry.city)
        ),
        known=len(entries),
        granted=GRANTED.get((requirement.register, requirement.year), len(entries)),
    )
