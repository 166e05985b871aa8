"""The pages about places and regions in real Chromium: axe finds nothing, nothing is wider than the screen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from tests.factories import applications, eligibility
from tests.factories.accounts import PASSWORD, person
from tests.factories.applications import member
from tests.factories.calls import open_call
from tests.services_browser import violations, watched_page
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import Role
from urbact_calls.places.models import EuropeanPlace

PUBLIC = (
    "/get-involved/town",
    "/get-involved/town?q=lodz",
    "/get-involved/town?q=nothing",
    "/get-involved/town/1",
    "/get-involved/town/2",
    "/get-involved/town/3",
    "/sources",
)
# What a page shows does not depend on the database under it.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def place(app: Flask, session) -> Iterator[tuple[str, str, str]]:
    """The address of the site, a draft and an application in the check."""
    now = datetime.now(UTC)
    checked = eligibility.checked(
        open_call(db.session, now - timedelta(days=100), "APN-PAST"), now - timedelta(days=99)
    )
    city = applications.city("Town of the draft", now)
    member(city, now, name="Lea Lead", email="lead@example.org")
    draft = applications.draft(open_call(db.session, now), now, city)
    person(Role.PROGRAMME_OFFICER, name="Olga Officer", email="officer@example.org")
    with transaction() as writing:
        for id_, name, country, admin1 in (
            (1, "Łódź", "PL", "74"),
            (2, "Lodzia in a region that two divisions share", "PL", "78"),
            (3, "Sarajevo", "BA", "01"),
        ):
            folded = name.lower().replace("ł", "l").replace("ó", "o").replace("ź", "z")
            writing.add(
                EuropeanPlace(
                    id=id_, name=name, folded=folded, country=country, admin1=admin1, latitude=51.8, longitude=19.5
                )
            )
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", draft.lead.email, f"{draft.reference} {checked.reference}"
    server.shutdown()


def faults(page, address: str, paths) -> dict[str, object]:
    """What axe says of each page, and whether it is wider than the screen."""
    found: dict[str, object] = {}
    for path in paths:
        page.goto(address + path)
        complaints = violations(page)
        too_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        if complaints or too_wide:
            found[path] = complaints or "wider than the screen"
    return found


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_everybody_can_use_the_pages_about_places(browser: Browser, place, width: int, scheme: str):
    address, lead, references = place
    draft, checked = references.split()
    new = f"/applications/{draft}/partners/new"
    for email, paths in (
        (None, PUBLIC),
        (lead, (new, f"{new}?q=lodz", f"{new}?q=zzz", f"{new}?place=1", f"{new}?place=2", f"{new}?place=3")),
        (
            lead,
            (f"{new}?seat_city=Here&country=PL", f"/applications/{draft}/partners", f"/applications/{draft}/budget"),
        ),
        ("officer@example.org", (f"/eligibility/{checked}/",)),
    ):
        with watched_page(browser, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
            if email:
                page.goto(f"{address}/sign-in?next=/help")
                page.get_by_label("E-mail address").fill(email)
                page.get_by_label("Password", exact=True).fill(PASSWORD)
                page.keyboard.press("Enter")
                page.wait_for_url(f"{address}/help")
            assert faults(page, address, paths) == {}
