"""The eligibility check: rules that read a dossier and the terms of its call, and the report they make together."""

from urbact_calls.domain.eligibility import rules as _rules
from urbact_calls.domain.eligibility.finding import Finding, Report
from urbact_calls.domain.eligibility.rulebook import RULEBOOK, RULEBOOK_VERSION, Rule, examine

__all__ = ["RULEBOOK", "RULEBOOK_VERSION", "Finding", "Report", "Rule", "examine"]

# Importing the folder of rules fills the rule book; nobody needs its name.
del _rules
