"""First view: what a page asks of a slow line, at the first visit and again, and how far what is shown moves meanwhile.

`python -m scripts.first_view` starts the program with its demonstration and opens its pages in Chromium, on a line of
1.6 Mbit/s whose answers need 150 ms, wide and narrow. It prints a line for each and ends with 1 if one is too heavy.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from tests.services_browser import running_browser
from tests.services_program import running_program
from urbact_calls.demonstration import people

MOST_BYTES = 150_000
MOST_REQUESTS = 12
MOST_BYTES_AGAIN = 30_000
LARGEST_SHIFT = 0.05

LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
WIDTHS = {390: 844, 1280: 900}
# Lines move when a font comes, and a part may come with a script: as long as a reader would still look at the first.
SETTLED_MS = 700
SHIFTS = """
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
  }).observe({type: "layout-shift", buffered: true});
"""


@dataclass(slots=True)
class Visit:
    """What one visit of a page has asked for."""

    page: int = 0
    assets: int = 0
    requests: list[str] = field(default_factory=list)
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class View:
    """A page on a screen of some width: its first visit, and the next one."""

    path: str
    width: int
    first: Visit
    again: Visit
    is_of_work: bool
    """Whether somebody signed in works on it, page after page; the map of a public page is looked at once."""

    def faults(self) -> Iterator[str]:
        """What of it is too much."""
        where, first, again = f"{self.path} at {self.width}", self.first, self.again
        if first.page + first.assets > MOST_BYTES:
            yield f"{where}: {first.page + first.assets} bytes at the first visit, at most {MOST_BYTES}"
        if len(first.requests) > MOST_REQUESTS:
            yield f"{where}: {len(first.requests)} requests at the first visit, at most {MOST_REQUESTS}"
        if again.requests[1:]:
            yield f"{where}: asked again for {', '.join(again.requests[1:])}"
        if self.is_of_work and again.page > MOST_BYTES_AGAIN:
            yield f"{where}: {again.page} bytes of HTML at the second visit, at most {MOST_BYTES_AGAIN}"
        if max(first.shift, again.shift) > LARGEST_SHIFT:
            yield f"{where}: shifts by {max(first.shift, again.shift):.3f}, at most {LARGEST_SHIFT}"

    def __str__(self) -> str:
        first, again = self.first, self.again
        return (
            f"{self.path:48} {self.width:>5} {(first.page + first.assets) / 1000:>8.1f} {len(first.requests):>9}"
            f" {again.page / 1000:>8.1f} {len(again.requests) - 1:>7} {first.shift:>7.3f} {again.shift:>7.3f}"
        )


HEADING = f"{'page':48} {'width':>5} {'kB':>8} {'requests':>9} {'kB again':>8} {'assets':>7} {'shift':>7} {'again':>7}"


def view(browser: Browser, url: str, path: str, width: int, cookies: Sequence[Any] = ()) -> View:
    """Opens a page twice, the first time as somebody who was never here; `cookies` are those of who is signed in."""
    context = browser.new_context(
        locale="en-GB", timezone_id="Europe/Paris", viewport={"width": width, "height": WIDTHS[width]}
    )
    try:
        context.add_cookies([*cookies])
        context.add_init_script(SHIFTS)
        page = context.new_page()
        line = context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", LINE)
        first, again = _visit(page, line, url + path), _visit(page, line, url + path)
        return View(path, width, first, again, is_of_work=bool(cookies))
    finally:
        context.close()


def _visit(page: Page, line: CDPSession, address: str) -> Visit:
    visit = Visit()
    asked: dict[str, str] = {}

    def ask(event: Mapping[str, Any]) -> None:
        if not event["request"]["url"].startswith("data:"):
            asked[event["requestId"]] = event["request"]["url"]

    def keep(event: Mapping[str, Any]) -> None:
        if event.get("response", {}).get("fromDiskCache", True):
            asked.pop(event["requestId"], None)

    def receive(event: Mapping[str, Any]) -> None:
        name = asked.get(event["requestId"])
        if name is None:
            return
        visit.requests.append(name)
        if name == address:
            visit.page += int(event["encodedDataLength"])
        else:
            visit.assets += int(event["encodedDataLength"])

    heard = {
        "Network.requestWillBeSent": ask,
        "Network.requestServedFromCache": keep,
        "Network.responseReceived": keep,
        "Network.loadingFinished": receive,
    }
    for name, listener in heard.items():
        line.on(name, listener)
    page.goto("about:blank")
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(SETTLED_MS)
    visit.shift = page.evaluate("window.shifted")
    for name, listener in heard.items():
        line.remove_listener(name, listener)
    return visit


def signed_in(context: BrowserContext, url: str, email: str) -> list[Any]:
    """The cookies of somebody who has signed in."""
    page = context.new_page()
    page.goto(f"{url}/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(people.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/dashboard")
    return context.cookies()


PUBLIC = ("/", "/calls/", "/calls/APN-DEMO", "/networks/", "/networks/biodivercity", "/cities/")
DRAFT = "/applications/APN-DEMO-001/"
OF_THE_LEAD = ("/dashboard", DRAFT, f"{DRAFT}sections/challenge", f"{DRAFT}budget")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.first_view", description=__doc__)
    parser.parse_args()
    faults: list[str] = []
    print(HEADING, flush=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_program(Path(folder), {"APP_ENV": "demo"}, None) as program,
        running_browser() as browser,
    ):
        cookies = signed_in(browser.new_context(), program.url, people.PEOPLE[0].email)
        for path in (*PUBLIC, *OF_THE_LEAD):
            for width in WIDTHS:
                seen = view(browser, program.url, path, width, cookies if path in OF_THE_LEAD else ())
                faults += seen.faults()
                print(seen, flush=True)
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
