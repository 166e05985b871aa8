"""`python -m scripts.journeys`: applications of all types become networks, in real browsers, on both databases.

The real site with worker, clock and broker, a mail server, and everybody at a browser of their own: from registration
over submission, eligibility check, assessment and decision to the public page of the network and the appointment of an
expert. Then everybody asks for every address, and reads nothing but what is meant for them. The exit status is 1 if
anything went otherwise.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time

from scripts.journeys.trial import running_cast, tell
from scripts.trials import add_database, databases_in, exit_status, say
from tests.journeys.plots import PLOTS, Plot
from tests.quick_folder import quick_folder
from tests.services_browser import running_browser
from tests.services_databases import Dialect

TYPES = {plot.call.partition("-")[0]: plot for plot in PLOTS}
# Characters of the program's log that are shown when something goes otherwise.
LAST_LINES = 6000


def journeys(dialect: Dialect, plots: list[Plot]) -> bool:
    """Tells the story once and prints how long it took. Raises whatever went otherwise than told."""
    begin = time.monotonic()
    with contextlib.ExitStack() as services:
        folder = services.enter_context(quick_folder("urbact-journeys"))
        databases = services.enter_context(databases_in(folder))
        url = services.enter_context(databases.fresh(dialect)) if dialect == "postgresql" else ""
        cast = services.enter_context(running_cast(services.enter_context(running_browser()), folder, url))
        try:
            tell(cast, plots, lambda text: say(f"{dialect}: {text}"))
        except Exception:
            say(cast.program.log.read_text()[-LAST_LINES:])
            raise
    types = ", ".join(plot.call for plot in plots)
    print(f"{dialect}, {types}: {cast.asked:,} addresses asked, {time.monotonic() - begin:.0f} s, all as it should be")
    return True


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.journeys", description=__doc__)
    add_database(parser)
    parser.add_argument("--type", choices=[*TYPES], nargs="+", default=[*TYPES], help="of which applications (all)")
    options = parser.parse_args()
    return exit_status(options, lambda dialect: journeys(dialect, [TYPES[each] for each in options.type]))


if __name__ == "__main__":
    sys.exit(main())
