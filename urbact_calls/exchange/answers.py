"""What `flask dossier examine` prints: one answer per dossier, in the order in which they came."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from urbact_calls.domain.eligibility import Report, examine
from urbact_calls.domain.network_types import rules_of
from urbact_calls.exchange.reading import TermsOf, read
from urbact_calls.reference.calls import historic_terms


def examine_text(text: str, terms_of: TermsOf = historic_terms) -> list[dict[str, Any]]:
    """The answers to all dossiers of a text; raises ExchangeFault if one of them cannot be read."""
    return [_answer(each.id, examine(each.dossier, each.terms, rules_of(each.terms))) for each in read(text, terms_of)]


def printed(answers: Sequence[dict[str, Any]]) -> bytes:
    """The answers as one JSON array in UTF-8, as every way to ask gives them."""
    return json.dumps(answers, ensure_ascii=False, indent=1).encode("utf-8") + b"\n"


def _answer(name: str, report: Report) -> dict[str, Any]:
    return {
        "id": name,
        "verdict": report.verdict.value,
        "not_met": list(report.not_met),
        "warnings": list(report.warnings),
        "to_be_checked": list(report.to_be_checked),
        "findings": [
            {
                "code": finding.code,
                "outcome": finding.outcome.value,
                "message": finding.full_message,
                "source": finding.source,
            }
            for finding in report.findings
        ],
    }
