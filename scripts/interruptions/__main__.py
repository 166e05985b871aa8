"""`python -m scripts.interruptions --interruptions 200`: interrupts people while they send forms, and looks for every
typed character in the answer.

The site is filled with objects of every feature, and each role fills in the forms that its pages show. Before a form
arrives its session has ended, or was left in another tab; its token is too old, what it has seen is; a file is too
large, a character cannot be stored; there were too many requests, or the database has gone. Whoever must sign in does
so on the answer. All that was typed must stand on the page that comes then, or have been accepted; of passwords and
files nothing. As often another site sends the same form: no character of it may stand in the answer. What is accepted
is taken back, so that the last request meets the same world as the first. The exit status is 1 if anything was lost
or repeated.
"""

from __future__ import annotations

import argparse
import sys

from scripts.fuzz.site import asked_site, forms_of
from scripts.interruptions.trial import Interrupted
from scripts.trials import add_database, add_seed, exit_status, say
from tests.quick_folder import quick_folder
from tests.services_databases import Dialect


def interrupt(dialect: Dialect, count: int, seed: int) -> bool:
    """One run on one database; prints its figures, and gives whether nothing was lost."""
    with quick_folder("urbact-interruptions") as folder, asked_site(dialect, folder) as asked:
        say(f"{dialect}, seed {seed}: looking for forms")
        trial = Interrupted(asked, forms_of(asked, asked.roles), seed)
        trial.run(count)
    print(f"\n{dialect}, seed {seed}: {trial.summary()}")
    print("\n".join(trial.wrong) or "No typed character lost, no forged request repeated.")
    return not trial.wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.interruptions", description=__doc__)
    parser.add_argument("--interruptions", type=int, default=200, help="how many on each database (200)")
    add_database(parser)
    add_seed(parser, "interruptions")
    options = parser.parse_args()
    return exit_status(options, lambda dialect: interrupt(dialect, options.interruptions, options.seed))


if __name__ == "__main__":
    sys.exit(main())
