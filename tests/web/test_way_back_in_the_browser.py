"""The way back in real Chromium: the session ends while one types, and a refused form is left by mistake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.factories import applications as make
from tests.factories.accounts import PASSWORD
from tests.factories.applications import Draft
from tests.factories.calls import open_call
from tests.services_browser import violations, watched_page
from tests.services_site import served
from urbact_calls.database import db

# What a page shows does not depend on the database under it.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TEXT = "Our cities lose young people & jobs."


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.fixture
def draft(session) -> Draft:
    now = datetime.now(UTC).replace(microsecond=0)
    return make.draft(open_call(db.session, now), now)


def open_section(page: Page, address: str, draft: Draft, code: str) -> None:
    """Signs the lead applicant in and opens a section."""
    page.goto(f"{address}/sign-in?next=/applications/{draft.reference}/sections/{code}")
    sign_in_here(page, draft, "Sign in")


def sign_in_here(page: Page, draft: Draft, button: str) -> None:
    main = page.locator("main")
    main.get_by_label("E-mail address").fill(draft.lead.email)
    main.get_by_label("Password").fill(PASSWORD)
    main.get_by_role("button", name=button).click()


def test_one_signs_in_on_the_answer_and_sends_the_text_again(browser: Browser, address: str, draft: Draft):
    with watched_page(browser) as page:
        open_section(page, address, draft, "challenge")
        page.locator("#challenge").fill(TEXT)
        other_tab = page.context.new_page()
        other_tab.goto(f"{address}/account")
        other_tab.get_by_role("button", name="Sign out", exact=True).click()
        other_tab.close()

        page.locator("main").get_by_role("button", name="Save", exact=True).last.click()

        expect(page.locator("h1")).to_have_text("You are not signed in any more")
        expect(page.get_by_label("Challenge")).to_have_value(TEXT)
        assert violations(page) == []
        sign_in_here(page, draft, "Sign in and go on")
        expect(page.locator("h1")).to_have_text("You are signed in again")
        assert violations(page) == []
        page.get_by_role("button", name="Send again").click()
        expect(page.locator("#challenge")).to_have_value(TEXT)
        expect(page.get_by_text("Saved").first).to_be_visible()


def test_a_refused_form_is_not_left_without_asking(browser: Browser, address: str, draft: Draft):
    with watched_page(browser) as page:
        open_section(page, address, draft, "identity")
        page.get_by_label("Acronym").fill("x" * 300)
        page.locator("main").get_by_role("button", name="Save", exact=True).last.click()
        expect(page.locator("#error-summary")).to_be_visible()

        with page.expect_event("dialog") as asked:
            page.once("dialog", lambda dialog: dialog.dismiss())
            page.locator("header").get_by_role("link").first.click(no_wait_after=True)

        assert asked.value.type == "beforeunload"
        expect(page.get_by_label("Acronym")).to_have_value("x" * 300)
