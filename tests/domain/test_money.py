"""Money is exact, and every rounding goes down to the cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urbact_calls.domain.money import Euro, Rate, rate_between, share, share_of, total

CENTS = st.integers(min_value=0, max_value=10**15 - 1)


@pytest.mark.parametrize(
    ("text", "cents"),
    [("850000", 85_000_000), ("850000.01", 85_000_001), ("0.5", 50), ("7.25", 725), ("0", 0), ("007", 700)],
)
def test_a_decimal_string_is_read_to_the_cent(text, cents):
    assert Euro.parse(text) == Euro(cents)


@pytest.mark.parametrize(
    "text",
    [
        *("", " 1", "1 ", "1,5", "1 500.50", "1_000", "+5", "-0", "-0.01", "1e3", "NaN", "sNaN", "Infinity"),
        *("0x10", "5 %", "1.005", "1.", ".5", "１２３", "٣", "9" * 14, "9" * 400, "1\n"),
    ],
)
def test_what_is_not_a_plain_decimal_string_is_refused(text):
    with pytest.raises(ValueError, match="is not an amount"):
        Euro.parse(text)


@given(CENTS)
def test_what_is_written_plainly_is_read_back(cents):
    assert Euro.parse(Euro(cents).plain) == Euro(cents)


@pytest.mark.parametrize(
    ("cents", "text"),
    [(85_000_000, "€850,000"), (85_000_001, "€850,000.01"), (0, "€0"), (-1, "-€0.01"), (123456, "€1,234.56")],
)
def test_an_amount_shows_cents_only_where_there_are_some(cents, text):
    assert str(Euro(cents)) == text


@pytest.mark.parametrize("value", [1.0, "1", True, None])
def test_an_amount_is_a_whole_number_of_cents(value):
    with pytest.raises(TypeError):
        Euro(value)


def test_amounts_add_subtract_and_compare():
    assert Euro(150) + Euro(50) - Euro(1) == Euro(199)
    assert Euro(150) > Euro(149)
    assert total((Euro(1), Euro(2), Euro(3))) == Euro(6)
    assert not Euro(0)


@pytest.mark.parametrize(("basis_points", "text"), [(8000, "80 %"), (6550, "65.5 %"), (6505, "65.05 %"), (0, "0 %")])
def test_a_rate_is_shown_in_percent(basis_points, text):
    assert str(Rate(basis_points)) == text


@pytest.mark.parametrize("basis_points", [-1, 10_001, 0.8, True])
def test_a_rate_lies_between_nothing_and_everything(basis_points):
    with pytest.raises(ValueError, match="basis points"):
        Rate(basis_points)


def test_a_share_is_rounded_down_to_the_cent():
    assert share_of(101, 6500) == 65
    assert share(Euro(101), Rate(6500)) == Euro(65)


@given(CENTS, st.integers(min_value=0, max_value=10_000))
def test_a_share_and_the_rest_make_the_whole(cents, basis_points):
    part = share_of(cents, basis_points)

    assert 0 <= part <= cents
    assert part * 10_000 <= cents * basis_points < (part + 1) * 10_000


def test_the_rate_between_two_amounts_is_only_shown():
    assert rate_between(Euro(65), Euro(100)) == Rate(6500)
    assert rate_between(Euro(1), Euro(3)) == Rate(3333)
    assert rate_between(Euro(0), Euro(7)) == Rate(0)
    assert rate_between(Euro(7), Euro(7)) == Rate(10_000)


@pytest.mark.parametrize(("part", "whole"), [(1, 0), (0, 0), (0, -1), (-1, 5), (6, 5)])
def test_there_is_no_rate_without_a_whole_that_holds_the_part(part, whole):
    assert rate_between(Euro(part), Euro(whole)) is None


@pytest.mark.parametrize("other", [1, "1", None])
def test_an_amount_takes_amounts_only(other):
    with pytest.raises(TypeError):
        Euro(1) + other
    with pytest.raises(TypeError):
        Euro(1) - other


def test_whole_euros_make_an_amount_of_cents():
    assert Euro.whole(5) == Euro(500)


@pytest.mark.parametrize(("cents", "plain"), [(0, "0.00"), (5, "0.05"), (12_345, "123.45"), (-5, "-0.05")])
def test_an_amount_is_written_plainly_with_two_decimals(cents, plain):
    assert Euro(cents).plain == plain
