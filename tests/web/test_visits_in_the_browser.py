"""Every page, by every role that may open it: its HTML, and in real Chromium, wide and narrow, light and dark.

axe finds nothing against WCAG 2.2 A and AA or its best practice, contrast and size of targets included; nothing is cut
off; no script fails; nothing is asked of another host; and all that can be pressed can be pressed without script. Which
page is visited by whom stands in `tests/architecture/visits.py`, which states of it in
`tests/architecture/visited_states.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route

from tests.architecture.access_matrix import MATRIX, ROLES
from tests.architecture.visited_site import Site, WithoutScript, asked, different, visited_site
from tests.architecture.visited_states import STATES
from tests.architecture.visits import GROUPS, NOT_ON_A_REAL_SITE, Visit, address_group
from tests.services_browser import console_complaint
from tests.services_databases import Databases
from tests.services_markup import faults_in
from tests.web.looked_at import begin, looked_at, looking_glass
from tests.web_client import TOKEN

pytestmark = [pytest.mark.slow, pytest.mark.together]


@pytest.fixture(scope="module")
def site(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """On one database: what a page shows does not depend on which."""
    with databases.fresh("sqlite") as url, visited_site(url, tmp_path_factory.mktemp("visits")) as site:
        yield site


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with looking_glass(browser) as page:
        yield page


Asked = tuple[list[tuple[Visit, str]], list[str]]
EVERY_GROUP = (*GROUPS, "mailbox", "kit", *STATES)


@pytest.fixture(scope="module")
def pages_of(site: Site) -> Callable[[str], Asked]:
    """The pages of a group and what is wrong with the answers, asked for once."""
    return cache(lambda group: asked(site, group))


def test_every_address_has_a_visit(site: Site):
    known = set(MATRIX) | set(NOT_ON_A_REAL_SITE)
    groups = {*GROUPS, *(address_group(name) for name in NOT_ON_A_REAL_SITE)}

    without = [
        f"{address.name} ({address.rule.endpoint}) has no visit: add its line to MATRIX in"
        " tests/architecture/access_matrix.py, which says who may open it."
        for address in site.pages()
        if address.name not in known or address_group(address.name) not in groups
    ]

    assert without == [], "\n".join(without)


# Each of these faults is seen in one look alone, and makes sure that it is taken.
PLANTED = """<!doctype html><html lang="en"><head><title>A page</title><style>
  body { background: #fff; color: #000; transition: color 9s; }
  @media (max-width: 819px) { .wide { display: none; } }
  @media (min-width: 820px) { .narrow { display: none; } }
  @media (prefers-color-scheme: dark) { .by-device { color: #eee; } }
  [data-theme="dark"] .by-choice { color: #eee; }
  @media (min-width: 321px) and (max-width: 819px) { .long { width: 400px; } }
  @media (max-width: 320px) { .long { width: 330px; } }
</style></head><body><main><h1>A page</h1>
  <p class="by-device">dark by the device</p> <p class="by-choice">dark by choice</p>
  <p class="narrow"><button></button></p> <p class="wide"><img src="data:,"></p>
  <p class="wide by-choice by-device">dark, and wide alone</p> <p class="long">long</p>
</main></body></html>"""


def test_each_look_finds_what_it_is_for(page: Page):
    begin(page)
    page.goto("about:blank")
    page.set_content(PLANTED)

    found = [line.partition(" (")[0] for line in looked_at(page)]

    assert found == [
        "wide, light: image-alt",
        "narrow: 18 pixels wider than the screen",
        "enlarged: 18 pixels wider than the screen",
        "enlarged, light: button-name",
        "enlarged, dark: color-contrast",
        "wide, dark: color-contrast",
    ]


def test_a_visit_hears_what_goes_wrong_behind_a_page(page: Page, site: Site):
    spoilt = """<!doctype html><html lang="en"><head><title>A page</title></head><body><main><h1>A page</h1>
      <img src="http://elsewhere.example/" alt=""><script>console.error("said"); throw new Error("thrown")</script>
      </main></body></html>"""
    page.route(f"{site.url}/help", lambda route: route.fulfill(status=201, content_type="text/html", body=spoilt))
    page.route("http://elsewhere.example/", lambda route: route.fulfill(status=204))
    try:
        found = browse(page, site, [Visit("anonymous", "/help")])
    finally:
        page.unroute_all()

    assert sorted(line.removeprefix("GET /help as anonymous: ") for line in found) == [
        "answers 201",
        "asks another host: http://elsewhere.example/",
        f"console: {site.url}/help: said",
        "thrown",
    ]


@pytest.mark.parametrize("group", EVERY_GROUP)
def test_everybody_can_use_the_pages(page: Page, site: Site, pages_of: Callable[[str], Asked], group: str):
    pages, answered = pages_of(group)
    wrong = [*answered]
    # The patterns are pictures of pages: their links lead nowhere.
    if group != "kit":
        wrong += [f"{visit}: {fault}" for visit, html in pages for fault in WithoutScript(html).faults]

    wrong += browse(page, site, [visit for visit, _ in different(site, pages)])

    assert wrong == [], "\n".join(wrong)


def test_everybody_can_use_the_head_of_a_page(page: Page, site: Site):
    """The menu and the account links differ by role; below them the page of help is the same for all."""
    assert browse(page, site, [Visit(role, "/help") for role in ROLES]) == []


# Each of these is a fault of its own kind: nesting, a name used twice, a heading that is missing.
INVALID = """<!doctype html><html lang="en"><head><title>A page</title></head><body>
<p>in <span><form action="/"><button>Go</button></form></span></p>
<h1 id="here">Once</h1><p id="here">twice</p><section><p>Nothing says what this is.</p></section></body></html>
"""


def test_the_html_of_every_page_is_valid(site: Site, pages_of: Callable[[str], Asked], tmp_path: Path):
    """As each role is answered, by the Nu HTML Checker."""
    visits: dict[str, Visit] = {}
    for group in EVERY_GROUP:
        for visit, html in different(site, pages_of(group)[0]):
            visits[name := f"{len(visits)}.html"] = visit
            (tmp_path / name).write_text(html)
    (tmp_path / "invalid.html").write_text(INVALID)

    found = faults_in(tmp_path)

    planted = found.pop("invalid.html")
    assert [message.partition(": ")[0] for message in planted].count("error") >= 2
    assert any("Section lacks heading" in message for message in planted)
    assert [f"{visits.get(name, name)}: {each}" for name, messages in found.items() for each in messages] == []


def browse(page: Page, site: Site, visits: list[Visit]) -> list[str]:
    """Opens each page once and looks at it; gives what is wrong."""
    return [f"{visit}: {fault}" for visit in visits for fault in _faults(page, site, visit)]


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
        return said + ([] if status == visit.status else [f"answers {status}"]) + looked_at(page)
    finally:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)


def _open(page: Page, site: Site, visit: Visit) -> int:
    begin(page)
    _become(page, site, visit.role)
    url = site.url + visit.path
    if visit.form is None:
        answer = page.goto(url)
    else:
        # Sent as a browser sends a form; which page the form stands on does not matter here.
        form = {TOKEN: site.token(visit.role), **visit.form}
        body = "&".join(f"{name}={value}" for name, value in form.items())

        def send(route: Route) -> None:
            headers = {**route.request.headers, "content-type": "application/x-www-form-urlencoded"}
            route.continue_(method="POST", post_data=body, headers=headers)

        page.route(url, send, times=1)
        answer = page.goto(url)
    assert answer is not None
    return answer.status


def _become(page: Page, site: Site, role: str) -> None:
    """Nothing is left of who read before: a session is all that the site leaves with a reader."""
    page.context.clear_cookies()
    if role in site.cookies:
        name, _, value = site.cookies[role].partition("=")
        page.context.add_cookies([{"name": name, "value": value, "url": site.url}])
