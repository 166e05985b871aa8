"""The log of messages, the reminders of an account and invitations, in real Chromium: axe finds nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select
from werkzeug.serving import make_server

from tests.factories.accounts import PASSWORD, person
from tests.factories.applications import complete_draft, row, ten_cities
from tests.factories.calls import open_call
from tests.factories.jobs import work_off
from tests.factories.organisations import organisation
from tests.services_browser import violations, watched_page
from urbact_calls.accounts import services as accounts
from urbact_calls.applications import invitations, services
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import Role
from urbact_calls.notifications.models import Delivery
from urbact_calls.notifications.muting import with_switch
from urbact_calls.notifications.rendering import Recipient

# What a page shows does not depend on the database under it.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def pages(session) -> dict[str | None, tuple[str, ...]]:
    """An invitation that was sent, and a message with a link; the pages to open, by person."""
    now = datetime.now(UTC)
    draft = complete_draft(open_call(db.session, now), now, ten_cities(now)[:1])
    with transaction() as session:
        session.merge(draft.lead).email = "lead@example.org"
    town = organisation("Newtown")
    services.add_partner(draft.reference, slug=town.slug, version=1, actor=draft.actor, now=now)
    partner = row(draft.reference).partners[1]
    invitations.invite(draft.reference, partner_id=partner.id, address="ines@example.org", actor=draft.actor, now=now)
    accounts.ask_for_reset(person(Role.PROGRAMME_OFFICER, email="officer@example.org").email, now)
    work_off(now)
    text = db.session.scalars(select(Delivery.text).where(Delivery.email_key == "person.invited")).one()
    link = next(line for line in text.splitlines() if "/invitations/" in line).removeprefix("http://localhost:8000")
    switch = with_switch(Recipient("lead@example.org", "", draft.lead.id), "sheet.due").leave_href
    db.session.rollback()
    return {
        None: (link, "/invitations/over", switch.removeprefix("http://localhost:8000"), "/messages/x/switch-off"),
        "lead@example.org": (
            f"/applications/{draft.reference}/partners",
            f"/applications/{draft.reference}/invitations",
            "/account/messages",
            link,
        ),
        "officer@example.org": (
            "/office/deliveries/",
            "/office/deliveries/?state=failed",
            "/office/deliveries/1",
            "/office/deliveries/2",
            "/office/messages/",
        ),
    }


@pytest.fixture
def address(app: Flask, pages) -> Iterator[str]:
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_everybody_can_use_the_pages_about_messages(browser: Browser, address: str, pages, width: int, scheme: str):
    found: dict[str, object] = {}
    for email, paths in pages.items():
        with watched_page(browser, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
            if email is not None:
                page.goto(f"{address}/sign-in?next=/help")
                page.get_by_label("E-mail address").fill(email)
                page.get_by_label("Password", exact=True).fill(PASSWORD)
                page.keyboard.press("Enter")
                page.wait_for_url(f"{address}/help")
            for path in paths:
                answer = page.goto(address + path)
                assert answer is not None
                complaints = violations(page)
                too_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
                is_over = path in ("/invitations/over", "/messages/x/switch-off")
                if complaints or too_wide or answer.status != (410 if is_over else 200):
                    found[f"{email} {path}"] = complaints or f"{answer.status}, wider than the screen: {too_wide}"

    assert found == {}
