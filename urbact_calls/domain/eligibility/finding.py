"""Findings: the answer of one rule, and the report that keeps all of them.

Three answers come from looking (met, not met, to be checked); the fourth says that the call does not enforce the
rule. "To be checked" is an honest answer: a signature cannot be read by a program.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from urbact_calls.domain.text import Text
from urbact_calls.domain.vocabulary import FindingOutcome, Verdict


@dataclass(frozen=True, slots=True)
class Answer:
    """What one rule says about one dossier. `fix` is the least that would meet the rule, where that can be said."""

    outcome: FindingOutcome
    message: Text
    fix: Text | None = None


met = partial(Answer, FindingOutcome.MET)
not_met = partial(Answer, FindingOutcome.NOT_MET)
to_be_checked = partial(Answer, FindingOutcome.TO_BE_CHECKED)
not_enforced = partial(Answer, FindingOutcome.NOT_ENFORCED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An answer with the rule it belongs to. `blocking` and `curable` are the call's, at the time of the report."""

    code: str
    title: Text
    outcome: FindingOutcome
    message: Text
    source: str
    fix: Text | None = None
    blocking: bool = True
    curable: bool = False

    @property
    def topic(self) -> str:
        """The part of the code before the dot: what the rule is about."""
        return self.code.split(".")[0]

    @property
    def full_message(self) -> str:
        """The message and the smallest fix, as one text."""
        return f"{self.message} {self.fix}" if self.fix else str(self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All findings about one dossier, in the order of the rule book.

    The verdict is what the program proposes. Only a person excludes an application.
    """

    rulebook_version: str
    findings: tuple[Finding, ...]

    @property
    def not_met(self) -> tuple[str, ...]:
        """Codes of violated rules that block, sorted."""
        return self._codes(FindingOutcome.NOT_MET, blocking=True)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Codes of violated rules that do not block in this call, sorted."""
        return self._codes(FindingOutcome.NOT_MET, blocking=False)

    @property
    def to_be_checked(self) -> tuple[str, ...]:
        """Codes that wait for a person, sorted."""
        waiting = (finding.code for finding in self.findings if finding.outcome is FindingOutcome.TO_BE_CHECKED)
        return tuple(sorted(waiting))

    @property
    def verdict(self) -> Verdict:
        return Verdict.INELIGIBLE if self.not_met else Verdict.ELIGIBLE

    def finding(self, code: str) -> Finding:
        """The finding of one rule; raises KeyError for a code outside the rule book."""
        return {finding.code: finding for finding in self.findings}[code]

    def _codes(self, outcome: FindingOutcome, *, blocking: bool) -> tuple[str, ...]:
        return tuple(
            sorted(
                finding.code for finding in self.findings if finding.outcome is outcome and finding.blocking is blocking
            )
        )
