"""Reads of findings: how they were settled, by whom and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.accounts.models import User
from urbact_calls.domain.eligibility.rulebook import RULEBOOK
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import Text, say
from urbact_calls.domain.vocabulary import FindingOutcome
from urbact_calls.eligibility.reports.models import ReportFinding
from urbact_calls.record.models import FieldChange
from urbact_calls.record.reads.field_words import FieldWords, describes, plain
from urbact_calls.subjects import is_about


def settlement_token(finding: ReportFinding) -> str:
    """The version of a settlement, so that an officer does not overwrite one unseen."""
    return finding.settled_at.isoformat() if finding.settled_at else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What an officer has said about a finding, now or before; the program says why one no longer stands."""

    outcome: FindingOutcome
    note: str | Text
    officer: str
    at: datetime


def settlements(session: Session, application_id: int) -> dict[str, list[Settlement]]:
    """Every settlement of an application's findings by rule code, the last one first."""
    rows = session.execute(
        select(FieldChange, User.name)
        .outerjoin(User, User.id == FieldChange.actor_id)
        .where(
            is_about(FieldChange, SubjectKind.ELIGIBILITY_CHECK, application_id),
            FieldChange.field.startswith("finding:"),
        )
        .order_by(FieldChange.id.desc())
    ).all()
    told: dict[str, list[Settlement]] = {}
    for change, officer in rows:
        after = (change.after or {})["value"]
        told.setdefault(change.field.removeprefix("finding:"), []).append(
            Settlement(
                outcome=FindingOutcome(after["outcome"]),
                note=after["note"] if isinstance(after["note"], str) else Text.from_json(after["note"]),
                officer=officer or "an account that was removed",
                at=change.at,
            )
        )
    return told


@describes(SubjectKind.ELIGIBILITY_CHECK)
def _field(name: str) -> FieldWords | None:
    what, _, code = name.partition(":")
    if what != "finding":
        return None
    return FieldWords(f"Finding: {say(RULEBOOK[code].title) if code in RULEBOOK else code}", _settled)


def _settled(value: Mapping[str, Any]) -> str:
    outcome = FindingOutcome.with_code(value["outcome"])
    words = value["outcome"] if outcome is None else outcome.label
    return f"{words}: {plain(value['note'])}" if value.get("note") else words
