"""`python -m scripts.chaos --faults 200`: disturbs the program on both databases and counts what is lost.

The same seed makes the same faults in the same order; what they meet is chance. The exit status is 1 if anything was
lost or happened twice, or if the program did not recover by itself.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from dataclasses import replace
from typing import get_args

from scripts.chaos.trial import Size, trial
from scripts.postgresql import ServiceMissing
from tests.services_databases import Dialect


def say(text: str) -> None:
    """Progress goes to standard error, so that the figures alone can be kept."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.chaos", description=__doc__)
    parser.add_argument("--faults", type=int, default=200, help="how many on each database (200)")
    parser.add_argument("--database", choices=[*get_args(Dialect), "both"], default="both")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2)), help="repeats the faults of a run")
    options = parser.parse_args()
    # Whoever ends a trial wants its servers ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    failed = False
    for dialect in get_args(Dialect):
        if options.database not in (dialect, "both"):
            continue
        try:
            outcome = trial(dialect, replace(Size(), faults=options.faults), options.seed, say)
        except (ServiceMissing, TimeoutError) as problem:
            print(f"{dialect}, seed {options.seed}: {problem}")
            failed = True
            continue
        verdict = f"{len(outcome.problems)} differences" if outcome.problems else "nothing lost, nothing twice"
        print(f"\n{dialect}, seed {options.seed}: {outcome.faults.total()} faults, {verdict}\n{outcome.figures()}")
        failed = failed or bool(outcome.problems)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
