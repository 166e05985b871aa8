"""Geometry of the drawings on pages (SVG), each in its own units: bars, places of a partnership, maps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

from flask import Flask

# A mark is drawn in 200 x 120, with a margin of 22 on each side.
_MARK_WIDTH, _MARK_HEIGHT, _MARK_MARGIN = 200, 120, 22
_PLACE_WIDTH = 34
_GAP = 0.25


class Located(Protocol):
    """Something with a place on the map, or in a drawing."""

    @property
    def x(self) -> float: ...

    @property
    def y(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a drawing, to a tenth."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a bar, in percent of its length."""

    x: float
    width: float


def mark_spots(points: Sequence[Located]) -> list[Spot]:
    """The cities of a network in the middle of its mark, as large as fits."""
    left, top = min(point.x for point in points), min(point.y for point in points)
    width = max(max(point.x for point in points) - left, 1)
    height = max(max(point.y for point in points) - top, 1)
    scale = min((_MARK_WIDTH - 2 * _MARK_MARGIN) / width, (_MARK_HEIGHT - 2 * _MARK_MARGIN) / height)
    dx, dy = (_MARK_WIDTH - width * scale) / 2, (_MARK_HEIGHT - height * scale) / 2
    return [Spot(round(dx + (each.x - left) * scale, 1), round(dy + (each.y - top) * scale, 1)) for each in points]


def bar_parts(amounts: Iterable[float], whole: float) -> list[Stretch]:
    """The parts of a bar from zero, each but the last with a gap behind it."""
    scale, given = 100 / max(whole, 1), list(amounts)
    ends = list(accumulate(given))
    gaps = [_GAP] * (len(given) - 1) + [0]
    return [
        Stretch(round((end - amount) * scale, 2), round(max(amount * scale - gap, 0), 2))
        for amount, end, gap in zip(given, ends, gaps, strict=True)
    ]


def bar_line(amount: float, whole: float, width: float) -> Stretch:
    """A line of a width across a bar, with its middle at an amount."""
    return Stretch(round(amount * 100 / max(whole, 1) - width / 2, 2), width)


def percent_of(part: float, whole: float, digits: int = 2) -> float:
    """How much of a bar a part fills: at most all of it."""
    return round(min(100 * part / max(whole, 1), 100), digits)


def places(*counts: int) -> tuple[int, list[range]]:
    """A row of squares in groups of these sizes: its length, and the left edges of the squares of each group."""
    ends = list(accumulate(counts))
    lefts = range(0, ends[-1] * _PLACE_WIDTH, _PLACE_WIDTH)
    return ends[-1] * _PLACE_WIDTH, [lefts[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def grid_columns(partners: Sequence[object]) -> int:
    """How many columns a grid of the budget has: the category, each partner, the total."""
    return len(partners) + 2


def label_spot(city: Located, cities: Iterable[Located]) -> tuple[Spot, bool]:
    """Where the name of a city stands, and whether to its left: where the frame ends, or a neighbour is."""
    is_left = city.x > 860 or any(0 < other.x - city.x < 130 and -20 < other.y - city.y < 20 for other in cities)
    return Spot(round(city.x - 13 if is_left else city.x + 13, 1), round(city.y + 6, 1)), is_left


def arc(hub: Located, city: Located) -> str:
    """The path of the curve that joins a member to the lead partner, bent to the north."""
    bend_x = (hub.x + city.x) / 2 + (city.y - hub.y) * 0.14
    bend_y = (hub.y + city.y) / 2 - abs(city.x - hub.x) * 0.14
    return f"M{hub.x:.1f} {hub.y:.1f}Q{bend_x:.1f} {bend_y:.1f} {city.x:.1f} {city.y:.1f}"


def register(app: Flask) -> None:
    for function in (mark_spots, bar_parts, bar_line, percent_of, places, grid_columns, label_spot, arc):
        app.add_template_global(function)
    app.add_template_global(Spot, "spot")
