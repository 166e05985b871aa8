"""The registers a lead partner is looked up in: Good Practice labels and Urban Innovative Actions projects.

Both are partial, so that silence proves nothing; every look-up says how complete the register is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from urbact_calls.domain.dossier import Label, LabelLookup, PartnerFacts
from urbact_calls.domain.eligibility.city_names import names_of, spellings
from urbact_calls.domain.terms import LabelRegister, LabelRequirement
from urbact_calls.reference.tables import rows

# How many there are in truth: labels granted in a year (urbact.eu), projects implemented (uia-initiative.eu).
GRANTED = {
    (LabelRegister.GOOD_PRACTICE, 2024): 116,
    (LabelRegister.GOOD_PRACTICE, 2017): 97,
    (LabelRegister.UIA_PROJECT, None): 86,
}
# The note of rows whose title is a description by us and not the title of the label.
_OWN_TITLE = "own descriptive title"


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One line of a register. `year` is the label's; projects are asked for without a year."""

    title: str | None
    city: str
    country: str
    year: int | None
    is_official: bool = True


@cache
def register(kind: LabelRegister) -> tuple[RegisterEntry, ...]:
    """All entries of a register: every label, and the projects that were implemented."""
    return _READERS[kind]()


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


def _good_practices() -> tuple[RegisterEntry, ...]:
    return tuple(
        RegisterEntry(
            title=row["title"] or None,
            city=row["city"],
            country=row["country_iso2"],
            year=int(row["label_year"]),
            is_official=not (row["note"] or "").startswith(_OWN_TITLE),
        )
        for row in rows("good_practices.csv")
    )


def _uia_projects() -> tuple[RegisterEntry, ...]:
    return tuple(
        RegisterEntry(title=row["acronym"] or None, city=row["city"], country=row["country_iso2"], year=None)
        for row in rows("uia_projects.csv")
        if row["implemented"] == "yes"
    )


_READERS = {
    LabelRegister.GOOD_PRACTICE: _good_practices,
    LabelRegister.UIA_PROJECT: _uia_projects,
}
