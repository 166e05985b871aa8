"""Forms of an account in real Chromium: one signs in by keyboard, and a form that comes back leads to its errors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.factories.accounts import PASSWORD, person
from tests.services_browser import violations, watched_page
from tests.services_site import served

# What a page shows does not depend on the database under it.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


def test_one_signs_in_with_the_keyboard_alone(browser: Browser, address: str, session):
    person(email="ada@example.org")
    with watched_page(browser) as page:
        page.goto(f"{address}/sign-in?next=/account")
        page.get_by_label("E-mail address").focus()
        page.keyboard.type("ada@example.org")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")

        page.wait_for_url(f"{address}/account")


def test_a_refused_form_says_why_and_takes_the_focus(browser: Browser, address: str, session):
    with watched_page(browser) as page:
        page.goto(f"{address}/register")
        page.get_by_label("Your name").fill("Anna Kowalska")
        page.get_by_role("button", name="Open an account").click()

        expect(page.locator("#error-summary")).to_be_focused()
        expect(page.get_by_label("Your name")).to_have_value("Anna Kowalska")
        assert violations(page) == []
        page.get_by_role("link", name="Type your e-mail address.").click()
        expect(page.locator("#email")).to_be_focused()
