"""Every page, by every role that may open it, in real Chromium: wide and narrow, light and dark.

axe finds nothing against WCAG 2.1 A and AA, contrast included; nothing is cut off; no script fails; nothing is asked of
another host; and all that can be pressed can be pressed without script. Which page is visited by whom stands in
`tests/architecture/visits.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route

from tests.architecture.access_matrix import MATRIX, ROLES
from tests.architecture.visited_site import Site, WithoutScript, asked, different, visited_site
from tests.architecture.visits import GROUPS, ONLY_IN_THE_DEMONSTRATION, Visit, address_group
from tests.services_browser import PATIENCE_MS, console_complaint, contrast_violations, violations
from tests.services_databases import Databases

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
pytestmark = [pytest.mark.slow, pytest.mark.together]


@pytest.fixture(scope="module")
def site(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """On one database: what a page shows does not depend on which."""
    with databases.fresh("sqlite") as url, visited_site(url, tmp_path_factory.mktemp("visits")) as site:
        yield site


def test_every_address_has_a_visit(site: Site):
    known = set(MATRIX) | set(ONLY_IN_THE_DEMONSTRATION)
    groups = {*GROUPS, *(address_group(name) for name in ONLY_IN_THE_DEMONSTRATION)}

    without = [
        f"{address.name} ({address.rule.endpoint}) has no visit: add its line to MATRIX in"
        " tests/architecture/access_matrix.py, which says who may open it."
        for address in site.pages()
        if address.name not in known or address_group(address.name) not in groups
    ]

    assert without == [], "\n".join(without)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("group", [*GROUPS, "mailbox", "kit", "more"])
def test_everybody_can_use_the_pages(browser: Browser, site: Site, group: str):
    pages, wrong = asked(site, group)
    # The patterns are pictures of pages: their links lead nowhere.
    if group != "kit":
        wrong += [f"{visit}: {fault}" for visit, html in pages for fault in WithoutScript(html).faults]

    wrong += browse(browser, site, [visit for visit, _ in different(site, pages)])

    assert wrong == [], "\n".join(wrong)


@pytest.mark.timeout(300)
def test_everybody_can_use_the_head_of_a_page(browser: Browser, site: Site):
    """The menu and the account links differ by role; below them the page of help is the same for all."""
    assert browse(browser, site, [Visit(role, "/help") for role in ROLES]) == []


def browse(browser: Browser, site: Site, visits: list[Visit]) -> list[str]:
    """Opens each page once and looks at it on both screens and in both colours; gives what is wrong."""
    found: list[str] = []
    by_role: dict[str, list[Visit]] = {}
    for visit in visits:
        by_role.setdefault(visit.role, []).append(visit)
    for role, own in by_role.items():
        context = browser.new_context(locale="en-GB", timezone_id="Europe/Paris", viewport=WIDE, color_scheme="light")
        context.set_default_timeout(PATIENCE_MS)
        try:
            _sign_in(context, site, role)
            page = context.new_page()
            for visit in own:
                found += [f"{visit}: {fault}" for fault in _faults(page, site, visit)]
        finally:
            context.close()
    return found


def _sign_in(context: BrowserContext, site: Site, role: str) -> None:
    if role in site.cookies:
        name, _, value = site.cookies[role].partition("=")
        context.add_cookies([{"name": name, "value": value, "url": site.url}])


def _faults(page: Page, site: Site, visit: Visit) -> list[str]:
    said: list[str] = []

    def heard(message) -> None:
        said.extend(f"console: {line}" for line in console_complaint(message, visit.status))

    def asked_for(request: Request) -> None:
        if not request.url.startswith((site.url, "data:")):
            said.append(f"asks another host: {request.url}")

    listeners = {"console": heard, "pageerror": lambda error: said.append(str(error)), "request": asked_for}
    for event, listener in listeners.items():
        page.on(event, listener)
    try:
        status = _open(page, site, visit)
        return said + ([] if status == visit.status else [f"answers {status}"]) + _looked_at(page)
    finally:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)


def _open(page: Page, site: Site, visit: Visit) -> int:
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    url = site.url + visit.path
    if visit.form is None:
        answer = page.goto(url)
    else:
        # Sent as a browser sends a form; which page the form stands on does not matter here.
        body = "&".join(f"{name}={value}" for name, value in visit.form.items())

        def send(route: Route) -> None:
            headers = {**route.request.headers, "content-type": "application/x-www-form-urlencoded"}
            route.continue_(method="POST", post_data=body, headers=headers)

        page.route(url, send, times=1)
        answer = page.goto(url)
    assert answer is not None
    return answer.status


def _looked_at(page: Page) -> list[str]:
    """Wide and narrow in light; then in dark, narrow as the device wishes and wide as the reader chose.

    Dark changes colours and nothing else, so only contrast is measured again.
    """
    found = [f"wide, light: {line}" for line in violations(page)]
    found += _cut_off(page, "wide")
    page.set_viewport_size(NARROW)
    found += [f"narrow, light: {line}" for line in violations(page)]
    found += _cut_off(page, "narrow")
    page.emulate_media(color_scheme="dark")
    _arrive(page)
    found += [f"narrow, dark: {line}" for line in contrast_violations(page)]
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    _arrive(page)
    return found + [f"wide, dark: {line}" for line in contrast_violations(page)]


def _arrive(page: Page) -> None:
    """Colours glide from one to the other; what is measured is where they end."""
    page.evaluate("document.getAnimations().forEach((each) => each.finish())")


def _cut_off(page: Page, screen: str) -> list[str]:
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [f"{screen}: {over} pixels wider than the screen"] if over > 0 else []
