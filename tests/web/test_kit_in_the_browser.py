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


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("x" * 3990, "10 characters left"),
        ("🏙" * 3999, "1 character left"),
        ("e\u0301" * 4000, "No characters left"),
        ("x\u200b" * 3990, "10 characters left"),
        ("x" * 1990 + "\n" + "x" * 2000, "9 characters left"),
        (f"  {'x' * 3990}\n\n", "10 characters left"),
        ("x" * 4001, "1 character too many"),
    ],
    ids=["letters", "emoji", "marks apart", "what nobody sees", "lines", "blanks around", "too many"],
)
def test_characters_are_counted_while_one_types(page: Page, address: str, typed: str, said: str):
    page.goto(f"{address}/kit/section")

    page.get_by_label("What is the shared challenge?").fill(typed)

    page.get_by_text(said, exact=True).first.wait_for()


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


SPACED = """each => Object.assign(each.style, {lineHeight: "1.5", letterSpacing: ".12em", wordSpacing: ".16em"})"""
DOUBLED = """(each, i, all) => each.style.fontSize = `${2 * sizes[i]}px`"""


@pytest.mark.parametrize("look", ["spaced", "doubled"])
@pytest.mark.parametrize("sheet", ["kit", "section", "budget", "desk"])
def test_text_that_its_reader_spaces_or_enlarges_is_not_cut_off(page: Page, address: str, sheet: str, look: str):
    """Spaced as WCAG 2.1 says (1.4.12), or twice as large (1.4.4)."""
    page.goto(f"{address}/kit/{sheet}")
    page.evaluate(
        f"""() => {{
          const all = [...document.body.querySelectorAll("*")];
          const sizes = all.map((each) => parseFloat(getComputedStyle(each).fontSize));
          all.forEach({SPACED if look == "spaced" else DOUBLED});
        }}"""
    )

    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_the_choice_of_colours_wins_over_the_device(browser: Browser, address: str):
    with watched_page(browser, color_scheme="dark") as page:
        page.goto(f"{address}/kit/kit")
        page.evaluate("document.documentElement.dataset.theme = 'light'")

        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(242, 246, 245)"
