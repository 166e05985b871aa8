"""Decisions are announced over HTTP while workers die: each letter leaves once, and the page says how far it is.

A short form of `python -m scripts.announcement`, which announces 10,000 and waits for the leases of killed workers.
"""

from __future__ import annotations

import os

import pytest

from scripts.announcement.trial import Size, trial
from tests.services_databases import Databases, Dialect


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_of_an_announcement_whose_workers_die_each_letter_leaves_once(dialect: Dialect, databases: Databases, capsys):
    seed = int(os.environ.get("CHAOS_SEED") or int.from_bytes(os.urandom(2)))

    outcome = trial(dialect, Size(decisions=40, kills=1, waits_for_leases=False), seed, databases.shared)

    with capsys.disabled():
        print(f"\nAnnouncement on {dialect}, seed {seed}: {outcome.figures()}")  # noqa: T201 -- figures of the trial
    assert outcome.problems == []
    assert outcome.letters + outcome.held >= 40
    assert outcome.kills > 0
