"""`python -m tests.chaos [sqlite|postgresql] [submissions] [decisions]`: a trial of any size, with its figures."""

from __future__ import annotations

import os
import sys
import tempfile
from functools import cache
from pathlib import Path

from tests.chaos.trial import run, trial_program
from tests.services_databases import Databases
from tests.services_postgresql import running_postgresql


def main(dialect: str = "sqlite", submissions: str = "40", decisions: str = "12") -> None:
    seed = int(os.environ.get("CHAOS_SEED") or int.from_bytes(os.urandom(2)))
    with tempfile.TemporaryDirectory(prefix="urbact-chaos-") as name, running_postgresql() as server:
        folder = Path(name)
        databases = Databases(folder, cache(lambda: server))
        with trial_program(dialect, databases, folder) as (program, sink):  # type: ignore[arg-type]
            outcome = run(program, sink, folder, submissions=int(submissions), decisions=int(decisions), seed=seed)
    sys.stdout.write(f"{dialect}, seed {seed}: {outcome.figures()}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
