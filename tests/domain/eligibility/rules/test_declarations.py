"""The rules of `eligibility/rules/declarations.py`."""

from tests.domain.eligibility.cases import cases
from tests.domain.eligibility.dossiers import partners

BOTH = {"no_exclusion": True, "no_double_funding": True}


@cases("declarations.exclusion")
def test_exclusion(case):
    case(partners(8, declarations=BOTH), to_be_checked="An officer looks it up")
    case(partners(8, declarations={**BOTH, "no_exclusion": False}), not_met="situation of exclusion")
    case(partners(8, declarations={**BOTH, "no_double_funding": False}), not_met="funded twice")
    case(partners(8, declarations={"no_exclusion": True}), to_be_checked="does not say whether")
    case(partners(8), to_be_checked="no declarations")
