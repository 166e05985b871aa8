"""Scoring of applications: a grid of criteria, where assessors differ, and the order they end in.

Totals are whole numbers, so that a threshold is never missed by a rounding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from urbact_calls.domain.terms import CallTerms

WEIGHTS_SUM = 100
# Two steps of a scale of six: one step is taste, two are a different reading of the application.
TALK_FROM_POINTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One question of the sheet. `weight` is in whole percent; `asks` lists what assessors look at."""

    code: str
    title: str
    weight: int
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SoFar:
    """The sum of weight x points of the criteria that are scored, and the sum of their weights."""

    points: int
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The criteria of a network type, each scored in whole points from 0 to `scale_max`.

    The default weights are a proposal of ours; no official weights were published (`domain.md` 8.2).
    """

    criteria: tuple[Criterion, ...]
    scale_max: int = 5

    def __post_init__(self) -> None:
        codes = [criterion.code for criterion in self.criteria]
        if len(set(codes)) != len(codes):
            raise ValueError(f"two criteria share a code: {codes}")
        if any(criterion.weight <= 0 for criterion in self.criteria):
            raise ValueError("every criterion has a weight above 0")
        weights = sum(criterion.weight for criterion in self.criteria)
        if weights != WEIGHTS_SUM:
            raise ValueError(f"the weights of a grid sum to {WEIGHTS_SUM}, these to {weights}")

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(criterion.code for criterion in self.criteria)

    @property
    def highest_total(self) -> int:
        return WEIGHTS_SUM * self.scale_max

    def criterion(self, code: str) -> Criterion:
        """The criterion of a code; raises KeyError for another."""
        return {criterion.code: criterion for criterion in self.criteria}[code]

    def total(self, points: Mapping[str, int]) -> int:
        """Sum of weight x points, from 0 to `highest_total` (500 on a scale of 5).

        Raises ValueError unless every criterion, and nothing else, has whole points on the scale.
        """
        if set(points) != set(self.codes):
            raise ValueError(f"a total needs points for {', '.join(self.codes)} and nothing else")
        for code, given in points.items():
            if type(given) is not int or not 0 <= given <= self.scale_max:
                raise ValueError(f"{code} has {given!r}; points are whole, from 0 to {self.scale_max}")
        return sum(criterion.weight * points[criterion.code] for criterion in self.criteria)

    def so_far(self, points: Mapping[str, int]) -> SoFar:
        """What the criteria that are scored give, of a sheet that need not be complete."""
        scored = [each for each in self.criteria if each.code in points]
        return SoFar(sum(each.weight * points[each.code] for each in scored), sum(each.weight for each in scored))


@dataclass(frozen=True, slots=True)
class Divergence:
    """One criterion with its lowest and highest points."""

    criterion: str
    lowest: int
    highest: int


def divergence(sheets: Sequence[Mapping[str, int]], grid: Grid) -> tuple[Divergence, ...]:
    """The criteria, in grid order, where points lie two or more apart, on a scale of one point one; nothing for fewer
    than two sheets."""
    if len(sheets) < 2:
        return ()
    spans = (
        Divergence(code, min(sheet[code] for sheet in sheets), max(sheet[code] for sheet in sheets))
        for code in grid.codes
    )
    return tuple(span for span in spans if span.highest - span.lowest >= min(TALK_FROM_POINTS, grid.scale_max))


def alerts(sheets: Sequence[Mapping[str, int]], grid: Grid, *, alert_points: int) -> bool:
    """Whether totals lie more than the call's alert (points of 100) apart, so that a third assessor may be added."""
    if len(sheets) < 2:
        return False
    totals = [grid.total(sheet) for sheet in sheets]
    return max(totals) - min(totals) > alert_points * grid.scale_max


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
