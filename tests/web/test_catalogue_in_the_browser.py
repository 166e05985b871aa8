"""Public pages, dashboard and pages of a network in real Chromium: axe finds nothing, nothing is cut off."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from tests.factories.accounts import PASSWORD, person
from tests.factories.applications import member
from tests.factories.calls import open_call
from tests.factories.networks import founded_network, past_network
from tests.services_browser import violations, watched_page
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import Role
from urbact_calls.networks import reference_loading

PUBLIC = (
    "/",
    "/calls/",
    "/calls/APN-DEMO",
    "/calls/ITN-2024",
    "/networks/",
    "/networks/?q=nothing-like-that",
    "/networks/cities-after-dark",
    "/networks/spark",
    "/networks/isola",
    "/cities/",
    "/cities/braga",
    "/get-involved/city",
    "/get-involved/expert",
    "/get-involved/local-group",
    "/accessibility",
    "/privacy",
    "/help",
)
# What a page shows does not depend on the database under it.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SCREENS = pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark"), (320, "light")])


@pytest.fixture
def address(app: Flask, session) -> Iterator[str]:
    now = datetime.now(UTC)
    _, network = founded_network(open_call(db.session, now), now)
    place = network.members[0]
    member(place.organisation, now, name="Lea Lead", email="lead@example.org")
    person(Role.PROGRAMME_OFFICER, name="Olga Officer", email="officer@example.org")
    past_network("A network with a long name that nobody could remember", now)
    # After the network: its cities, entered by people, stay what they are.
    reference_loading.load(now)
    db.session.rollback()
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def faults(page, address: str, paths) -> dict[str, object]:
    """What is wrong with each page: what axe says, and whether the page is wider than the screen."""
    found: dict[str, object] = {}
    for path in paths:
        page.goto(address + path)
        complaints = violations(page)
        too_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        if complaints or too_wide:
            found[path] = complaints or "wider than the screen"
    return found


@SCREENS
def test_everybody_can_use_the_public_pages(browser: Browser, address: str, width: int, scheme: str):
    with watched_page(browser, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        assert faults(page, address, PUBLIC) == {}


@SCREENS
@pytest.mark.parametrize(
    ("email", "paths"),
    [
        ("lead@example.org", ("/dashboard", "/networks/isola/work", "/networks/isola/work/text", "/calls/APN-DEMO")),
        ("officer@example.org", ("/dashboard", "/networks/isola/work", "/office/calls/", "/office/calls/APN-DEMO")),
    ],
)
def test_everybody_can_use_the_pages_for_work(browser: Browser, address: str, width, scheme, email, paths):  # noqa: PLR0913 -- two lists of cases
    with watched_page(browser, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.goto(f"{address}/sign-in?next=/help")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/help")

        assert faults(page, address, paths) == {}
