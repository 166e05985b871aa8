"""What the benchmark makes of what it has seen: `./bench.sh` itself takes minutes and a quiet machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.bench.__main__ import WORKERS, ground, measure_pages
from scripts.bench.acts import ACTS, MeasuredAct
from scripts.bench.browser import PageView
from scripts.bench.client import Asker, BenchError, HttpAnswer, TimingFigures, measure, measure_in_turn
from scripts.bench.pages import PAGES
from scripts.bench.processes import Memory
from scripts.bench.report import BenchReport, ReportLine, compared
from tests.services_databases import Databases, Dialect

QUICK = TimingFigures(p50=10.0, p95=12.0, per_second=90.0, bytes=20_000, queries=8, cpu=7.0, database_cpu=1.0)
FLOOR = replace(QUICK, p50=2.0, cpu=1.0, queries=1)
PAGE = ReportLine("ranking", QUICK, QUICK, FLOOR, PageView(8, 80_000, 40.0), PageView(1, 5_000, 9.0))
SEALING = MeasuredAct("sealing", 100, 3.0, 2.0, 0.3)


def asker(status: int, asked: list[str], name: str, used: Callable[[], tuple[float, float]] | None = None) -> Asker:
    def ask() -> HttpAnswer:
        asked.append(name)
        return HttpAnswer(status=status, body="", size=len(asked), queries=3, location="")

    return Asker(ask, 200, used or (lambda: (0.0, 0.0)))


def report(*lines: ReportLine, **parts: list) -> BenchReport:
    """A run with 1,000 applications and, if there is a second line of a page, with 100,000."""
    pages = {count: [line] for count, line in zip((1_000, 100_000), lines, strict=False)}
    return BenchReport(pages=pages, filled=dict.fromkeys(pages, 5.0), **parts)


def test_a_run_that_keeps_its_limits_has_missed_none():
    grown = replace(PAGE, one=replace(QUICK, cpu=10.0))
    larger = replace(SEALING, count=1000, cpu_ms=3.5)
    memory = Memory("web worker", pss=110.0, rss=139.0)

    kept = report(PAGE, grown, acts=[SEALING, larger], web_workers=[memory], program=[replace(memory, pss=399.0)])

    assert kept.missed() == []


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (replace(PAGE, one=replace(QUICK, queries=11)), "ranking: 11 queries with 1,000; the limit is 10."),
        (replace(PAGE, one=replace(QUICK, p50=24.2)), "ranking: 12.1 times the floor with 1,000; the limit is 12."),
        (replace(PAGE, again=PageView(3, 9_000, 9.0)), "ranking: 2 assets are asked for again with 1,000."),
    ],
)
def test_a_limit_that_a_page_misses_is_named(line: ReportLine, complaint: str):
    assert report(line).missed() == [complaint]


def test_a_page_that_takes_more_of_the_processor_with_more_applications_is_named():
    assert report(PAGE, replace(PAGE, one=replace(QUICK, cpu=14.0))).missed() == [
        "ranking: takes 2.00 times the processor with 100,000 that it took with 1,000 (7.0 ms)."
    ]


def test_an_act_of_which_each_one_costs_more_in_a_larger_call_is_named():
    larger = replace(SEALING, count=1000, cpu_ms=8.0, problems=("2 were lost",))

    assert report(acts=[SEALING, larger]).missed() == [
        "sealing of 1,000: 2 were lost.",
        "sealing: each takes 4.00 times as much with 1,000 that it took with 100 (2.0 ms).",
    ]


def test_processes_that_hold_too_much_memory_are_named():
    worker, part = Memory("web worker", pss=120.0, rss=141.0), Memory("worker", pss=401.0, rss=90.0)

    assert report(web_workers=[worker], program=[part]).missed() == [
        "web worker holds 141 MiB; the limit is 140.",
        "./run.sh holds 401 MiB at rest; the limit is 400.",
    ]


def test_what_could_not_be_measured_is_a_miss():
    assert report(failures=["cities: No answer within 20 s."]).missed() == ["cities: No answer within 20 s."]


def test_two_stored_runs_are_compared_by_ratios():
    before = report(PAGE, acts=[SEALING]).stored()
    now = report(replace(PAGE, one=replace(QUICK, cpu=3.5)), acts=[replace(SEALING, cpu_ms=1.0)]).stored()

    rows = [line.split() for line in compared(now, before).splitlines()]

    assert [row[-3:] for row in rows[1:]] == [["7.0", "3.5", "0.50"], ["5.0", "5.0", "1.00"], ["2.0", "1.0", "0.50"]]


def test_what_is_compared_is_asked_in_turn():
    asked: list[str] = []

    small, large = measure_in_turn([asker(200, asked, "small"), asker(200, asked, "large")], 0.02)

    # Three times each before the clock starts.
    assert asked[6:10] == ["small", "large", "small", "large"]
    assert (small.queries, large.bytes) == (3, len(asked))


def test_the_processor_of_the_servers_is_shared_out_among_the_requests():
    asked: list[str] = []

    def used() -> tuple[float, float]:
        return 0.010 * len(asked), 0.002 * len(asked)

    [figures] = measure_in_turn([asker(200, asked, "page", used)], 0.02)

    assert (round(figures.cpu, 6), round(figures.database_cpu, 6)) == (10.0, 2.0)


def test_an_answer_that_was_not_expected_ends_a_measurement():
    with pytest.raises(BenchError, match="Status 500 instead of 200"):
        measure([asker(500, [], "page")], seconds=0.01)


def test_an_answer_that_does_not_come_ends_a_measurement():
    def ask() -> HttpAnswer:
        raise TimeoutError

    with pytest.raises(BenchError, match="No answer within 0 s"):
        measure([Asker(ask, 200, lambda: (0.0, 0.0))], seconds=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["postgresql"])
def test_a_page_of_a_call_is_measured_beside_its_floor(databases: Databases, dialect: Dialect, tmp_path: Path):
    """The short form of `./bench.sh`: one page, a hundred applications."""
    [page] = (page for page in PAGES if page.name == "public network page")
    measured = BenchReport()

    with databases.fresh(dialect) as url, ground(100, tmp_path, url, "redis://localhost:1/0") as made:
        measure_pages([made], 0.1, [page], measured)

    [line] = measured.pages[100]
    assert measured.failures == []
    assert line.one.cpu > line.floor.cpu > 0
    assert line.first is not None
    assert line.again is not None
    assert (line.again.requests, line.first.requests > 3, line.again.bytes < line.first.bytes) == (1, True, True)
    assert len(measured.web_workers) == WORKERS
    assert min(each.rss for each in measured.web_workers) > 20


@pytest.mark.slow
def test_sealing_is_measured():
    sealed = ACTS["sealing"](40)

    assert (sealed.count, sealed.problems) == (40, ())
    assert sealed.cost_ms > 0
