"""Deadline of a clarification: how long an applicant has to answer the Joint Secretariat."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.words import PARIS

_SATURDAY = 5


def clarification_due(asked_at: datetime, terms: CallTerms) -> datetime:
    """The end of the last working day to answer, in Paris: the call's cure period counted from the next day.

    Monday to Friday count; public holidays are not known to the program. Whether the programme allows a cure and for
    how many days is unknown (Terms of Reference not seen); the period is a term of the call.
    """
    day = asked_at.astimezone(PARIS).date()
    left = terms.cure_working_days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return datetime.combine(day, time(23, 59, 59), tzinfo=PARIS)
