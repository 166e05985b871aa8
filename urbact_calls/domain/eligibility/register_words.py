"""Messages about a register: how complete it is."""

from urbact_calls.domain.dossier import LabelLookup
from urbact_calls.domain.terms import LabelRegister
from urbact_calls.domain.text import Text, message

LABELS_KNOWN = message("register.labels_known", "{known} of {granted} labels of {year} are in our register.")
PROJECTS_KNOWN = message(
    "register.projects_known", "{known} of {granted} implemented UIA projects are in our register."
)


def completeness(found: LabelLookup) -> Text:
    """How complete the register is, in a sentence; a partial register proves nothing by silence."""
    if found.register is LabelRegister.GOOD_PRACTICE:
        return LABELS_KNOWN(known=found.known, granted=found.granted, year=str(found.year))
    return PROJECTS_KNOWN(known=found.known, granted=found.granted)
