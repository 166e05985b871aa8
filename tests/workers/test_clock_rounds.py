"""Rounds of the clock beside much that waits: `python -m scripts.clock_rounds` beside fewer."""

from __future__ import annotations

from typing import get_args

import pytest

from scripts.clock_rounds import measure
from tests.services_databases import Databases, Dialect


@pytest.mark.slow
@pytest.mark.parametrize("dialect", get_args(Dialect))
def test_a_round_asks_the_same_however_much_waits_and_writes_nothing(databases: Databases, tmp_path, dialect: Dialect):
    few, many = (measure(databases, dialect, tmp_path, waiting, rounds=3) for waiting in (3, 300))

    assert len(many.sent) == len(few.sent)
    assert [sent.split()[0] for sent in many.sent if sent.split()[0] not in ("SELECT", "WITH")] == []
    assert "eligibility.official" in many.notified
    assert len(many.notified) == len(set(many.notified))
