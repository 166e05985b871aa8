"""`python -m scripts.announcement`: announces 10,000 decisions over HTTP, on both databases, and counts each letter.

Twice on each: undisturbed, for how fast the letters leave, and with workers killed at random, for what must hold then.
The same seed makes the same choices; what they meet is chance. The exit status is 1 if a letter came twice or not at
all, if the page said what was not so, if the request took more than a second, or if the letters left too slowly.
"""

from __future__ import annotations

import argparse
import signal
import sys

from scripts.announcement.trial import Size, trial
from scripts.trials import add_database, add_seed, exit_status
from tests.services_databases import Dialect


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.announcement", description=__doc__)
    parser.add_argument("--decisions", type=int, default=10_000, help="how many are announced (10000)")
    parser.add_argument("--kills", type=int, default=40, help="how often a worker is killed in the second run (40)")
    parser.add_argument("--rate", type=float, default=40.0, help="letters a second that the first run must reach (40)")
    add_database(parser)
    add_seed(parser, "kills")
    options = parser.parse_args()
    # Whoever ends a trial wants its servers ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))

    def passes(dialect: Dialect) -> bool:
        problems = []
        for kills in dict.fromkeys((0, options.kills)):
            try:
                outcome = trial(dialect, Size(options.decisions, kills), options.seed)
            except TimeoutError as problem:
                print(f"{dialect}, seed {options.seed}: {problem}")
                return False
            found = [*outcome.problems]
            if not kills and outcome.per_second < options.rate:
                found.append(f"{outcome.per_second:.0f} letters a second, {options.rate:.0f} are asked for")
            print(f"\n{dialect}, seed {options.seed}: {outcome.figures()}", *found, sep="\n")
            problems += found
        return not problems

    return exit_status(options, passes)


if __name__ == "__main__":
    sys.exit(main())
