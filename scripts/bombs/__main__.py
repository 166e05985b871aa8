"""`python -m scripts.bombs`: sends PDFs that take minutes to read, all at once, and measures what others notice.

Other pages are to answer within 1 s (95 of 100), each bomb is to be refused within 10 s of its turn, all within 60 s.
The exit status is 1 if one of these was not held.
"""

from __future__ import annotations

import argparse
import sys

from scripts.bombs.trial import trial
from scripts.trials import add_database, exit_status
from tests.services_databases import Dialect


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.bombs", description=__doc__)
    parser.add_argument("--bombs", type=int, default=8, help="how many at once, 10 at most (8)")
    add_database(parser)
    options = parser.parse_args()

    def holds(dialect: Dialect) -> bool:
        figures = trial(dialect, options.bombs)
        missed = figures.missed()
        verdict = "; ".join(missed) if missed else "all limits held"
        print(f"\n{dialect}, {options.bombs} bombs: {verdict}\n{figures.told()}")
        return not missed

    return exit_status(options, holds)


if __name__ == "__main__":
    sys.exit(main())
