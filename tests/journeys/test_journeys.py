"""Each part of the way from registration to the public network page, told by itself in real browsers.

Real Chromium, the real site and worker, real e-mail; on SQLite with Valkey or on PostgreSQL with Redis, one part after
the other. `python -m scripts.journeys` tells the whole story of all types on both,
and asks for every page as everybody.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from scripts.journeys.trial import DECIDING, running_cast
from tests.journeys.applying import complete_with_partners, register_and_write, submit
from tests.journeys.begun import Begun, begun
from tests.journeys.canaries import while_pending
from tests.journeys.crawl import SOME_VISITORS, crawl
from tests.journeys.experts import join_the_network, leave_the_network
from tests.journeys.office import announce_the_decision, check_eligibility, close_the_call, record_the_decision
from tests.journeys.outcome import assert_the_decision_is_kept, read_the_outcome, read_the_public_page
from tests.journeys.panel import assess
from tests.journeys.people import Cast
from tests.journeys.plots import APN, ITN, TN
from tests.services_databases import Databases, Dialect, settings_for
from urbact_calls.database import db
from urbact_calls.factory import create_app

pytestmark = pytest.mark.journey

CastOn = Callable[..., tuple[Cast, str]]


@pytest.fixture
def cast_on(databases: Databases, browser: Browser, tmp_path: Path) -> Iterator[CastOn]:
    """Gives the cast on a database with the demonstration, and the reference of what has begun there before."""
    with contextlib.ExitStack() as services:

        def cast(dialect: Dialect, begin: Callable[[], Begun] | None = None) -> tuple[Cast, str]:
            url = services.enter_context(databases.fresh(dialect, "demonstration"))
            app = create_app(settings_for(url, tmp_path / "instance"))
            with app.app_context(), contextlib.ExitStack() as let_go:
                let_go.callback(db.engine.dispose)
                let_go.callback(db.session.remove)
                reference = begin().reference if begin else ""
            return services.enter_context(running_cast(browser, tmp_path, url)), reference

        yield cast


def test_a_newcomer_registers_and_writes_an_application(cast_on: CastOn):
    cast, _ = cast_on("sqlite")

    register_and_write(cast, APN)


def test_a_lead_partner_brings_partners_together_and_submits(cast_on: CastOn):
    cast, reference = cast_on("postgresql", lambda: begun(ITN, has_partners=False))

    complete_with_partners(cast, reference, ITN)
    submit(cast, reference, ITN)


def test_an_application_is_checked_when_its_call_has_closed(cast_on: CastOn):
    cast, reference = cast_on("postgresql", lambda: begun(TN).submit())

    close_the_call(cast, TN)
    check_eligibility(cast, reference, TN)


def test_an_application_is_assessed_and_ranked(cast_on: CastOn):
    cast, reference = cast_on("sqlite", lambda: begun(TN).eligible())

    assess(cast, reference, TN)


def test_a_decision_makes_a_network_that_the_public_sees(cast_on: CastOn):
    cast, reference = cast_on("sqlite", lambda: begun(ITN).ranked())

    record_the_decision(cast, reference, ITN)
    announce_the_decision(cast, ITN)
    read_the_outcome(cast, reference, ITN)
    read_the_public_page(cast, ITN)


def test_a_decision_is_kept_until_it_is_announced(cast_on: CastOn):
    cast, reference = cast_on("postgresql", lambda: begun(APN).assessed().record())

    assert_the_decision_is_kept(cast, reference, APN)
    crawl(cast, {APN: reference}, while_pending(APN), features=DECIDING, wanted=SOME_VISITORS)


def test_a_network_appoints_an_expert_by_two_and_replaces_who_leaves(cast_on: CastOn):
    cast, _ = cast_on("sqlite", lambda: begun(ITN).in_network())

    join_the_network(cast, ITN)
    leave_the_network(cast, ITN)
