"""The whole way to a submitted application in a browser in which no script runs.

What script adds, counting, adding up and warning, is comfort; that no page has a button which only script could
press is looked at for every page by `test_visits_in_the_browser.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.factories.accounts import PASSWORD
from tests.factories.applications import row
from tests.factories.jobs import work_off
from tests.factories.story import Story, story
from tests.journeys.people import Visitor, letter
from tests.services_browser import watched_page
from tests.services_mail import MailSink
from tests.services_site import served
from urbact_calls.database import db
from urbact_calls.messages.models import Delivery

if TYPE_CHECKING:
    from tests.services_program import Program

# What a page shows does not depend on the database under it.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def tale(session) -> Story:
    return story(datetime.now(UTC))


@pytest.fixture
def reader(app: Flask, tale: Story, browser: Browser) -> Iterator[Visitor]:
    with served(app) as address, watched_page(browser, java_script_enabled=False) as page:
        # Of a program it needs the address only.
        yield Visitor(page, cast("Program", SimpleNamespace(url=address)), MailSink())


def test_an_account_is_opened_and_used_without_script(reader: Visitor):
    reader.open("/register")
    reader.page.get_by_label("Your name").fill("Anna Kowalska")
    reader.page.get_by_label("E-mail address").fill("anna@city.example.org")
    reader.page.get_by_role("checkbox").check()
    reader.press("Open an account")

    db.session.rollback()
    work_off(datetime.now(UTC))
    said = db.session.query(Delivery).order_by(Delivery.id.desc()).first().text
    link = re.search(r"/register/confirm/\S+", said)
    assert link is not None, said
    reader.open(link[0])
    reader.page.get_by_label("Password", exact=True).fill(PASSWORD)
    reader.press("Confirm my address")

    assert reader.page.url.endswith("/dashboard")
    reader.press("Dark")
    assert reader.page.locator("html").get_attribute("data-theme") == "dark"


def test_an_application_is_written_and_submitted_without_script(reader: Visitor, tale: Story):
    home = f"/applications/{tale.reference}"
    section = row(tale.reference).sections[1].code
    reader.sign_in(tale.draft.lead.email, PASSWORD)

    reader.open(f"{home}/sections/{section}")
    reader.page.get_by_role("main").locator("form textarea").first.fill("We share one challenge.")
    reader.press("Save")
    assert reader.page.locator("form textarea").first.input_value() == "We share one challenge."

    reader.open(f"{home}/partners")
    reader.page.locator("summary", has_text="Take out").last.click()
    reader.page.get_by_role("button", name=re.compile("^Take .* out$")).last.click()
    reader.sees("9 partners")
    reader.page.locator("#search-name").fill("Isernia")
    reader.press("Search")

    reader.open(f"{home}/budget")
    reader.page.locator("table.grid tr.grid__typed input").first.fill("31,000.50")
    reader.press("Add up")
    reader.press("Save")
    assert reader.page.locator("table.grid tr.grid__typed input").first.input_value() == "31000.50"

    reader.open(f"{home}/documents")
    form = reader.page.locator("section.panel[id^=partner-]").first
    form.locator("summary").click()
    form.locator("input[type=file]").set_input_files(letter("the lead partner"))
    form.get_by_role("button", name=re.compile("the letter$")).click()

    reader.open(f"{home}/")
    reader.page.get_by_role("link", name="Look once more, then submit").click()
    reader.press("Submit the application")

    db.session.rollback()
    assert row(tale.reference).state == "submitted"
