"""The check of a whole call by the real program: each application gets its report once, while others get receipts.

`python -m scripts.checks` has 8,000 checked and holds the program to rates and memory; here the machine may be busy.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from scripts.checks.trial import Figures, trial

GOOD = Figures(
    count=8000,
    made=8000,
    twice=0,
    listing=4.0,
    rates=(30.0, 29.0, 28.0),
    whole=29.0,
    size=52_000,
    receipt=2.0,
    memory={"scripts.serve.worker": 150 * 2**20},
    processor_ms=50.0,
)


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_the_workers_check_a_whole_call(capsys):
    figures = trial(24)

    with capsys.disabled():
        print(f"\nThe check of 24 applications:\n{figures.told()}")  # noqa: T201 -- the figures of the trial
    assert (figures.made, figures.twice) == (24, 0)
    assert figures.receipt < 120


def test_a_check_that_keeps_its_limits_has_missed_none():
    assert GOOD.missed(replace(GOOD, size=51_500)) == []


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        (replace(GOOD, made=7990), "10 reports are missing"),
        (replace(GOOD, twice=2), "2 reports were made twice"),
        (replace(GOOD, rates=(30.0, 26.0)), "the last reports came at 26.0 a second, the first at 30.0"),
        (replace(GOOD, whole=14.0), "14.0 reports a second, fewer than 15"),
        (replace(GOOD, receipt=10.5), "the receipt took 10.5 s"),
        (replace(GOOD, memory={"scripts.serve.worker": 301 * 2**20}), "scripts.serve.worker took 301 MiB"),
        (replace(GOOD, size=54_000), "a report has 54,000 characters, and 52,000 in a small call"),
    ],
)
def test_a_limit_of_the_check_that_is_missed_is_named(figures: Figures, sentence: str):
    assert figures.missed(GOOD) == [sentence]
