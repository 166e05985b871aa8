"""Scoring grid: criteria, and totals in whole numbers, so that a threshold is never missed by a rounding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

WEIGHTS_SUM = 100


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
        for criterion in self.criteria:
            if criterion.code == code:
                return criterion
        raise KeyError(code)

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

    def of_hundred(self, total: int) -> Fraction:
        """A total on the scale of 100, exactly: 402 of 500 is 80.4."""
        return Fraction(total, self.scale_max)

    def shown(self, total: int) -> str:
        """A total as people read it: `80.4`, `80`."""
        return exact_decimal(self.of_hundred(total))


def exact_decimal(value: Fraction) -> str:
    """A fraction with at most two decimals, without a trailing zero."""
    whole, hundredths = divmod(round(value * 100), 100)
    return f"{whole}.{hundredths:02d}".rstrip("0").rstrip(".")
