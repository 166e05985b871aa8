"""What the partners declare about themselves, before an officer looks it up."""

from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.finding import Answer, not_met, to_be_checked
from urbact_calls.domain.eligibility.rulebook import rule
from urbact_calls.domain.eligibility.wording import listed
from urbact_calls.domain.terms import CallTerms

# Codes of the declarations in the form; the other declarations say nothing about eligibility.
DECLARED = {
    "no_exclusion": "that no partner is in a situation of exclusion",
    "no_double_funding": "that the same cost is not funded twice",
}


@rule(
    code="declarations.exclusion",
    title="No partner is in a situation of exclusion, and nothing is funded twice",
    source="Reg. (EU, Euratom) 2024/2509, Article 138 (exclusion); Reg. (EU) 2021/1060, Article 63(9) (double funding)",
)
def exclusion(dossier: Dossier, terms: CallTerms) -> Answer:
    if dossier.declarations is None:
        return to_be_checked("The dossier holds no declarations.")

    refused = [words for code, words in DECLARED.items() if dossier.declarations.get(code) is False]
    absent = [words for code, words in DECLARED.items() if code not in dossier.declarations]
    if refused:
        return not_met(f"The lead partner does not declare {listed(refused)}.")
    if absent:
        return to_be_checked(f"The dossier does not say whether the lead partner declares {listed(absent)}.")
    return to_be_checked(f"Declared: {listed(DECLARED.values())}. An officer looks it up.")
