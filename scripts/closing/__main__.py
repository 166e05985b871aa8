"""`python -m scripts.closing --submissions 500 --call-of 2500 --server shipped`: the last second before a call closes.

The shipped server works on SQLite; gunicorn, alone or behind a front that reads whole requests and stamps them, on
PostgreSQL. So many complete applications are submitted within the last second, and one a second after it. Prints the
longest wait and how many were stored a second. The exit status is 1 if one was refused as late, lost or kept twice, if
a receipt is wrong, or if the one that came late was accepted.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.closing.trial import KINDS, Size, trial
from scripts.postgresql import ServiceMissing
from scripts.trials import databases_in, say


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.closing", description=__doc__)
    parser.add_argument("--submissions", type=int, default=500, help="how many within the last second (500)")
    parser.add_argument("--call-of", type=int, default=2_500, help="how many applications the call has (2500)")
    parser.add_argument("--server", choices=[*KINDS, "all"], default="all")
    options = parser.parse_args()
    # Whoever ends a trial wants its servers ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    passed = True
    size = Size(options.submissions, options.call_of)
    for kind in KINDS:
        if options.server not in (kind, "all"):
            continue
        try:
            # On the disk: that a commit waits for it is a part of what is measured.
            with TemporaryDirectory(prefix="urbact-closing-") as name, databases_in(Path(name)) as databases:
                outcome = trial(kind, databases, Path(name), size)
        except ServiceMissing as problem:
            say(str(problem))
            return 2
        verdict = f"{len(outcome.problems)} differences" if outcome.problems else "none late, none lost, none twice"
        print(f"\n{kind}: {verdict}\n{outcome.figures()}")
        passed = passed and not outcome.problems
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
