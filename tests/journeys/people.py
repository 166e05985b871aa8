"""Somebody at a browser: signs in, fills in what a page asks for, waits for what the workers bring."""

from __future__ import annotations

import contextlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from email.message import EmailMessage
from html import unescape
from io import BytesIO
from typing import Any

from playwright.sync_api import Browser, FilePayload, Locator, Page, expect
from pypdf import PdfWriter

from tests.journeys.plots import NEWCOMERS, Newcomer
from tests.services_browser import watched_page
from tests.services_mail import MailSink
from tests.services_program import Program
from urbact_calls import demonstration

PATIENCE_SECONDS = 40
_FILL_IN = """(form, [text, answers, day]) => {
  const given = {email: "press@example.org", url: "https://example.org/", date: day, number: "3"};
  for (const field of form.querySelectorAll("input, textarea")) {
    if (["hidden", "radio", "checkbox", "file", "submit"].includes(field.type)) continue;
    const isFigure = ["numeric", "decimal"].includes(field.inputMode);
    const first = field.list && field.list.options.length ? field.list.options[0].value : null;
    const line = isFigure ? "3" : first || text.slice(0, 18).trim();
    field.value = answers[field.name] || given[field.type] || (field.tagName === "TEXTAREA" ? text : line);
  }
  for (const select of form.querySelectorAll("select")) {
    const first = [...select.options].find(option => option.value && !option.disabled);
    if (first) select.value = answers[select.name] || first.value;
  }
  for (const group of form.querySelectorAll("fieldset")) {
    const options = [...group.querySelectorAll("input[type=radio], input[type=checkbox]")];
    // Points are given by the end of the name: `points` for `A1_points`.
    const option = options.find(each => each.value === answers[each.name.split("_").pop()]) || options[0];
    if (option) option.checked = true;
  }
  for (const box of form.querySelectorAll("input[type=checkbox]")) {
    if (!box.closest("fieldset")) box.checked = true;
  }
}"""
_FORM_IN = f"""([html, selector, said]) => {{
    const form = new DOMParser().parseFromString(html, 'text/html').querySelector(selector);
    if (said) ({_FILL_IN})(form, said);
    return {{action: form.getAttribute('action'), fields: Object.fromEntries(new FormData(form))}};
}}"""


@dataclass(frozen=True)
class Visitor:
    """One person at one browser."""

    page: Page
    program: Program
    post: MailSink

    def open(self, path: str) -> None:
        answer = self.page.goto(self.program.url + path)
        assert answer is not None
        assert answer.status == 200, f"{path} answered {answer.status}"

    @contextlib.contextmanager
    def counted_pages(self) -> Iterator[list[str]]:
        """The address of each page that is opened meanwhile, in their order."""
        opened: list[str] = []

        def note(page: Page) -> None:
            opened.append(page.url)

        self.page.on("domcontentloaded", note)
        yield opened
        self.page.remove_listener("domcontentloaded", note)

    def press(self, label: str) -> None:
        """Presses the first button with this label; the page that follows must not be a fault."""
        self.presses(self.page.get_by_role("button", name=label, exact=True).first, label)

    def presses(self, button: Locator, label: str) -> None:
        with self.page.expect_navigation() as following:
            button.click()
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
        """Opens a page when the workers have brought what it should say."""
        self.hears(path, text)
        self.open(path)
        self.sees(text)

    def hears(self, path: str, text: str) -> None:
        """Asks for a page, without drawing it, until the workers have brought what it should say."""
        self._until(lambda: text in self.reads(path), lambda: f"{path} never said “{text}”: {self.reads(path)}")

    def reads(self, path: str) -> str:
        """What a page says, asked for in the same session and not drawn, which takes ten times as long."""
        answer = self.page.request.get(self.program.url + path)
        assert answer.status == 200, f"{path} answered {answer.status}"
        return words_of(answer.text())

    def message(self, subject: str, address: str) -> str:
        """Waits until a message is delivered to an address and gives its text."""
        found: list[EmailMessage] = []

        def has_come() -> bool:
            found[:] = [each for each in self.post.to(address) if subject in str(each["Subject"])]
            return bool(found)

        self._until(has_come, lambda: f"no message “{subject}” to {address}")
        body = found[-1].get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    def fill_in_everything(self, text: str, answers: Mapping[str, str] | None = None) -> None:
        """Answers every question of the form on the page, whatever it asks: `text`, or what `answers` says by name."""
        form = self.page.get_by_role("main").locator("form").first
        # In one go: a form has up to forty fields, and to type in each as a person does takes a second.
        form.evaluate(_FILL_IN, said(text, answers))
        for file in form.locator("input[type=file]").all():
            file.set_input_files(letter(text))

    def repeat(
        self, path: str, selector: str, answered: Sequence[Any] | None = None, **typed: str | FilePayload
    ) -> None:
        """Sends a form as the browser would, in the same session; for what was done by hand on the page before.

        `answered` is `said(...)` where every question is answered first, as `fill_in_everything` does.
        """
        site = self.program.url
        page = self.page.request.get(site + path)
        assert page.ok, f"{path} answered {page.status}"
        found = self.page.evaluate(_FORM_IN, [page.text(), selector, answered])
        values = {**found["fields"], **typed}
        sent: dict[str, Any] = (
            {"multipart": values} if any(isinstance(each, dict) for each in typed.values()) else {"form": values}
        )
        answer = self.page.request.post(site + (found["action"] or path), **sent)
        assert answer.ok, f"{selector} on {path} answered {answer.status}: {answer.text()[:600]}"

    def cookie(self) -> str:
        """What the browser sends to be known again."""
        return "; ".join(f"{each['name']}={each['value']}" for each in self.page.context.cookies())

    def _until(self, happened: Callable[[], bool], complaint: Callable[[], str]) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            assert time.monotonic() < until, f"in {PATIENCE_SECONDS} seconds: {complaint()}"
            time.sleep(0.3)


@dataclass
class Cast:
    """Everybody of a story, each at a browser of their own that stays signed in."""

    browser: Browser
    program: Program
    post: MailSink
    places: contextlib.ExitStack
    known: dict[str, Visitor] = field(default_factory=dict)
    # With which programs ask in the name of somebody.
    tokens: dict[str, str] = field(default_factory=dict)
    done_by_hand: Counter[str] = field(default_factory=Counter)
    # How many addresses were asked for by everybody.
    asked: int = 0

    def person(self, name: str, *, draws: bool = True) -> Visitor:
        """One of the people of the demonstration or of the story, signed in: `officer1`, `chair`, `APN-DEMO`.

        Whoever only asks for addresses signs in without drawing the page.
        """
        if name not in self.known:
            visitor, account = self.newcomer(name), account_of(name)
            if draws:
                visitor.sign_in(account.email, account.password)
            else:
                visitor.repeat("/sign-in", "main form", email=account.email, password=account.password)
        return self.known[name]

    def by_hand(self, what: str, often: int = 1) -> bool:
        """Whether this is to be done in the browser, because in this journey it was not yet done there so often.

        What is left of the same kind is sent in the same session, by `Visitor.repeat`.
        """
        self.done_by_hand[what] += 1
        return self.done_by_hand[what] <= often

    def newcomer(self, name: str) -> Visitor:
        """Somebody at a fresh browser, found under this name from now on."""
        page = self.places.enter_context(watched_page(self.browser))
        self.known[name] = Visitor(page, self.program, self.post)
        return self.known[name]


@contextlib.contextmanager
def cast_of(browser: Browser, program: Program, post: MailSink) -> Iterator[Cast]:
    with contextlib.ExitStack() as places:
        yield Cast(browser, program, post, places)


def account_of(name: str) -> Newcomer:
    """How somebody of the story signs in, or of the demonstration."""
    of_the_demonstration = Newcomer(name=name, email=f"{name}@example.org", password=demonstration.PASSWORD)
    return NEWCOMERS.get(name, of_the_demonstration)


def words_of(html: str) -> str:
    """What a page says in its main part, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html.partition("<main")[2])).split())


def said(text: str, answers: Mapping[str, str] | None) -> list[Any]:
    """What every question of a form is answered with."""
    return [text, dict(answers or {}), in_weeks(8)]


def in_weeks(weeks: int) -> str:
    """A day some weeks from now, as the forms take it."""
    return (date.today() + timedelta(weeks=weeks)).isoformat()  # noqa: DTZ011 -- any near day will do


def letter(name: str) -> FilePayload:
    """A small and honest PDF that says whose it is."""
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    writer.add_metadata({"/Title": f"Letter: {name[:60]}"})
    written = BytesIO()
    writer.write(written)
    return FilePayload(name="letter.pdf", mimeType="application/pdf", buffer=written.getvalue())
