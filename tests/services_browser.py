"""Chromium for the tests, and the check that a page can be used by everybody."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.services_postgresql import ServiceMissing

# Asked for by name: axe leaves out what WCAG 2.2 has added (the size of targets) unless it is told.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ALL_RULES = f"{{resultTypes: ['violations'], runOnly: {RULES}}}"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
# Nothing of the browser's own business: no updates, no first-run pages, no connections to its maker.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000


@contextlib.contextmanager
def running_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=FLAGS)
        yield browser
        browser.close()


def program() -> str:
    """Chromium without the windows of a desktop: the same pages for half of the processor's time."""
    path = shutil.which("chromium-headless-shell")
    if path is None:
        raise ServiceMissing("There is no Chromium on this machine: run ./test.sh, which installs it.")
    return path


@contextlib.contextmanager
def visitor(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page of somebody new, with cookies of their own; a test may have several at once."""
    context = browser.new_context(locale="en-GB", timezone_id="Europe/Paris", **options)
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context.new_page()
    finally:
        context.close()


@contextlib.contextmanager
def watched_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """As `visitor`; fails at the end if a script failed or the security policy refused something."""
    with visitor(browser, **options) as page:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.extend(console_complaint(message)))
        yield page
        assert errors == [], "\n".join(errors)


def console_complaint(message: ConsoleMessage, status: int = 400) -> list[str]:
    """What a page complained of; `status` is an answer of the server that the page gives on purpose."""
    # A page that refuses a form answers 4xx on purpose; Chromium reports each such answer as an error.
    expected = f"the server responded with a status of {status // 100}"
    if message.type != "error" or (status >= 400 and expected in message.text):
        return []
    return [f"{message.location.get('url', '')}: {message.text}"]


@cache
def _axe() -> str:
    return AXE.read_text()


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands now, one line for each rule with the places that break it."""
    # Evaluated, not added as a script element: the policy of the site allows only its own scripts.
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    return found_by_axe(page, "document", ALL_RULES)


def found_by_axe(page: Page, context: str, options: str) -> list[str]:
    """What axe finds in a part of a page where it has been loaded already; `context` and `options` are script."""
    found = page.evaluate(f"async () => (await axe.run({context}, {options})).violations")
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {', '.join(str(node['target']) for node in rule['nodes'])}"
        for rule in found
    ]
