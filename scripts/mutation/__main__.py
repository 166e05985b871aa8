"""`python -m scripts.mutation`: mutation testing of the core, wording excluded.

Samples mutants of money, budget, scoring, workflow and eligibility with a fixed seed, runs the tests of the core on
each, and names those that no test notices. The exit status is 1 if less than 85 % were noticed.
"""

from __future__ import annotations

import argparse
import sys

from scripts.mutation.trial import TrialError, by_module, sample, trial

LEAST_PERCENT = 85.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.mutation", description=__doc__)
    parser.add_argument("--samples", type=int, default=600, help="how many mutants (600)")
    parser.add_argument("--seed", type=int, default=4712, help="which ones (4712)")
    parser.add_argument("--processes", type=int, default=2, help="how many at once (2)")
    options = parser.parse_args()
    chosen = sample(options.samples, options.seed)
    try:
        outcome = trial(chosen, options.processes)
    except TrialError as problem:
        print(problem, file=sys.stderr)
        return 2
    print("\n".join(by_module(outcome)))
    print(f"Survived: {len(outcome.survived)}")
    print("\n".join(f"  {mutant}" for mutant in outcome.survived))
    print(
        f"{len(chosen)} mutants, seed {options.seed}: {len(outcome.killed)} killed, {len(outcome.survived)} survived,"
        f" {outcome.share:.1f} % (at least {LEAST_PERCENT:.0f} %), in {outcome.seconds:.0f} s"
    )
    return 0 if outcome.share >= LEAST_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main())
