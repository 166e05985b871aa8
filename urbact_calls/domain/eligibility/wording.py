"""Words of several rules: names of partners, and how complete a register is."""

from collections.abc import Iterable

from urbact_calls.domain.dossier import LabelLookup, PartnerFacts
from urbact_calls.domain.terms import LabelRegister
from urbact_calls.domain.text import Text, message


def named(partner: PartnerFacts) -> str:
    return f"{partner.name} ({partner.country})"


def all_named(partners: Iterable[PartnerFacts]) -> tuple[str, ...]:
    return tuple(named(partner) for partner in partners)


LABELS_KNOWN = message("register.labels_known", "{known} of {granted} labels of {year} are in our register.")
PROJECTS_KNOWN = message(
    "register.projects_known", "{known} of {granted} implemented UIA projects are in our register."
)


def completeness(found: LabelLookup) -> Text:
    """How complete the register is, in a sentence; a partial register proves nothing by silence."""
    if found.register is LabelRegister.GOOD_PRACTICE:
        return LABELS_KNOWN(known=found.known, granted=found.granted, year=str(found.year))
    return PROJECTS_KNOWN(known=found.known, granted=found.granted)
