"""Many submit within the last second before a call closes: none is late, lost or kept twice.

Some, on the program as it is shipped; `python -m scripts.closing` has 500 of them on each server.
"""

from __future__ import annotations

import pytest

from scripts.closing.trial import Size, trial
from tests.services_databases import Databases


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_whoever_submits_in_the_last_second_is_on_time_and_whoever_comes_after_it_is_not(
    databases: Databases, tmp_path, capsys
):
    outcome = trial("shipped", databases, tmp_path, Size(submissions=12, call_of=20, notice=3))

    with capsys.disabled():
        print(f"\nClosing: {outcome.figures()}")  # noqa: T201 -- the figures of the trial
    assert outcome.problems == []
