"""The places of a ranking as the terms of a call describe them, written apart from the program to compare it with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from urbact_calls.domain.scoring import Grid
from urbact_calls.domain.terms import CallTerms


@dataclass(frozen=True, slots=True)
class Scored:
    """An application with the points of its signed consensus sheet."""

    reference: str
    points: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the ranking; `total` counts hundredths of the scale, as sheets store it."""

    place: int
    reference: str
    total: int
    is_tied: bool
    is_below: bool


def ranked_by_hand(applications: Iterable[Scored], grid: Grid, terms: CallTerms) -> list[Place]:
    """Places from the best down: those below a threshold after all others, equals with the same place."""
    breakers = terms.tie_break if terms.is_confirmed("tie_break") else ()
    every = list(applications)

    def total(one: Scored) -> int:
        return sum(each.weight * one.points[each.code] for each in grid.criteria)

    def is_below(one: Scored) -> bool:
        of_hundred = Fraction(total(one), grid.scale_max)
        below = terms.overall_threshold is not None and of_hundred < terms.overall_threshold
        weak = terms.criterion_threshold is not None and min(one.points.values()) < terms.criterion_threshold
        return below or weak

    def merit(one: Scored) -> tuple[bool, int, list[int]]:
        return not is_below(one), total(one), [one.points[code] for code in breakers]

    return [
        Place(
            place=1 + sum(merit(other) > merit(one) for other in every),
            reference=one.reference,
            total=total(one),
            is_tied=sum(merit(other) == merit(one) for other in every) > 1,
            is_below=is_below(one),
        )
        for one in sorted(sorted(every, key=lambda one: one.reference), key=merit, reverse=True)
    ]
