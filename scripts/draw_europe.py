"""Draws templates/macros/europe.svg.html from Natural Earth's countries (world-atlas, TopoJSON), once, for maintainers.

Run by scripts/vendor.sh as `python -m scripts.draw_europe COUNTRIES_JSON OUTPUT`. Borders are those of the source and
carry no opinion.
"""

import json
import sys
import textwrap
from itertools import accumulate, pairwise
from pathlib import Path

from config import ROOT
from urbact_calls.domain.map_projection import HEIGHT, WIDTH, project

Point = tuple[float, float]

# ISO 3166-1 numeric: the Member States, Norway and Switzerland, IPA III (Albania, Bosnia and Herzegovina, Montenegro,
# North Macedonia, Serbia), and Ukraine and Moldova. Source: urbact.eu, countries of URBACT IV.
PROGRAMME = frozenset(
    f"{code:03}"
    for code in (
        *(40, 56, 100, 191, 196, 203, 208, 233, 246, 250, 276, 300, 348, 372, 380, 428, 440, 442, 470, 528),
        *(616, 620, 642, 703, 705, 724, 752, 578, 756, 8, 70, 499, 807, 688, 804, 498),
    )
)
LONGEST_LINE = 160
MARGIN = 12
SMALLEST_AREA = 3.0
TOLERANCE = 0.55


def decode_arcs(topology: dict) -> list[list[Point]]:
    (scale_x, scale_y), (shift_x, shift_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for deltas in topology["arcs"]:
        points = zip(*(accumulate(axis) for axis in zip(*deltas, strict=True)), strict=True)
        arcs.append(simplify([project(y * scale_y + shift_y, x * scale_x + shift_x) for x, y in points]))
    return arcs


def simplify(line: list[Point]) -> list[Point]:
    """Douglas and Peucker; per arc, so that two neighbours keep one border."""
    if len(line) < 3:
        return line
    (ax, ay), (bx, by) = line[0], line[-1]
    length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
    if length == 0:
        distances = [((x - ax) ** 2 + (y - ay) ** 2) ** 0.5 for x, y in line]
    else:
        distances = [abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length for x, y in line]
    farthest = max(range(len(line)), key=distances.__getitem__)
    if distances[farthest] < TOLERANCE or farthest in (0, len(line) - 1):
        return [line[0], line[-1]]
    return simplify(line[: farthest + 1])[:-1] + simplify(line[farthest:])


def ring_of(indices: list[int], arcs: list[list[Point]]) -> list[Point]:
    """A closed line of several arcs, each of which begins where the one before ends."""
    parts = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in indices]
    return [*parts[0], *(point for part in parts[1:] for point in part[1:])]


def clip(ring: list[Point]) -> list[Point]:
    """Sutherland and Hodgman against the frame and a margin."""
    edges = ((0, -MARGIN, True), (0, WIDTH + MARGIN, False), (1, -MARGIN, True), (1, HEIGHT + MARGIN, False))
    for axis, limit, keep_above in edges:
        inside = [(point[axis] >= limit) == keep_above for point in ring]
        clipped: list[Point] = []
        for at, point in enumerate(ring):
            before, was_inside = ring[at - 1], inside[at - 1]
            if inside[at] != was_inside:
                part = (limit - before[axis]) / (point[axis] - before[axis])
                other = before[1 - axis] + part * (point[1 - axis] - before[1 - axis])
                clipped.append((limit, other) if axis == 0 else (other, limit))
            if inside[at]:
                clipped.append(point)
        ring = clipped
    return ring


def area(ring: list[Point]) -> float:
    return abs(sum(ring[at - 1][0] * y - x * ring[at - 1][1] for at, (x, y) in enumerate(ring))) / 2


def path_of(country: dict, arcs: list[list[Point]]) -> str:
    polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
    rings = (clip(ring_of(indices, arcs)) for polygon in polygons for indices in polygon)
    return "".join(written(ring) for ring in rings if len(ring) > 2 and area(ring) >= SMALLEST_AREA)


def written(ring: list[Point]) -> str:
    """Absolute start, then relative steps in tenths: half the size of absolute points."""
    tenths = [(round(x * 10), round(y * 10)) for x, y in ring]
    steps = [f"M{tenths[0][0] / 10:g} {tenths[0][1] / 10:g}"]
    for (ax, ay), (bx, by) in pairwise(tenths):
        if (ax, ay) != (bx, by):
            steps.append(f"l{(bx - ax) / 10:g} {(by - ay) / 10:g}")
    return "".join(steps) + "z"


def main(source: str, target: str) -> None:
    topology = json.loads(Path(source).read_text(encoding="utf-8"))
    arcs = decode_arcs(topology)
    land: dict[bool, list[str]] = {False: [], True: []}
    for country in topology["objects"]["countries"]["geometries"]:
        if path := path_of(country, arcs):
            land[country.get("id") in PROGRAMME].append(path)
    lines = ["{# Drawn by scripts/draw_europe.py from Natural Earth (public domain). Borders carry no opinion. #}"]
    for is_programme, words in ((False, "map__land"), (True, "map__land map__land--programme")):
        for path in land[is_programme]:
            # Between the numbers of a path a line may end.
            lines += textwrap.wrap(f'<path class="{words}" d="{path}"/>', LONGEST_LINE, break_on_hyphens=False)
    (ROOT / target).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
