"""How messages speak about a register: what it holds, and how much of it we have."""

from urbact_calls.domain.dossier import LabelLookup
from urbact_calls.domain.terms import LabelRegister


def asked_title(found: LabelLookup) -> str:
    if found.register is LabelRegister.GOOD_PRACTICE:
        return f"Good Practice label of {found.year}"
    return "implemented UIA project"


def completeness(found: LabelLookup) -> str:
    """How complete the register is, in a sentence; a partial register proves nothing by silence."""
    if found.register is LabelRegister.GOOD_PRACTICE:
        return f"{found.known} of {found.granted} labels of {found.year} are in our register."
    return f"{found.known} of {found.granted} implemented UIA projects are in our register."
