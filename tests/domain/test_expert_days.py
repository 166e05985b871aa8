"""Days of experts: working days, what is available, what is booked, and how many are free in a period."""

from __future__ import annotations

from datetime import date

import pytest

from urbact_calls.domain.expert_days import (
    DaysWithin,
    available_in,
    free_days,
    why_not_available,
    why_not_within,
    working_days,
)

# The first of March 2027 is a Monday.
MARCH = (date(2027, 3, 1), date(2027, 3, 31))
APRIL = (date(2027, 4, 1), date(2027, 4, 30))
BOTH = (MARCH[0], APRIL[1])


def free(period: tuple[date, date], *booked: DaysWithin, stated: tuple[DaysWithin, ...] = ()) -> int:
    return free_days(*period, bookings=booked, availability=stated)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (1, 1, 1),
        (1, 7, 5),
        (6, 7, 0),
        (5, 8, 2),
        (7, 14, 5),
        (1, 31, 23),
        (2, 1, 0),
    ],
)
def test_a_period_has_its_days_from_monday_to_friday(first: int, last: int, days: int):
    assert working_days(date(2027, 3, first), date(2027, 3, last)) == days


def test_without_a_statement_all_working_days_are_free():
    assert free(MARCH) == 23


def test_only_the_part_of_a_stated_period_that_lies_within_counts():
    stated = [DaysWithin(date(2027, 3, 29), date(2027, 4, 30), 20), DaysWithin(date(2027, 5, 3), date(2027, 5, 31), 10)]

    assert available_in(*MARCH, stated) == 3
    assert available_in(*APRIL, stated) == 20
    assert available_in(date(2027, 6, 1), date(2027, 6, 30), stated) == 0


def test_what_is_booked_within_the_period_is_not_free():
    assert free(MARCH, DaysWithin(*MARCH, 20)) == 3


def test_days_of_a_longer_booking_can_move_away_as_long_as_there_is_room():
    """Forty-five working days in two months: thirty booked over both leave all of March but eight days."""
    assert free(MARCH, DaysWithin(*BOTH, 30)) == 15


def test_a_booking_that_only_overlaps_needs_its_room_too():
    february_and_march = DaysWithin(date(2027, 2, 1), MARCH[1], 40)
    march_and_april = DaysWithin(*BOTH, 22)

    assert free(MARCH, february_and_march, march_and_april) == 65 - 62


def test_bookings_at_other_times_take_nothing():
    assert free(MARCH, DaysWithin(*APRIL, 22)) == 23


def test_what_is_overbooked_already_leaves_nothing_and_never_less():
    assert free(MARCH, DaysWithin(*MARCH, 40)) == 0


def test_days_that_are_stated_bound_what_is_free():
    stated = (DaysWithin(*BOTH, 10),)

    assert free(MARCH, stated=stated) == 10
    assert free(MARCH, DaysWithin(*APRIL, 8), stated=stated) == 2


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (DaysWithin(*MARCH, 23), []),
        (DaysWithin(*MARCH, 24), [("days", "From 1 March 2027 to 31 March 2027 there are 23 working days.")]),
        (DaysWithin(*MARCH, 0), [("days", "Type at least one day.")]),
        (DaysWithin(MARCH[1], MARCH[0], 3), [("end", "The last day lies before the first.")]),
    ],
)
def test_what_is_wrong_with_days_in_a_period_is_said_beside_its_field(one: DaysWithin, said: list[tuple[str, str]]):
    found = why_not_within(one, start="start", end="end", days="days")

    assert [(each.field, str(each.message)) for each in found] == said


def test_stated_periods_do_not_overlap():
    periods = {1: DaysWithin(*MARCH, 5), 3: DaysWithin(date(2027, 3, 31), APRIL[1], 5)}

    assert [(each.field, each.code) for each in why_not_available(periods)] == [("starts_on_3", "days.overlapping")]
    assert list(why_not_available({1: DaysWithin(*MARCH, 5), 2: DaysWithin(*APRIL, 5)})) == []
