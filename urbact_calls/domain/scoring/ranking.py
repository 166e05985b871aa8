"""Ranking order of applications: those below a threshold last, then by exact total and tie-break."""

from __future__ import annotations

from collections.abc import Mapping

from urbact_calls.domain.scoring.grid import Grid
from urbact_calls.domain.terms import CallTerms


def standing(points: Mapping[str, int], grid: Grid, terms: CallTerms) -> int:
    """Where points stand among those of the same call, as one whole number: the greater, the better the place.

    Equal numbers share a place. A threshold that is None is not applied; the tie-break of the call applies only if
    that term is confirmed. A database keeps the number in an index, so that a page of a long ranking costs no more
    than a page of a short one. Raises ValueError unless every criterion is scored.
    """
    total = grid.total(points)
    number = total + (0 if _is_below(points, total, grid, terms) else _above(grid))
    for code in _tie_break(terms):
        number = number * (grid.scale_max + 1) + points[code]
    return number


def stands_below(number: int, grid: Grid, terms: CallTerms) -> bool:
    """Whether a standing is one below a threshold of the call."""
    return bool(number < _above(grid) * (grid.scale_max + 1) ** len(_tie_break(terms)))


def _tie_break(terms: CallTerms) -> tuple[str, ...]:
    return terms.tie_break if terms.is_confirmed("tie_break") else ()


def _above(grid: Grid) -> int:
    """What being above the thresholds is worth: more than any total."""
    return grid.highest_total + 1


def _is_below(points: Mapping[str, int], total: int, grid: Grid, terms: CallTerms) -> bool:
    overall, single = terms.overall_threshold, terms.criterion_threshold
    if overall is not None and total < overall * grid.scale_max:
        return True
    return single is not None and min(points.values()) < single
