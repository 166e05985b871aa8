"""Days of experts: for when they are available, what is booked, and how many days a period still has room for.

No public page of the programme says how days of an expert are to be counted, so these rules are our own. A day of an
expert is a working day, Monday to Friday. An appointment is a number of days somewhere in a period. The appointments
that lie within a period may not have more days than the expert states to be available in it; without a statement, not
more than its working days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from urbact_calls.domain.refusal import Refusal
from urbact_calls.domain.text import message

WORKING_DAYS_A_WEEK = 5


@dataclass(frozen=True, slots=True)
class DaysWithin:
    """A number of days somewhere in a period, its first and last day included: booked, or available."""

    starts_on: date
    ends_on: date
    days: int


def working_days(starts_on: date, ends_on: date) -> int:
    """How many days from Monday to Friday a period has; none if it ends before it starts."""
    weeks, rest = divmod(max((ends_on - starts_on).days + 1, 0), 7)
    return weeks * WORKING_DAYS_A_WEEK + sum(
        (starts_on.weekday() + number) % 7 < WORKING_DAYS_A_WEEK for number in range(rest)
    )


def available_in(starts_on: date, ends_on: date, availability: Sequence[DaysWithin]) -> int:
    """How many days an expert can give in a period; without any statement all its working days."""
    if not availability:
        return working_days(starts_on, ends_on)
    return sum(
        min(each.days, working_days(max(starts_on, each.starts_on), min(ends_on, each.ends_on)))
        for each in availability
    )


def booked_in(starts_on: date, ends_on: date, bookings: Sequence[DaysWithin]) -> int:
    """How many days of the bookings lie within a period for certain."""
    return sum(each.days for each in bookings if starts_on <= each.starts_on and each.ends_on <= ends_on)


def free_days(
    starts_on: date, ends_on: date, *, bookings: Sequence[DaysWithin], availability: Sequence[DaysWithin]
) -> int:
    """How many days an expert can still be booked for in a period, none of them twice.

    Every longer period that begins and ends with a booking is asked too: what is booked around this one may need its
    days.
    """
    starts = {starts_on, *(each.starts_on for each in bookings if each.starts_on < starts_on)}
    ends = {ends_on, *(each.ends_on for each in bookings if each.ends_on > ends_on)}
    rooms = (
        available_in(first, last, availability) - booked_in(first, last, bookings) for first in starts for last in ends
    )
    return max(min(rooms), 0)


ENDS_FIRST = message("days.ends_first", "The last day lies before the first.")
TOO_MANY = message("days.too_many", "From {start} to {end} there are {most} working days.")
AT_LEAST_ONE = message("days.at_least_one", "Type at least one day.")
OVERLAPPING = message("days.overlapping", "This period overlaps another one: their days would count twice.")


def why_not_within(one: DaysWithin, *, start: str, end: str, days: str) -> Iterator[Refusal]:
    """What is wrong with a number of days in a period, beside the fields of these names."""
    if one.ends_on < one.starts_on:
        yield Refusal(ENDS_FIRST(), field=end)
        return
    most = working_days(one.starts_on, one.ends_on)
    if one.days < 1:
        yield Refusal(AT_LEAST_ONE(), field=days)
    elif one.days > most:
        yield Refusal(TOO_MANY(start=one.starts_on, end=one.ends_on, most=most), field=days)


def why_not_available(periods: Mapping[int, DaysWithin]) -> Iterator[Refusal]:
    """What is wrong with the periods that an expert states, by the number of their row: its fields are `starts_on_1`,
    `ends_on_1` and `days_1`."""
    for number, one in periods.items():
        yield from why_not_within(one, start=f"starts_on_{number}", end=f"ends_on_{number}", days=f"days_{number}")
        before = (other for row, other in periods.items() if row < number)
        if any(one.starts_on <= other.ends_on and other.starts_on <= one.ends_on for other in before):
            yield Refusal(OVERLAPPING(), field=f"starts_on_{number}")
