"""Examination of dossiers.

What `flask dossier examine` prints, one answer per dossier, in the order in which they came.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from urbact_calls.domain.eligibility.rulebook import examine
from urbact_calls.domain.network_types import rules_of
from urbact_calls.domain.vocabulary import FindingOutcome, Verdict
from urbact_calls.exchange.dossier_reader import read


class AnswerFields(BaseModel):
    """An object of an answer, read from the attributes of what is told; each field is always there."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class ExaminedRule(AnswerFields):
    """The answer of one rule, with the smallest fix in its message."""

    code: str = Field(examples=["partnership.size"])
    outcome: FindingOutcome
    message: str = Field(validation_alias=AliasChoices("full_message", "message"))
    source: str


class Examination(AnswerFields):
    """What the rules say of one dossier; `id` is the caller's name for it, or #n."""

    id: str
    verdict: Verdict
    not_met: list[str]
    warnings: list[str]
    to_be_checked: list[str]
    findings: list[ExaminedRule]


def examine_text(text: str) -> list[dict[str, Any]]:
    """The answers to all dossiers of a text; raises ExchangeFault if one of them cannot be read."""
    answers = []
    for each in read(text):
        report = examine(each.dossier, each.terms, rules_of(each.terms))
        told = {name: getattr(report, name) for name in Examination.model_fields if name != "id"}
        answers.append(Examination.model_validate({"id": each.id, **told}).model_dump(mode="json"))
    return answers


def printed(answers: Sequence[dict[str, Any]]) -> bytes:
    """The answers as one JSON array in UTF-8, as every way to ask gives them."""
    return json.dumps(answers, ensure_ascii=False, indent=1).encode("utf-8") + b"\n"
