"""The budget of an application in a browser: what one types is added up as it would be stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator

from tests.factories.accounts import PASSWORD
from tests.factories.story import Story, story
from tests.journeys.people import Visitor
from tests.services_browser import violations, watched_page
from tests.services_mail import MailSink
from tests.services_site import served

if TYPE_CHECKING:
    from tests.services_program import Program

# What a page shows does not depend on the database under it.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def tale(session) -> Story:
    return story(datetime.now(UTC))


@pytest.fixture
def writer(app: Flask, tale: Story, browser: Browser) -> Iterator[Visitor]:
    with served(app) as address, watched_page(browser) as page:
        visitor = Visitor(page, cast("Program", SimpleNamespace(url=address)), MailSink())
        visitor.sign_in(tale.draft.lead.email, PASSWORD)
        visitor.open(f"/applications/{tale.reference}/budget")
        yield visitor


def first_cell(writer: Visitor) -> Locator:
    return writer.page.locator("table.grid tr.grid__typed input").first


def shown(writer: Visitor) -> list[str]:
    """All that the panel and the figures of the grid say."""
    panel = writer.page.locator("[data-sums]").inner_text().split("\n")
    return [*panel, *writer.page.locator("table.grid td.figure").all_inner_texts()]


def test_while_one_types_the_panel_and_the_grid_show_what_would_be_stored(writer: Visitor):
    for typed in ("730,25", "2.730,25", "7 300 €", "1’200.50", "1\u200b000", "9.000.000", ""):
        first_cell(writer).fill(typed)
        live = shown(writer)

        # The button is for browsers without script; the server adds up for whoever sends its name. It is sent a moment
        # later: a page that goes away at once cannot answer that it was asked to.
        with writer.page.expect_navigation():
            first_cell(writer).evaluate(
                "cell => { const add = document.createElement('input'); add.type = 'hidden'; add.name = 'add_up';"
                " cell.form.append(add); setTimeout(() => cell.form.requestSubmit()); }"
            )

        assert live == shown(writer), typed


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2.750", "“2.750” could mean two things: 2750 or 2.75. Type one of these."),
        ("1,500", "“1,500” could mean two things: 1500 or 1.5. Type one of these."),
        ("11,5oo", "One amount cannot be read: “11,5oo”"),
    ],
)
def test_an_amount_that_would_be_refused_is_told_while_one_types(writer: Visitor, typed: str, said: str):
    first_cell(writer).fill(typed)

    panel = writer.page.locator("[data-sums]").inner_text().split("\n")
    assert (said in panel, panel.count("?")) == (True, 3), panel
    assert violations(writer.page) == []

    first_cell(writer).fill("0")

    assert "?" not in shown(writer)
