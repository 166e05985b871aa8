"""The tables of the benchmark, the limits that its figures are held to, and the comparison with a stored run.

The limits are growth, and times the floor of the same run: both stay as they are on a slower machine, and beside other
work. Only memory is held to so many MiB, because it does not depend on the machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from scripts.bench.acts import MeasuredAct
from scripts.bench.browser import PageView
from scripts.bench.client import TimingFigures
from scripts.bench.processes import Memory

MOST_FLOORS = 12
MOST_QUERIES = 10
MOST_GROWTH = 1.3
# A millisecond more or less is the clock and the machine, not the number of applications.
NOISE_MS = 1.0
MOST_WORKER_MIB = 140
MOST_PROGRAM_MIB = 400


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One page: with one client, with eight, and the floor with one; what a browser asks for at first and again, of a
    page that is shown."""

    page: str
    one: TimingFigures
    eight: TimingFigures
    floor: TimingFigures
    first: PageView | None = None
    again: PageView | None = None

    @property
    def floors(self) -> float:
        """How many times the floor the page takes."""
        return self.one.p50 / self.floor.p50


@dataclass(slots=True)
class BenchReport:
    """All figures of a run. `pages` by the number of applications; `failures` say what could not be measured."""

    pages: dict[int, list[ReportLine]] = field(default_factory=dict)
    acts: list[MeasuredAct] = field(default_factory=list)
    web_workers: list[Memory] = field(default_factory=list)
    program: list[Memory] = field(default_factory=list)
    filled: dict[int, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def told(self) -> str:
        """All figures, in tables for a terminal."""
        parts = []
        for count, lines in self.pages.items():
            said = f"{count:,} applications, written in {self.filled[count]:.0f} s"
            parts.append(f"{said}; p50 and p95 in ms, 1 and 8 clients\n{table(PAGE_HEAD, map(_cells, lines))}")
            views = [_view_cells(line) for line in lines if line.first and line.again]
            if views:
                parts.append(f"What a browser asks for, with {count:,}\n{table(VIEW_HEAD, views)}")
        if self.acts:
            parts.append(f"Acts, one of so many\n{table(ACT_HEAD, map(_act_cells, self.acts))}")
        for name, processes in (("Web workers", self.web_workers), ("./run.sh at rest", self.program)):
            if processes:
                total = f"{name}, {sum(each.pss for each in processes):.0f} MiB together"
                parts.append(f"{total}\n{table(MEMORY_HEAD, map(_memory_cells, processes))}")
        return "\n\n".join(parts)

    def stored(self) -> dict[str, Any]:
        """All figures for a file, for `compared`."""
        return asdict(self)

    def missed(self) -> list[str]:
        """A sentence for each limit that is not kept, and for what could not be measured."""
        found = [*self.failures]
        for count, lines in self.pages.items():
            for line in lines:
                found += _missed_by(line, count)
        smallest, *larger = sorted(self.pages) or [0]
        for count in larger:
            before = {line.page: line for line in self.pages[smallest]}
            found += [
                _grown(line.page, "takes {:.2f} times the processor", before[line.page].one.cpu, line.one.cpu, sizes)
                for sizes in [(smallest, count)]
                for line in self.pages[count]
                if line.page in before and _has_grown(before[line.page].one.cpu, line.one.cpu)
            ]
        found += _missed_by_acts(self.acts)
        found += [
            f"{each.process} holds {each.rss:.0f} MiB; the limit is {MOST_WORKER_MIB}."
            for each in self.web_workers
            if each.rss > MOST_WORKER_MIB
        ]
        if (together := sum(each.pss for each in self.program)) > MOST_PROGRAM_MIB:
            found.append(f"./run.sh holds {together:.0f} MiB at rest; the limit is {MOST_PROGRAM_MIB}.")
        return found


def _missed_by(line: ReportLine, count: int) -> Iterator[str]:
    if line.floors > MOST_FLOORS:
        yield f"{line.page}: {line.floors:.1f} times the floor with {count:,}; the limit is {MOST_FLOORS}."
    if line.one.queries > MOST_QUERIES:
        yield f"{line.page}: {line.one.queries} queries with {count:,}; the limit is {MOST_QUERIES}."
    if line.again and line.again.requests > 1:
        yield f"{line.page}: {line.again.requests - 1} assets are asked for again with {count:,}."


def _missed_by_acts(acts: Sequence[MeasuredAct]) -> Iterator[str]:
    smallest: dict[str, MeasuredAct] = {}
    for act in sorted(acts, key=lambda each: each.count):
        yield from (f"{act.act} of {act.count:,}: {problem}." for problem in act.problems)
        before = smallest.setdefault(act.act, act)
        if _has_grown(before.cost_ms, act.cost_ms):
            sizes = before.count, act.count
            yield _grown(act.act, "each takes {:.2f} times as much", before.cost_ms, act.cost_ms, sizes)


def _has_grown(before: float, after: float) -> bool:
    return after > MOST_GROWTH * before + NOISE_MS


def _grown(what: str, how: str, before: float, after: float, sizes: tuple[int, int]) -> str:
    return f"{what}: {how.format(after / before)} with {sizes[1]:,} that it took with {sizes[0]:,} ({before:.1f} ms)."


def compared(now: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """A table of two stored runs: processor and times the floor of each page that both have, of each act what one
    costs, of memory the sum; each with how many times that of the run before it is."""
    rows = []
    for count, lines in now["pages"].items():
        known = {line["page"]: line for line in before["pages"].get(str(count), before["pages"].get(count, ()))}
        for line in lines:
            if (was := known.get(line["page"])) is not None:
                name = f"{line['page']}, {int(count):,}"
                rows.append(_ratio(f"{name}: processor, ms", was["one"]["cpu"], line["one"]["cpu"]))
                rows.append(_ratio(f"{name}: times floor", _floors(was), _floors(line)))
    known = {(act["act"], act["count"]): act for act in before["acts"]}
    for act in now["acts"]:
        if (was := known.get((act["act"], act["count"]))) is not None:
            rows.append(_ratio(f"{act['act']}, {act['count']:,}: ms for one", _cost(was), _cost(act)))
    for part in ("web_workers", "program"):
        was, is_now = (sum(each["pss"] for each in run[part]) for run in (before, now))
        if was and is_now:
            rows.append(_ratio(f"{part.replace('_', ' ')}: MiB", was, is_now))
    return table(("", "before", "now", "times"), rows, first=48)


def _floors(line: Mapping[str, Any]) -> float:
    return float(line["one"]["p50"] / line["floor"]["p50"])


def _cost(act: Mapping[str, Any]) -> float:
    return float(act["each_ms"] if act["cpu_ms"] is None else act["cpu_ms"])


def _ratio(what: str, before: float, now: float) -> tuple[str, ...]:
    return what, f"{before:.1f}", f"{now:.1f}", f"{now / before:.2f}" if before else "-"


PAGE_HEAD = ("page", "p50", "p95", "1/s", "p50 x8", "p95 x8", "1/s x8", "cpu", "db cpu", "queries", "floor", "times")
VIEW_HEAD = ("page", "requests", "kB", "ms", "again", "kB", "ms")
ACT_HEAD = ("act", "number", "ms each", "of cpu", "1/s", "wait, s")
MEMORY_HEAD = ("process", "PSS MiB", "RSS MiB")


def table(head: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]], first: int = 26) -> str:
    """Rows in columns under their heads, for a terminal; `first` is the width of the first column."""
    return "\n".join(f"{name:<{first}}{''.join(f'{cell:>9}' for cell in cells)}" for name, *cells in [head, *rows])


def _cells(line: ReportLine) -> tuple[str, ...]:
    one, eight = line.one, line.eight
    return (
        line.page,
        *(f"{figure:.1f}" for figure in (one.p50, one.p95, one.per_second, eight.p50, eight.p95, eight.per_second)),
        f"{one.cpu:.1f}",
        f"{one.database_cpu:.1f}",
        str(one.queries),
        f"{line.floor.p50:.1f}",
        f"{line.floors:.1f}",
    )


def _view_cells(line: ReportLine) -> tuple[str, ...]:
    views = [each for each in (line.first, line.again) if each]
    cells = [(str(each.requests), f"{each.bytes / 1000:.1f}", f"{each.ms:.0f}") for each in views]
    return (line.page, *(cell for each in cells for cell in each))


def _act_cells(act: MeasuredAct) -> tuple[str, ...]:
    cpu = "-" if act.cpu_ms is None else f"{act.cpu_ms:.1f}"
    return act.act, f"{act.count:,}", f"{act.each_ms:.1f}", cpu, f"{1000 / act.each_ms:.1f}", f"{act.longest:.1f}"


def _memory_cells(each: Memory) -> tuple[str, ...]:
    return each.process, f"{each.pss:.1f}", f"{each.rss:.1f}"
