"""Words for figures."""

from __future__ import annotations

import pytest

from urbact_calls.domain.words import about


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, 0),
        (7, 7),
        (123, 120),
        (995, 1_000),
        (1_049, 1_000),
        (1_050, 1_100),
        (12_499, 12_000),
        (193_324, 193_000),
        (999_999, 1_000_000),
        (1_702_139, 1_700_000),
    ],
)
def test_a_count_is_said_as_people_say_it(count: int, said: int):
    assert about(count) == said
