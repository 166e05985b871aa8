"""The rule book: every rule once, in reading order, and the examination of a dossier.

A rule is a pure function of the dossier and the terms. It never raises and never looks at a clock. The same rules
advise on a draft and judge a submission; there is no second implementation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.eligibility.finding import Answer, Finding, Report, not_enforced
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.text import Text, message

# Reports are unique per application, submission and version: raise it when an answer can change, and with each rule.
RULEBOOK_VERSION, RULES_OF_THIS_VERSION = "2026.5", 26

Question = Callable[[Dossier, CallTerms], Answer]

NOT_NAMED = message("rule.not_named", "This kind of call does not name the rule.")

_rules: dict[str, Rule] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `title` is a sentence that says what must be true; `source` is the text it comes from."""

    code: str
    title: Text
    source: str
    ask: Question

    def examine(self, dossier: Dossier, terms: CallTerms, *, is_named: bool) -> Finding:
        """The finding of this rule; one that the network type does not name is not enforced."""
        answer = self.ask(dossier, terms) if is_named else not_enforced(NOT_NAMED())
        return Finding(
            code=self.code,
            title=self.title,
            outcome=answer.outcome,
            message=answer.message,
            source=self.source,
            fix=answer.fix,
            blocking=terms.blocks(self.code),
            curable=self.code in terms.curable,
        )


RULEBOOK: Mapping[str, Rule] = MappingProxyType(_rules)


def rule(*, code: str, title: str, source: str) -> Callable[[Question], Question]:
    """Enter a function into the rule book under its code. Raises ValueError for a code that is taken."""

    def enter(ask: Question) -> Question:
        if code in _rules:
            raise ValueError(f"two rules share the code {code}")
        _rules[code] = Rule(code=code, title=message(f"{code}.title", title)(), source=source, ask=ask)
        return ask

    return enter


def examine(dossier: Dossier, terms: CallTerms, codes: Collection[str]) -> Report:
    """Ask every rule of the book about a dossier; `codes` are those that the network type names."""
    findings = tuple(each.examine(dossier, terms, is_named=each.code in codes) for each in RULEBOOK.values())
    return Report(rulebook_version=RULEBOOK_VERSION, findings=findings)
