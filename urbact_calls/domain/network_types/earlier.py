"""Earlier questions of the form: dossiers that answer them stay valid."""

from __future__ import annotations

from collections.abc import Mapping

from urbact_calls.domain.network_types.fields import table_text
from urbact_calls.domain.network_types.form import WORK_PLAN

# Each work package was one text; that of the fourth, communication, is still asked beside the table.
EARLIER_FIELDS: Mapping[str, tuple[str, ...]] = {WORK_PLAN.code: ("management", "transnational", "local_level")}
"""By section, the fields that are asked no more."""


def renewed(section: str, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers of a section to the questions of today: texts of work packages become their activities."""
    old = EARLIER_FIELDS.get(section, ())
    kept = {code: answer for code, answer in answers.items() if code not in old}
    if any(answers.get(code) for code in old) and not kept.get("work_packages"):
        table = WORK_PLAN.field("work_packages")
        kept["work_packages"] = table_text(table, [{"activities": answers.get(code, "")} for code in (*old, "")])
    return kept
