"""`python -m scripts.chaos --faults 200`: disturbs the program on both databases and counts what is lost.

The same seed makes the same faults in the same order; what they meet is chance. The exit status is 1 if anything was
lost or happened twice, or if the program did not recover by itself.
"""

from __future__ import annotations

import argparse
import signal
import sys
from dataclasses import replace

from scripts.chaos.trial import Size, trial
from scripts.trials import add_database, add_seed, exit_status
from tests.services_databases import Dialect


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.chaos", description=__doc__)
    parser.add_argument("--faults", type=int, default=200, help="how many on each database (200)")
    add_database(parser)
    add_seed(parser, "faults")
    options = parser.parse_args()
    # Whoever ends a trial wants its servers ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))

    def passes(dialect: Dialect) -> bool:
        try:
            outcome = trial(dialect, replace(Size(), faults=options.faults), options.seed)
        except TimeoutError as problem:
            print(f"{dialect}, seed {options.seed}: {problem}")
            return False
        verdict = f"{len(outcome.problems)} differences" if outcome.problems else "nothing lost, nothing twice"
        print(f"\n{dialect}, seed {options.seed}: {outcome.faults.total()} faults, {verdict}\n{outcome.figures()}")
        return not outcome.problems

    return exit_status(options, passes)


if __name__ == "__main__":
    sys.exit(main())
