"""Workers killed while they work, the broker stopped and emptied: nothing is lost and nothing happens twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.chaos.trial import run, trial_program
from tests.services_databases import Databases

SUBMISSIONS = 40
DECISIONS = 16


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_whatever_dies_each_act_takes_effect_once(databases: Databases, tmp_path: Path, dialect, capsys):
    """On SQLite with the bundled Valkey, on PostgreSQL with Redis. `CHAOS_SEED=7` repeats the choices of a run."""
    seed = int(os.environ.get("CHAOS_SEED") or int.from_bytes(os.urandom(2)))
    with trial_program(dialect, databases, tmp_path) as (program, sink):
        outcome = run(program, sink, tmp_path, submissions=SUBMISSIONS, decisions=DECISIONS, seed=seed)

    with capsys.disabled():
        print(f"\nChaos on {dialect}, seed {seed}: {outcome.figures()}")  # noqa: T201 -- the figures of the trial
    # Each submission was examined once.
    assert set(outcome.reports.values()) == {1}
    assert len(outcome.reports) == SUBMISSIONS
    # Each recipient has a receipt; when it was repeated, as the same message.
    assert [address for address, ids in outcome.receipts.items() if not ids] == []
    assert [address for address, ids in outcome.receipts.items() if len(set(ids)) != 1] == []
    # No letter came twice; one that did not come waits for a person.
    assert [address for address, ids in outcome.letters.items() if len(ids) > 1] == []
    assert [address for address, ids in outcome.letters.items() if not ids and address not in outcome.parked] == []
    assert outcome.networks == DECISIONS // 2
    assert outcome.states["dead"] == 0
    # The trial was one: workers died with work in their hands, and the broker was away and empty.
    assert outcome.tried_again > 0
    needed = ("killed during eligibility.examine", "workers killed", "broker stopped", "broker emptied")
    assert min(outcome.faults[what] for what in needed) > 0
