"""Reads of the API alone: calls page by page, and the terms by which a dossier is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.calls.models import Call
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import CallPhase
from urbact_calls.paging import Page, page_of
from urbact_calls.reference.known_calls import historic_terms


def published_calls(session: Session, now: datetime, *, after: str | None, size: int) -> Page[Call]:
    """A page of the calls that are published at `now`, in the order of their codes."""
    query = select(Call).where(Call.published_at <= now).order_by(Call.code).limit(size + 1)
    rows = session.scalars(query if after is None else query.where(Call.code > after)).all()
    return page_of(rows, size=size, key=lambda call: call.code)


def terms_at(session: Session, now: datetime) -> Callable[[str], CallTerms]:
    """Gives the terms of a call by its code: those of the published row, else those that the package knows.

    The function raises KeyError for a code that is neither; a call that is not published does not exist yet.
    """

    def terms_of(code: str) -> CallTerms:
        call = session.scalar(select(Call).where(Call.code == code))
        if call is not None and call.phase(now) is not CallPhase.UNPUBLISHED:
            return call.terms
        return historic_terms(code)

    return terms_of
