"""The running program with everybody of the story, and the story as a whole."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Browser

from tests.journeys.applying import submit, write
from tests.journeys.canaries import WHILE_A_DRAFT, assert_nothing_is_logged, at_the_end, while_pending
from tests.journeys.crawl import METRICS_TOKEN, crawl
from tests.journeys.experts import join_the_network
from tests.journeys.office import announce_the_decision, check_eligibility, close_the_call, record_the_decision
from tests.journeys.outcome import assert_the_decision_is_kept, make_the_paper, read_the_outcome, read_the_public_page
from tests.journeys.panel import assess
from tests.journeys.people import Cast, cast_of
from tests.journeys.plots import APN, ITN, TN, Plot
from tests.services_broker import running_redis
from tests.services_mail import running_mail_sink
from tests.services_program import running_program

WORK = "applications worklists assessment api"
"""Features whose pages show an application while it is on its way."""
DECIDING = f"{WORK} accounts decisions eligibility"

ON_POSTGRESQL = (ITN,)
"""Whose pages everybody asks for there, and whose PDF is made, at the end only. Who may read what, and how a PDF looks,
does not depend on the database, and the requests take minutes: this one has the expert and the invitation. On SQLite
everybody asks for all three, and before that for drafts and for decisions that are not announced; the sweep of
`tests/architecture` asks as every role on both."""


@contextlib.contextmanager
def running_cast(browser: Browser, folder: Path, database_url: str = "") -> Iterator[Cast]:
    """The demonstration as `./run.sh` starts it, but that its messages go to a mail server; on PostgreSQL with Redis.

    Without `database_url` it starts on an empty instance.
    """
    with contextlib.ExitStack() as services:
        post = services.enter_context(running_mail_sink())
        environment, broker = {"APP_ENV": "demo", "MAIL_URL": post.url, "METRICS_TOKEN": METRICS_TOKEN}, None
        if database_url:
            environment["DATABASE_URL"] = database_url
        if database_url.startswith("postgresql"):
            broker = services.enter_context(running_redis())
            environment["REDIS_URL"] = broker.url
            # As an installation logs, where lines are read by programs.
            environment["LOG_STYLE"] = "json"
        program = services.enter_context(running_program(folder, environment, broker))
        yield services.enter_context(cast_of(browser, program, post))


def tell(cast: Cast, plots: Sequence[Plot], say: Callable[[str], None]) -> None:
    """Takes an application of each type from registration to the public page, and asks for every page as everybody.

    The types share one program, as they do in life: the office closes its calls and decides while the others go on.
    """
    is_complete = cast.program.database_url.startswith("sqlite")
    say("applicants register and write")
    references = {plot: write(cast, plot) for plot in plots}
    if is_complete and APN in plots:
        say("everybody asks for a draft")
        crawl(cast, {APN: references[APN]}, WHILE_A_DRAFT, features=f"{WORK} eligibility")
    for plot, reference in references.items():
        submit(cast, reference, plot)
    for plot in plots:
        close_the_call(cast, plot)
    for plot, reference in references.items():
        say(f"{reference} is checked, assessed and decided on")
        check_eligibility(cast, reference, plot)
        assess(cast, reference, plot)
        record_the_decision(cast, reference, plot)
    for plot, reference in references.items():
        assert_the_decision_is_kept(cast, reference, plot)
    if is_complete and TN in plots:
        say("everybody asks for a decision that is not announced")
        crawl(cast, {TN: references[TN]}, while_pending(TN), features=DECIDING)
    say("decisions are announced")
    for plot in plots:
        announce_the_decision(cast, plot)
    for plot, reference in references.items():
        read_the_outcome(cast, reference, plot)
        read_the_public_page(cast, plot)
    if ITN in plots:
        join_the_network(cast, ITN)
    asked = [plot for plot in plots if is_complete or plot in ON_POSTGRESQL]
    for plot in asked:
        make_the_paper(cast, references[plot], plot)
    say("everybody asks for every page")
    crawl(cast, {plot: references[plot] for plot in asked}, at_the_end(cast, asked))
    assert_nothing_is_logged(cast)
