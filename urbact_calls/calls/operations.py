"""Steps on calls that can be composed inside a command."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.audit.operations import field_changed
from urbact_calls.calls.models import Call
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import NetworkType


def publish(  # noqa: PLR0913 -- what a published call consists of; all keyword-only
    session: Session,
    *,
    terms: CallTerms,
    network_type: NetworkType,
    summary: str,
    published_at: datetime,
    now: datetime,
    is_historical: bool = False,
    is_demonstration: bool = False,
    results: dict[str, Any] | None = None,
) -> Call:
    """Adds a call with its terms; the dates of the row are those of the terms."""
    call = Call(
        code=terms.code,
        type=network_type,
        title=terms.title,
        summary=summary,
        opens_at=terms.opens_at,
        closes_at=terms.closes_at,
        published_at=published_at,
        is_historical=is_historical,
        is_demonstration=is_demonstration,
        terms=terms.to_json(),
        results=results,
        created_at=now,
    )
    session.add(call)
    session.flush()
    return call


def move_dates(
    session: Session, call: Call, *, opens_at: datetime, closes_at: datetime, actor: Actor, now: datetime
) -> None:
    """Gives a call other dates, in its row and in its terms, and keeps what they were."""
    terms = replace(CallTerms.from_json(call.terms), opens_at=opens_at, closes_at=closes_at)
    for name, before, after in (("opens_at", call.opens_at, opens_at), ("closes_at", call.closes_at, closes_at)):
        field_changed(
            session,
            object_ref=f"call:{call.code}",
            field=name,
            before=before.isoformat(),
            after=after.isoformat(),
            actor=actor,
            now=now,
        )
    call.opens_at, call.closes_at, call.terms = opens_at, closes_at, terms.to_json()
