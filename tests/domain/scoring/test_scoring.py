"""Totals are exact, ties are shown as ties, and a threshold is met by equality."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.scoring.places import Scored, ranked_by_hand
from urbact_calls.domain.network_types import KINDS, scoring_grid
from urbact_calls.domain.scoring import Criterion, Divergence, Grid, alerts, divergence, standing, stands_below
from urbact_calls.domain.terms import Provenance
from urbact_calls.domain.vocabulary import Confidence, NetworkType
from urbact_calls.domain.words import points
from urbact_calls.reference.known_calls import historic_terms

GRID = KINDS[NetworkType.APN].grid
EQUAL = Grid(criteria=tuple(Criterion(code=f"C{n}", title=f"C{n}", weight=20) for n in range(1, 6)))
OPEN = historic_terms("APN-2023")
CONFIRMED = replace(OPEN, provenance={**OPEN.provenance, "tie_break": Provenance(Confidence.CONFIRMED)})
POINTS = st.fixed_dictionaries({code: st.integers(0, 5) for code in GRID.codes})


def sheet(*points):
    return dict(zip(GRID.codes, points, strict=True))


def places(*scored, terms=OPEN, grid=GRID):
    """Place, reference, tied, below, from the best down, as standings order them."""
    own = {reference: standing(sheet(*points), grid, terms) for reference, points in scored}
    return [
        (
            1 + sum(other > number for other in own.values()),
            reference,
            list(own.values()).count(number) > 1,
            stands_below(number, grid, terms),
        )
        for reference, number in sorted(own.items(), key=lambda item: (-item[1], item[0]))
    ]


@pytest.mark.parametrize("weights", [(50, 49), (60, 41), (101,), (0, 100), (-1, 101)])
def test_weights_are_positive_and_sum_to_100(weights):
    with pytest.raises(ValueError, match="weight"):
        Grid(criteria=tuple(Criterion(code=f"C{n}", title="C", weight=weight) for n, weight in enumerate(weights)))


def test_two_criteria_cannot_share_a_code():
    with pytest.raises(ValueError, match="share a code"):
        Grid(criteria=(Criterion(code="C1", title="C", weight=50), Criterion(code="C1", title="C", weight=50)))


def test_five_weights_of_20_with_15_points_make_60_exactly():
    total = EQUAL.total(sheet(5, 2, 2, 4, 2))

    assert (total, points(total, 5)) == (300, "60")


def test_the_highest_total_is_100_of_100():
    assert (GRID.highest_total, points(GRID.total(sheet(5, 5, 5, 5, 5)), 5)) == (500, "100")


def test_the_lowest_total_is_0_of_100_and_has_a_place():
    lowest, better = ("R1", (0, 0, 0, 0, 0)), ("R2", (0, 0, 0, 0, 1))

    assert points(GRID.total(sheet(0, 0, 0, 0, 0)), 5) == "0"
    assert [(place, reference) for place, reference, *_ in places(lowest, better)] == [(1, "R2"), (2, "R1")]


def test_a_fifth_is_shown_as_a_decimal():
    assert points(402, 5) == "80.4"


@given(POINTS)
def test_a_total_is_a_whole_number_on_the_scale(points):
    assert 0 <= GRID.total(points) <= 500


@given(POINTS, st.sampled_from(GRID.codes))
def test_a_better_point_makes_a_better_total(points, code):
    points[code] = min(points[code], 4)

    assert GRID.total({**points, code: points[code] + 1}) == GRID.total(points) + GRID.criterion(code).weight


@pytest.mark.parametrize(
    "points", [{"C1": 5}, {**sheet(1, 1, 1, 1, 1), "C9": 1}, sheet(6, 0, 0, 0, 0), sheet(-1, 0, 0, 0, 0)]
)
def test_a_sheet_that_is_not_whole_has_no_total(points):
    with pytest.raises(ValueError, match="points"):
        GRID.total(points)


@pytest.mark.parametrize("point", [True, 3.0, "3"])
def test_points_are_whole_numbers(point):
    with pytest.raises(ValueError, match="points are whole"):
        GRID.total(sheet(point, 0, 0, 0, 0))


def test_two_points_apart_is_worth_talking():
    assert divergence([sheet(5, 2, 3, 3, 3), sheet(3, 5, 2, 3, 4)], GRID) == (
        Divergence("C1", 3, 5),
        Divergence("C2", 2, 5),
    )
    assert divergence([sheet(5, 2, 3, 3, 3)], GRID) == ()


def test_more_than_the_alert_apart_calls_a_third_assessor():
    assert not alerts([sheet(3, 3, 3, 3, 3), sheet(2, 2, 2, 2, 2)], GRID, alert_points=20)
    assert alerts([sheet(3, 3, 3, 3, 3), sheet(2, 2, 2, 2, 1)], GRID, alert_points=20)
    assert not alerts([sheet(3, 3, 3, 3, 3)], GRID, alert_points=20)


def test_equal_totals_share_a_place_and_the_next_place_is_left_out():
    assert places(
        ("017", (4, 4, 4, 4, 4)), ("009", (5, 4, 4, 4, 4)), ("003", (4, 4, 4, 4, 4)), ("011", (1, 1, 1, 1, 1))
    ) == [
        (1, "009", False, False),
        (2, "003", True, False),
        (2, "017", True, False),
        (4, "011", False, False),
    ]


@pytest.mark.parametrize(
    ("scale", "total", "shown"), [(1, 80, "80"), (2, 139, "69.5"), (3, 239, "79.67"), (4, 333, "83.25")]
)
def test_a_total_is_of_a_hundred_points_on_every_scale(scale, total, shown):
    assert points(total, scale) == shown


def test_the_grid_of_a_call_has_the_scale_of_the_call():
    grid = scoring_grid(replace(OPEN, scale_max=3))

    assert (grid.highest_total, points(grid.total(sheet(3, 3, 3, 3, 3)), grid.scale_max)) == (300, "100")
    with pytest.raises(ValueError, match="from 0 to 3"):
        grid.total(sheet(4, 3, 3, 3, 3))


def test_on_a_scale_of_one_point_one_is_worth_talking_about():
    grid = scoring_grid(replace(OPEN, scale_max=1))

    assert divergence([sheet(1, 1, 1, 1, 1), sheet(0, 1, 1, 1, 1)], grid) == (Divergence("C1", 0, 1),)


def test_nothing_is_scored_in_a_call_that_founds_no_network():
    with pytest.raises(ValueError, match="founds no network"):
        scoring_grid(historic_terms("GP-2024"))


def test_a_tie_is_broken_only_by_a_confirmed_term():
    # Both have 400: relevance against leadership, each weighs 20.
    scored = (("003", (3, 4, 4, 5, 4)), ("017", (5, 4, 4, 3, 4)))

    assert places(*scored) == [(1, "003", True, False), (1, "017", True, False)]
    assert places(*scored, terms=CONFIRMED) == [(1, "017", False, False), (2, "003", False, False)]


def test_a_threshold_is_met_by_equality_and_those_below_come_last():
    terms = replace(OPEN, overall_threshold=60)

    assert places(("001", (3, 3, 3, 3, 2)), ("002", (3, 3, 3, 3, 3)), terms=terms) == [
        (1, "002", False, False),
        (2, "001", False, True),
    ]


def test_one_weak_criterion_puts_an_application_below_whatever_its_total():
    terms = replace(OPEN, criterion_threshold=2)

    assert places(("001", (5, 5, 5, 5, 1)), ("002", (2, 2, 2, 2, 2)), terms=terms) == [
        (1, "002", False, False),
        (2, "001", False, True),
    ]


LIMITS = st.tuples(
    st.none() | st.integers(0, 100), st.none() | st.integers(0, 5), st.sampled_from([(), ("C1",), ("C3", "C2")])
)


@given(st.lists(POINTS, min_size=1, max_size=8), LIMITS)
def test_standings_order_applications_as_the_terms_say(given_points, limits):
    overall, single, tie_break = limits
    terms = replace(CONFIRMED, overall_threshold=overall, criterion_threshold=single, tie_break=tie_break)
    scored = [Scored(f"A-{number}", points) for number, points in enumerate(given_points)]
    standings = {each.reference: standing(each.points, GRID, terms) for each in scored}

    for place in ranked_by_hand(scored, GRID, terms):
        own = standings[place.reference]
        assert place.place == 1 + sum(other > own for other in standings.values())
        assert place.is_tied == (list(standings.values()).count(own) > 1)
        assert place.is_below == stands_below(own, GRID, terms)
