"""Steps on calls that can be composed inside a command."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.audit.operations import field_changed
from urbact_calls.calls.models import Call
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import NetworkType
from urbact_calls.reference.calls import DEMO_CODE, demo_terms
from urbact_calls.web.filters import PARIS

DEMONSTRATION_LASTS = timedelta(days=60)


def publish(  # noqa: PLR0913 -- what a published call consists of; all keyword-only
    session: Session,
    *,
    terms: CallTerms,
    network_type: NetworkType,
    summary: str,
    published_at: datetime | None,
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


def change_terms(session: Session, call: Call, terms: CallTerms, actor: Actor, now: datetime) -> None:
    """Gives a call other terms, its dates included, and keeps what the dates were."""
    for name, before, after in (
        ("opens_at", call.opens_at, terms.opens_at),
        ("closes_at", call.closes_at, terms.closes_at),
    ):
        field_changed(
            session,
            object_ref=f"call:{call.code}",
            field=name,
            before=before.isoformat(),
            after=after.isoformat(),
            actor=actor,
            now=now,
        )
    call.opens_at, call.closes_at, call.terms = terms.opens_at, terms.closes_at, terms.to_json()
    call.version += 1


def demonstration_terms(now: datetime, code: str = DEMO_CODE) -> CallTerms:
    """The terms of a demonstration call that opens today and closes in 60 days at 15:00, Paris time."""
    today = now.astimezone(PARIS).date()
    opens_at = datetime.combine(today, time(), tzinfo=PARIS)
    closes_at = datetime.combine(today + DEMONSTRATION_LASTS, time(15), tzinfo=PARIS)
    return demo_terms(opens_at.astimezone(UTC), closes_at.astimezone(UTC), code)
