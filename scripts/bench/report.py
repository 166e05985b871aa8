"""The table of the benchmark, and the limits that its figures are held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scripts.bench.client import TimingFigures

LONGEST_MS = 60
MOST_FLOORS = 25
MOST_QUERIES = 12
MOST_GROWTH = 1.3
# Half a millisecond more or less is the clock and the machine, not the number of applications.
NOISE_MS = 1.0


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One page: with one client, with eight, and the floor with one."""

    page: str
    one: TimingFigures
    eight: TimingFigures
    floor: TimingFigures

    @property
    def floors(self) -> float:
        """How many times the floor the page takes."""
        return self.one.p50 / self.floor.p50


HEAD = ("page", "p50", "p95", "1/s", "p50 x8", "p95 x8", "1/s x8", "cpu", "queries", "bytes", "floor", "times")


def table(lines: Sequence[ReportLine]) -> str:
    """The lines in columns, for a terminal."""
    rows = [HEAD, *(_cells(line) for line in lines)]
    return "\n".join(f"{page:<24}{''.join(f'{cell:>9}' for cell in cells)}" for page, *cells in rows)


def _cells(line: ReportLine) -> tuple[str, ...]:
    one, eight = line.one, line.eight
    return (
        line.page,
        *(f"{figure:.1f}" for figure in (one.p50, one.p95, one.per_second, eight.p50, eight.p95, eight.per_second)),
        f"{one.cpu:.1f}",
        str(one.queries),
        f"{one.bytes:,}",
        f"{line.floor.p50:.1f}",
        f"{line.floors:.1f}",
    )


def misses(results: Mapping[int, Sequence[ReportLine]]) -> list[str]:
    """A sentence for each limit that a page does not keep."""
    found = []
    for count, lines in results.items():
        for line in lines:
            if line.one.p50 > LONGEST_MS:
                found.append(f"{line.page}: p50 of {line.one.p50:.1f} ms with {count:,}; the limit is {LONGEST_MS} ms.")
            if line.floors > MOST_FLOORS:
                found.append(
                    f"{line.page}: {line.floors:.1f} times the floor with {count:,}; the limit is {MOST_FLOORS}."
                )
            if line.one.queries > MOST_QUERIES:
                found.append(f"{line.page}: {line.one.queries} queries with {count:,}; the limit is {MOST_QUERIES}.")
    for small, large in pairwise(sorted(results)):
        for before, after in zip(results[small], results[large], strict=True):
            if after.one.p50 > MOST_GROWTH * before.one.p50 + NOISE_MS:
                times = after.one.p50 / before.one.p50
                found.append(f"{after.page}: {times:.2f} times as slow with {large:,} as with {small:,} applications.")
    return found
