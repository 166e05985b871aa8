"""Rules on declarations: what the partners declare about themselves, before an officer looks it up."""

from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.finding import Answer, not_met, to_be_checked
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.text import message

# Codes of the declarations in the form; the other declarations say nothing about eligibility.
DECLARED = {
    "no_exclusion": message("declarations.exclusion.no_exclusion", "that no partner is in a situation of exclusion")(),
    "no_double_funding": message(
        "declarations.exclusion.no_double_funding", "that the same cost is not funded twice"
    )(),
}
NONE_HELD = message("declarations.exclusion.none", "The dossier holds no declarations.")
REFUSED = message("declarations.exclusion.refused", "The lead partner does not declare {refused}.")
ABSENT = message(
    "declarations.exclusion.absent", "The dossier does not say whether the lead partner declares {absent}."
)
ALL_DECLARED = message("declarations.exclusion.declared", "Declared: {declared}. An officer looks it up.")


@rule(
    code="declarations.exclusion",
    title="No partner is in a situation of exclusion, and nothing is funded twice",
    source="Reg. (EU, Euratom) 2024/2509, Article 138 (exclusion); Reg. (EU) 2021/1060, Article 63(9) (double funding)",
)
def exclusion(dossier: Dossier, terms: CallTerms) -> Answer:
    if dossier.declarations is None:
        return to_be_checked(NONE_HELD())

    refused = tuple(words for code, words in DECLARED.items() if dossier.declarations.get(code) is False)
    absent = tuple(words for code, words in DECLARED.items() if code not in dossier.declarations)
    if refused:
        return not_met(REFUSED(refused=refused))
    if absent:
        return to_be_checked(ABSENT(absent=absent))
    return to_be_checked(ALL_DECLARED(declared=tuple(DECLARED.values())))
