"""The eligibility check: rules that read a dossier and the terms of its call, and the report they make together."""

from urbact_calls.domain.eligibility import rules  # noqa: F401 -- fills the rule book
