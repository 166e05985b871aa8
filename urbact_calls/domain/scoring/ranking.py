"""The ordered list put to the committee: exact totals, thresholds, and ties shown as ties."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from urbact_calls.domain.scoring.grid import Grid
from urbact_calls.domain.terms import CallTerms


@dataclass(frozen=True, slots=True)
class Scored:
    """An application with the points of its signed consensus sheet."""

    reference: str
    points: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of the ranking. `is_tied`: others share the place, and the committee decides between them."""

    place: int
    reference: str
    total: int
    is_tied: bool
    is_below: bool


def rank(applications: Iterable[Scored], grid: Grid, terms: CallTerms) -> tuple[Place, ...]:
    """Places from the best down: those below a threshold after all others, equals with the same place.

    A threshold that is None is not applied. The tie-break of the call applies only if that term is confirmed. What
    is still equal shares a place and stands in order of reference, which means nothing.
    """
    tie_break = terms.tie_break if terms.is_confirmed("tie_break") else ()
    keys = {each.reference: _key(each, grid, terms, tie_break) for each in applications}
    shared = Counter(keys.values())
    return tuple(
        Place(
            place=1 + sum(other < key for other in keys.values()),
            reference=reference,
            total=-key[1],
            is_tied=shared[key] > 1,
            is_below=key[0],
        )
        for reference, key in sorted(keys.items(), key=lambda item: (item[1], item[0]))
    )


def standing(points: Mapping[str, int], grid: Grid, terms: CallTerms) -> int:
    """Where points stand among those of the same call, as one whole number: the greater, the better the place.

    Equal numbers share a place. A database keeps it in an index, so that a page of a long ranking costs no more than
    a page of a short one. Raises ValueError unless every criterion is scored.
    """
    tie_break = terms.tie_break if terms.is_confirmed("tie_break") else ()
    is_below, lost, breakers = _key(Scored("", points), grid, terms, tie_break)
    number = (0 if is_below else 1) * _above(grid) - lost
    for lost_to in breakers:
        number = number * (grid.scale_max + 1) - lost_to
    return number


def stands_below(number: int, grid: Grid, terms: CallTerms) -> bool:
    """Whether a standing is one below a threshold of the call."""
    breakers = len(terms.tie_break) if terms.is_confirmed("tie_break") else 0
    return bool(number < _above(grid) * (grid.scale_max + 1) ** breakers)


def _above(grid: Grid) -> int:
    """What being above the thresholds is worth: more than any total."""
    return grid.highest_total + 1


def _key(each: Scored, grid: Grid, terms: CallTerms, tie_break: tuple[str, ...]) -> tuple[bool, int, tuple[int, ...]]:
    total = grid.total(each.points)
    breakers = tuple(-each.points[code] for code in tie_break)
    return (_is_below(each, total, grid, terms), -total, breakers)


def _is_below(each: Scored, total: int, grid: Grid, terms: CallTerms) -> bool:
    overall, single = terms.overall_threshold, terms.criterion_threshold
    if overall is not None and total < overall * grid.scale_max:
        return True
    return single is not None and min(each.points.values()) < single
