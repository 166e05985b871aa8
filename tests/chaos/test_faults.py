"""Parts of the program die while people work with it: nothing acknowledged is lost and nothing happens twice.

One fault of each kind, on the database where it weighs most; `python -m scripts.chaos` makes 200 on both and waits for
the leases of killed workers.
"""

from __future__ import annotations

import os

import pytest

from scripts.chaos.faults import ON_POSTGRESQL, ON_SQLITE
from scripts.chaos.trial import Size, trial
from tests.services_databases import Databases, Dialect

KINDS: dict[Dialect, tuple[str, ...]] = {
    "sqlite": ("database locked", "pool killed", "site killed", "broker stopped"),
    "postgresql": ("connections ended", "database stopped", "worker killed", "beat killed", "broker emptied"),
}


def test_the_short_trials_make_each_kind_of_fault():
    assert {kind for kinds in KINDS.values() for kind in kinds} == {*ON_SQLITE, *ON_POSTGRESQL}


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.parametrize("dialect", [*KINDS])
def test_whatever_dies_each_act_takes_effect_once(dialect: Dialect, databases: Databases, capsys):
    """On SQLite with the bundled Valkey, on PostgreSQL with Redis. `CHAOS_SEED=7` repeats the choices of a run."""
    seed = int(os.environ.get("CHAOS_SEED") or int.from_bytes(os.urandom(2)))

    kinds = KINDS[dialect]
    size = Size(faults=len(kinds), kinds=kinds, applicants=2, sheets=2, decisions=4, waits_for_leases=False)

    outcome = trial(dialect, size, seed, databases.shared)

    with capsys.disabled():
        print(f"\nChaos on {dialect}, seed {seed}:\n{outcome.figures()}")  # noqa: T201 -- the figures of the trial
    assert outcome.problems == []
    # The trial was one: each kind of fault was made, and people were told that their texts are kept.
    assert set(outcome.faults) == set(kinds)
    assert outcome.counts["texts acknowledged"] > 0
