"""Calls for tests: open, upcoming or closed around the instant of the test, with the terms of the demonstration."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session, scoped_session

from urbact_calls.calls.models import Call
from urbact_calls.domain.vocabulary import NetworkType
from urbact_calls.reference.known_calls import DEMO_BASES, DEMO_CODE, demo_terms, historic_terms

AnySession = Session | scoped_session[Session]


def open_call(
    session: AnySession,
    now: datetime,
    code: str = "APN-DEMO",
    *,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    is_demonstration: bool = True,
    **changed_terms: Any,
) -> Call:
    """A published call, open since ten days and for thirty more unless the test says otherwise.

    `changed_terms` replace fields of `CallTerms` (`partners_min=2`).
    """
    opens_at = opens_at or now - timedelta(days=10)
    closes_at = closes_at or now + timedelta(days=30)
    demonstration = code if code in DEMO_BASES else DEMO_CODE
    terms = replace(demo_terms(opens_at, closes_at, demonstration), code=code, **changed_terms)
    call = Call(
        code=code,
        type=terms.network_type or NetworkType.APN,
        title=terms.title,
        summary="",
        opens_at=opens_at,
        closes_at=closes_at,
        published_at=min(opens_at, now),
        is_demonstration=is_demonstration,
        terms=terms,
        created_at=min(opens_at, now),
    )
    session.add(call)
    session.commit()
    return call


def upcoming_call(session: AnySession, now: datetime, code: str = "APN-NEXT", **changed_terms: Any) -> Call:
    """A published call that opens in ten days."""
    return open_call(
        session,
        now,
        code,
        opens_at=now + timedelta(days=10),
        closes_at=now + timedelta(days=60),
        **changed_terms,
    )


def closed_call(session: AnySession, now: datetime, code: str = "APN-DEMO", **changed_terms: Any) -> Call:
    """A call that closed yesterday."""
    return open_call(
        session, now, code, opens_at=now - timedelta(days=60), closes_at=now - timedelta(days=1), **changed_terms
    )


def historical_call(session: AnySession, now: datetime, code: str = "APN-2023", **results: int) -> Call:
    """A record of a past call of the programme; `results` are its published figures."""
    terms = historic_terms(code)
    call = Call(
        code=code,
        type=terms.network_type or NetworkType.APN,
        title=terms.title,
        opens_at=terms.opens_at,
        closes_at=terms.closes_at,
        published_at=terms.opens_at,
        is_historical=True,
        terms=terms,
        results=dict(results) or None,
        created_at=now,
    )
    session.add(call)
    session.commit()
    return call
