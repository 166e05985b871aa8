"""What the benchmark makes of what it has seen: `./bench.sh` itself takes minutes and a quiet machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from scripts.bench.client import BenchError, HttpAnswer, TimingFigures, measure, measure_in_turn
from scripts.bench.report import ReportLine, misses

QUICK = TimingFigures(p50=10.0, p95=12.0, per_second=90.0, bytes=20_000, queries=8, cpu=7.0)
FLOOR = TimingFigures(p50=2.0, p95=2.5, per_second=400.0, bytes=900, queries=1, cpu=1.0)
PAGE = ReportLine("ranking", QUICK, QUICK, FLOOR)


def answering(status: int, asked: list[str], name: str) -> Callable[[], HttpAnswer]:
    def ask() -> HttpAnswer:
        asked.append(name)
        return HttpAnswer(status=status, body="", size=len(asked), queries=3, cpu=0.5, location="")

    return ask


def test_pages_that_keep_their_limits_are_not_named():
    assert misses({1_000: [PAGE], 10_000: [replace(PAGE, one=replace(QUICK, p50=13.0))]}) == []


@pytest.mark.parametrize(
    ("figures", "complaint"),
    [
        (replace(QUICK, p50=60.5), "ranking: p50 of 60.5 ms with 1,000; the limit is 60 ms."),
        (replace(QUICK, queries=13), "ranking: 13 queries with 1,000; the limit is 12."),
        (replace(QUICK, p50=50.5), "ranking: 25.2 times the floor with 1,000; the limit is 25."),
    ],
)
def test_a_limit_that_is_missed_is_named(figures: TimingFigures, complaint: str):
    assert complaint in misses({1_000: [replace(PAGE, one=figures)]})


def test_a_page_that_grows_with_the_applications_is_named():
    grown = replace(PAGE, one=replace(QUICK, p50=15.0))

    assert misses({1_000: [PAGE], 10_000: [grown]}) == [
        "ranking: 1.50 times as slow with 10,000 as with 1,000 applications."
    ]


def test_what_is_compared_is_asked_in_turn():
    asked: list[str] = []

    small, large = measure_in_turn([answering(200, asked, "small"), answering(200, asked, "large")], 0.02, 200)

    # Three times each before the clock starts.
    assert asked[6:10] == ["small", "large", "small", "large"]
    assert (small.queries, large.cpu, large.bytes) == (3, 0.5, len(asked))


def test_an_answer_that_was_not_expected_ends_the_benchmark():
    with pytest.raises(BenchError, match="Status 500 instead of 200"):
        measure([answering(500, [], "page")], seconds=0.01, expected=200)
