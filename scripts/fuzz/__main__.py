"""`python -m scripts.fuzz --requests 10000`: sends anything at all through every form and the interface for programs.

The site is filled with objects of every feature and asked as every role. Hypothesis fills in the forms as the pages
have them: well, with a mistake or two, with the corpus of bad and unusual input, with fields left out, doubled or
renamed; addresses get foreign values; schemathesis asks the interface for programs what its description allows and
what it does not, beside dossiers with something wrong in them. No answer may be a fault (5xx) or take longer than two
seconds, and a refusal (4xx, or on to the sign-in page) may have changed no row. What is allowed runs to its end and is
then taken back, so that the last request meets the same world as the first; at the end every row is compared with what
it was. The form token of a session is not asked for: it would turn most requests away before they reach anything. The
exit status is 1 if anything was found.
"""

from __future__ import annotations

import argparse
import sys

from scripts.fuzz.site import asked_site, forms_of
from scripts.fuzz.trial import Fuzz
from scripts.trials import add_database, add_seed, exit_status, say
from tests.architecture.access_matrix import MATRIX
from tests.quick_folder import quick_folder
from tests.services_databases import Dialect


def fuzz(dialect: Dialect, requests: int, seed: int) -> bool:
    """One run on one database; prints its figures, and gives whether nothing was found."""
    with quick_folder("urbact-fuzz") as folder, asked_site(dialect, folder) as asked:
        say(f"{dialect}, seed {seed}: looking for forms")
        forms = forms_of(asked, asked.roles)
        say(f"{len(forms)} forms found, asking begins")
        found = Fuzz(asked, seed).run(requests, forms)
    taken = {name for name in MATRIX if name.startswith("POST ") or "/api/" in name}
    print(f"\n{dialect}, seed {seed}: {len(found.asked):,} requests, {len(forms)} forms as the roles see them")
    print(found.summary(taken))
    print("\n".join(found.wrong) or "No fault, nothing slow, no row changed by a refusal.")
    return not found.wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000, help="how many on each database (10,000)")
    add_database(parser)
    add_seed(parser, "requests")
    options = parser.parse_args()
    return exit_status(options, lambda dialect: fuzz(dialect, options.requests, options.seed))


if __name__ == "__main__":
    sys.exit(main())
