"""The pages of accounts and organisations in real Chromium: axe finds nothing, and a form works by keyboard."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.factories.accounts import PASSWORD, person
from tests.factories.organisations import member, organisation
from tests.services_browser import violations, watched_page
from urbact_calls.domain.vocabulary import Role

PUBLIC = (
    "/sign-in",
    "/register",
    "/register/sent",
    "/forgotten-password",
    "/forgotten-password/sent",
)

# What a page shows does not depend on the database under it.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def pages(session) -> list[str]:
    """What an officer who is also an administrator sees, with something to show on every page."""
    officer = person(Role.ADMINISTRATOR, Role.PROGRAMME_OFFICER, name="Ada Minister", email="ada@example.org")
    asking, here = person(Role.NATIONAL_POINT, name="Łucja Nowak", country="PL"), organisation("Łódź", nuts2="PL71")
    member(officer, here, is_manager=True)
    member(person(name="Jan Kowalski"), here)
    member(asking, here, accepted=False)
    return [
        "/account",
        "/accounts/?q=nowak",
        f"/accounts/{asking.id}",
        "/organisations/?q=lodz",
        "/organisations/new",
        f"/organisations/{here.slug}/",
    ]


def sign_in(page: Page, address: str) -> None:
    """Signs in with the keyboard alone."""
    page.goto(f"{address}/sign-in?next=/account")
    page.get_by_label("E-mail address").focus()
    page.keyboard.type("ada@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/account")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_everybody_can_use_these_pages(browser: Browser, address: str, pages: list[str], width: int, scheme: str):
    with watched_page(browser, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        for path in PUBLIC:
            page.goto(address + path)
            assert (path, violations(page)) == (path, [])
        sign_in(page, address)
        for path in pages:
            page.goto(address + path)
            assert (path, violations(page)) == (path, [])


def test_a_refused_form_says_why_and_takes_the_focus(browser: Browser, address: str, session):
    with watched_page(browser) as page:
        page.goto(f"{address}/register")
        page.get_by_label("Your name").fill("Anna Kowalska")
        page.get_by_label("Password").fill("short")
        page.get_by_role("button", name="Open an account").click()

        expect(page.locator("#error-summary")).to_be_focused()
        expect(page.get_by_label("Your name")).to_have_value("Anna Kowalska")
        expect(page.get_by_label("Password")).to_have_value("")
        assert violations(page) == []
        page.get_by_role("link", name="Type your e-mail address.").click()
        expect(page.locator("#email")).to_be_focused()
