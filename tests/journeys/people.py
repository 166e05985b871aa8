"""Somebody at a browser: signs in, fills in what a page asks for, waits for what the workers bring."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from playwright.sync_api import Browser, Page, expect

from tests.services_browser import watched_page
from tests.services_program import Program
from urbact_calls import demonstration

PATIENCE_SECONDS = 40

FILL_IN = """(form, text) => {
  for (const area of form.querySelectorAll("textarea")) area.value = text;
  for (const line of form.querySelectorAll("input[type=text]")) {
    const isFigure = ["numeric", "decimal"].includes(line.inputMode);
    line.value = isFigure ? "1" : line.list ? line.list.options[0].value : text.slice(0, 18).trim();
  }
  for (const select of form.querySelectorAll("select")) select.selectedIndex = 1;
  for (const group of form.querySelectorAll("fieldset")) {
    const option = group.querySelector("input[type=radio], input[type=checkbox]");
    if (option) option.checked = true;
  }
  for (const box of form.querySelectorAll("input[type=checkbox]")) {
    if (!box.closest("fieldset")) box.checked = true;
  }
}"""


@dataclass(frozen=True)
class Visitor:
    """One person at one browser."""

    page: Page
    site: str

    def open(self, path: str) -> None:
        answer = self.page.goto(self.site + path)
        assert answer is not None
        assert answer.status == 200, f"{path} answered {answer.status}"

    def press(self, label: str) -> None:
        """Presses the first button with this label; the page that follows must not be a fault."""
        with self.page.expect_navigation() as following:
            self.page.get_by_role("button", name=label, exact=True).first.click()
        assert following.value is not None
        assert following.value.status == 200, (
            f"“{label}” on {self.page.url} answered {following.value.status}: {self.main_text()[:600]}"
        )

    def sign_in(self, email: str, password: str) -> None:
        self.open("/sign-in")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.press("Sign in")

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(text)

    def main_text(self) -> str:
        return self.page.get_by_role("main").inner_text()

    def waits_for(self, path: str, text: str) -> None:
        """Opens a page again until the workers have brought what it should say."""
        self._until(lambda: self._page_has(path, text), f"{path} never said “{text}”")

    def message(self, subject: str, address: str) -> str:
        """Waits for a message in the mailbox and gives its text."""
        row = self.page.locator("tr", has_text=address).filter(has_text=subject)

        def has_come() -> bool:
            self.open("/mailbox/")
            return row.count() > 0

        self._until(has_come, f"no message “{subject}” to {address}")
        row.first.get_by_role("link").click()
        return self.main_text()

    def fill_in_everything(self, text: str) -> None:
        """Answers every question of the form on the page: texts, figures, the first real choice, every tick."""
        # In one go: a form has up to forty fields, and to type in each as a person does takes a second.
        self.page.get_by_role("main").locator("form").first.evaluate(FILL_IN, text)

    def _page_has(self, path: str, text: str) -> bool:
        self.open(path)
        return text in self.main_text()

    def _until(self, happened: Callable[[], bool], complaint: str) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            assert time.monotonic() < until, f"{complaint} in {PATIENCE_SECONDS} seconds; it says {self.main_text()}"
            time.sleep(0.3)


@dataclass(frozen=True)
class Cast:
    """Everybody of a story, each at a browser of their own."""

    browser: Browser
    program: Program

    @contextlib.contextmanager
    def stranger(self) -> Iterator[Visitor]:
        with watched_page(self.browser) as page:
            yield Visitor(page, self.program.url)

    @contextlib.contextmanager
    def person(self, name: str) -> Iterator[Visitor]:
        """One of the people of the demonstration, signed in: `officer1`, `chair`."""
        with self.stranger() as visitor:
            visitor.sign_in(f"{name}@example.org", demonstration.PASSWORD)
            yield visitor


def in_weeks(weeks: int) -> str:
    """A day some weeks from now, as the forms take it."""
    return (date.today() + timedelta(weeks=weeks)).isoformat()  # noqa: DTZ011 -- any near day will do


def letter(name: str) -> bytes:
    """A small and honest PDF."""
    from io import BytesIO

    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    writer.add_metadata({"/Title": f"Letter of commitment of {name}"})
    written = BytesIO()
    writer.write(written)
    return written.getvalue()
