"""How a rule is tested: `@cases("partnership.size", terms={...})`, then one line per dossier and answer."""

from collections.abc import Callable
from dataclasses import replace

from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.rulebook import RULEBOOK
from urbact_calls.domain.terms import CallTerms
from urbact_calls.reference.known_calls import historic_terms


class Case:
    """Asks one rule and compares outcome and words: `case(dossier, not_met="7 partners")`."""

    def __init__(self, code: str, terms: CallTerms) -> None:
        self.rule = RULEBOOK[code]
        self.terms = terms

    def __call__(self, dossier: Dossier, **expected: str) -> None:
        [(outcome, words)] = expected.items()

        finding = self.rule.examine(dossier, self.terms, is_named=True)

        assert (finding.outcome, words in finding.full_message) == (outcome, True), finding


def cases(code: str, *, call: str = "APN-2023", terms: dict[str, object] | None = None) -> Callable[..., object]:
    """Give a test the rule of a code, under the terms of a call with the changes that the test talks about."""

    def decorate(test: Callable[[Case], None]) -> Callable[[], None]:
        def run() -> None:
            test(Case(code, replace(historic_terms(call), **(terms or {}))))

        run.__name__ = test.__name__
        return run

    return decorate
