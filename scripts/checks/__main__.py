"""`python -m scripts.checks`: has the workers of the real program check a whole call, on PostgreSQL, and measures it.

The official reports of all applications are to be made by two processes at 15 a second or more, the last eighth at 0.9
of the rate of the first or more; a receipt that is asked for meanwhile is to come within 10 s; no process may take more
than 300 MiB, and a report may be no longer than in a call of 100. The exit status is 1 if one of these was not held.
"""

from __future__ import annotations

import argparse
import sys

from scripts.checks.trial import trial
from scripts.postgresql import ServiceMissing
from scripts.trials import say

SMALL = 100


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.checks", description=__doc__)
    parser.add_argument(
        "count", type=int, nargs="?", default=8000, help="applications of the call, at least 100 (8000)"
    )
    options = parser.parse_args()
    if options.count < SMALL:
        parser.error(f"a measured check has at least {SMALL} applications")
    try:
        small, figures = trial(SMALL), trial(options.count)
    except ServiceMissing as problem:
        say(str(problem))
        return 2
    missed = figures.missed(small)
    print(f"\n{SMALL} applications:\n{small.told()}\n\n{options.count:,} applications:\n{figures.told()}")
    print("\n" + ("\n".join(missed) if missed else "Every limit held."))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
