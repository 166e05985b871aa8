"""An application of each type, from registration to the public network page.

Real Chromium, the real site and worker, real e-mail; on SQLite with Valkey and on PostgreSQL with Redis. The three
types share one program, as they do in life: the office closes its calls and decides while the others go on.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.applying import submit, write
from tests.journeys.canaries import IS_ANNOUNCED_LATER, WHILE_A_DRAFT, assert_nothing_is_logged, at_the_end
from tests.journeys.crawl import METRICS_TOKEN, crawl
from tests.journeys.experts import join_the_network
from tests.journeys.office import announce_the_decision, check_eligibility, close_the_call, record_the_decision
from tests.journeys.panel import assess
from tests.journeys.people import Cast, cast_of
from tests.journeys.plots import APN, EXPERT, ITN, PLOTS, SUBSTITUTE, TN, Plot
from tests.services_broker import running_redis
from tests.services_databases import Databases
from tests.services_mail import running_mail_sink
from tests.services_program import running_program

WORK = "casework applications dashboards assessment api"
"""Features whose pages show an application while it is on its way."""

ON_POSTGRESQL = (ITN,)
"""Whose pages everybody asks for there, and whose PDF is made, at the end only. Who may read what, and how a PDF looks,
does not depend on the database, and the requests take minutes: this one has the expert and the invitation. On SQLite
everybody asks for all three, and before that for drafts and for decisions that are not announced; the sweep of
`tests/architecture` asks as every role on both."""


@pytest.fixture(params=["sqlite", "postgresql"])
def cast(request: pytest.FixtureRequest, databases: Databases, browser: Browser, tmp_path: Path) -> Iterator[Cast]:
    """The demonstration as `./run.sh` starts it, but that its messages go to a mail server."""
    with contextlib.ExitStack() as services:
        post = services.enter_context(running_mail_sink())
        environment, broker = {"APP_ENV": "demo", "MAIL_URL": post.url, "METRICS_TOKEN": METRICS_TOKEN}, None
        if request.param == "postgresql":
            broker = services.enter_context(running_redis())
            environment["DATABASE_URL"] = services.enter_context(databases.fresh("postgresql"))
            environment["REDIS_URL"] = broker.url
            # As an installation logs, where lines are read by programs.
            environment["LOG_STYLE"] = "json"
        program = services.enter_context(running_program(tmp_path, environment, broker))
        yield services.enter_context(cast_of(browser, program, post))


@pytest.mark.journey
@pytest.mark.timeout(1200)
def test_applications_of_all_types_become_networks(cast: Cast):
    cast.emails |= {plot.call: plot.lead.email for plot in PLOTS}
    cast.emails |= {"newcomer": EXPERT.email, "substitute": SUBSTITUTE.email}
    references = {plot: write(cast, plot) for plot in PLOTS}
    is_complete = cast.program.database_url.startswith("sqlite")
    if is_complete:
        crawl(cast, {APN: references[APN]}, WHILE_A_DRAFT, features=f"{WORK} eligibility handling")
    for plot, reference in references.items():
        submit(cast, reference, plot)
    for plot in PLOTS:
        close_the_call(cast, plot)
    for plot, reference in references.items():
        check_eligibility(cast, reference, plot)
        assess(cast, reference, plot)
        record_the_decision(cast, reference, plot)
    for plot, reference in references.items():
        assert_the_decision_is_kept(cast, reference, plot)
    if is_complete:
        crawl(cast, {TN: references[TN]}, IS_ANNOUNCED_LATER, features=f"{WORK} decisions")
    for plot in PLOTS:
        announce_the_decision(cast, plot)
    for plot, reference in references.items():
        read_the_outcome(cast, reference, plot)
        read_the_public_page(cast, plot)
    join_the_network(cast, ITN)
    plots = PLOTS if is_complete else ON_POSTGRESQL
    for plot in plots:
        make_the_paper(cast, references[plot], plot)
    crawl(cast, {plot: references[plot] for plot in plots}, at_the_end(plots))
    assert_nothing_is_logged(cast)


def make_the_paper(cast: Cast, reference: str, plot: Plot) -> None:
    """The application as PDF, which everybody who may read it can save from now on."""
    lead = cast.known[plot.call]
    lead.open(f"/applications/{reference}/pdf")
    lead.press("Make the PDF")
    lead.hears(f"/applications/{reference}/pdf", "The PDF is ready")


def assert_the_decision_is_kept(cast: Cast, reference: str, plot: Plot) -> None:
    """Before the announcement the applicant reads that the decision is pending."""
    lead, page = cast.known[plot.call], f"/applications/{reference}/"
    lead.hears(page, "Decision pending")
    assert plot.reasons not in lead.reads(page)


def read_the_outcome(cast: Cast, reference: str, plot: Plot) -> None:
    lead = cast.known[plot.call]
    lead.hears(f"/applications/{reference}/", "Network founded")
    assert "pproved" in lead.message("Decision", plot.lead.email)


def read_the_public_page(cast: Cast, plot: Plot) -> None:
    """Every city with the plan of its place in the network, and that all this is a demonstration."""
    public = cast.known.get("public") or cast.newcomer("public")
    public.open(f"/networks/{plot.slug}")
    public.sees("Demonstration")
    for city in (plot.city.name, *plot.partners):
        row = public.page.get_by_role("row").filter(has=public.page.get_by_role("rowheader", name=city))
        plan = plot.plan_of_lead if city == plot.city.name else plot.plan_of_partner
        assert row.count() == 1, city
        assert plan in row.inner_text(), f"{city}: {row.inner_text()}"
