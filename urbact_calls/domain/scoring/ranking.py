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


def _key(each: Scored, grid: Grid, terms: CallTerms, tie_break: tuple[str, ...]) -> tuple[bool, int, tuple[int, ...]]:
    total = grid.total(each.points)
    breakers = tuple(-each.points[code] for code in tie_break)
    return (_is_below(each, total, grid, terms), -total, breakers)


def _is_below(each: Scored, total: int, grid: Grid, terms: CallTerms) -> bool:
    overall, single = terms.overall_threshold, terms.criterion_threshold
    if overall is not None and total < overall * grid.scale_max:
        return True
    return single is not None and min(each.points.values()) < single
