"""The kit in real Chromium: script only counts, adds up and warns. What axe says of it is asked with all pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.services_browser import watched_page
from tests.services_site import served
from tests.web.test_macros import site as site  # the fixture
from urbact_calls.factory import CONTENT_SECURITY_POLICY


@pytest.fixture(scope="module")
def address(site) -> Iterator[str]:
    @site.after_request
    def guard(response):
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    with served(site) as address:
        yield address


def test_the_summary_takes_the_focus_and_leads_to_the_field(page: Page, address: str):
    page.goto(f"{address}/kit/kit")
    page.wait_for_function("document.activeElement.id === 'error-summary'")

    page.get_by_role("link", name="Give the network a title.").click()

    assert page.evaluate("document.activeElement.id") == "title"


def test_characters_are_counted_while_one_types(page: Page, address: str):
    page.goto(f"{address}/kit/section")

    page.get_by_label("What is the shared challenge?").fill("x" * 3990)

    page.get_by_text("10 characters left").first.wait_for()


def test_the_budget_adds_up_while_one_types(page: Page, address: str):
    page.goto(f"{address}/kit/budget")

    page.get_by_label("Travel and accommodation, Szentváros").fill("11 500")

    total = page.locator("[data-grid-sum] [data-grid-all]")
    assert total.text_content() == "389,700"
    assert page.locator("[data-grid-funding] [data-grid-all]").text_content() == "288,040"
    page.get_by_text("Not saved yet").wait_for()


def test_without_script_the_page_says_the_limit_and_offers_to_add_up(browser: Browser, address: str):
    with watched_page(browser, java_script_enabled=False) as page:
        page.goto(f"{address}/kit/section")
        assert page.get_by_text("Up to 4,000 characters").is_visible()

        page.goto(f"{address}/kit/budget")
        assert page.get_by_role("button", name="Add up").is_visible()


def test_the_choice_of_colours_wins_over_the_device(browser: Browser, address: str):
    with watched_page(browser, color_scheme="dark") as page:
        page.goto(f"{address}/kit/kit")
        page.evaluate("document.documentElement.dataset.theme = 'light'")

        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(242, 246, 245)"
