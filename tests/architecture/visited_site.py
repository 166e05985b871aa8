"""A running site with the sweep world in it, and what its pages say before a browser sees them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from pathlib import Path

from flask import Flask, abort, request
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from tests import kit
from tests.architecture import sweep_world, visits
from tests.architecture.access_matrix import MATRIX, ROLES
from tests.architecture.sweep_world import World
from tests.architecture.swept_site import Address, addresses, cookie_of
from tests.architecture.visited_states import more_visits
from tests.architecture.visits import DATABASE_AWAY, NOT_ON_A_REAL_SITE, NOT_PAGES, REDIRECT, Visit, address_group
from tests.services_databases import settings_for
from tests.services_site import served
from tests.web_client import TOKEN, CleanClient, app_under_test
from urbact_calls.database import db
from urbact_calls.domain.vocabulary import Role
from urbact_calls.jobs import SilentNotifier

ANSWER_WITH = "/answer-with/"
WHAT_TO_DO = (
    "Give its address an object in tests/architecture/sweep_world.py (by_endpoint) or in fill_values of"
    " tests/architecture/visits.py; if it is no page, add a line with the reason to NOT_PAGES there."
)


@dataclass
class Site:
    """Where the pages are, who reads them, and the visits that the address list does not give."""

    app: Flask
    url: str
    world: World
    cookies: dict[str, str]
    more: dict[str, list[Visit]]

    def ask(self, visit: Visit) -> TestResponse:
        headers = {"Cookie": self.cookies[visit.role]}
        client = self.app.test_client(use_cookies=False)
        method = "GET" if visit.form is None else "POST"
        return client.open(visit.path, method=method, data=visit.form, headers=headers, buffered=True)

    def token(self, role: str) -> str:
        """What a form of a page that a role has open carries against forged requests."""
        client = self.app.test_client(use_cookies=False)
        assert isinstance(client, CleanClient)
        return client.token(self.cookies[role])

    def visit_of(self, address: Address, role: str) -> Visit:
        arguments = self.world.arguments(address.rule.endpoint, set(address.rule.arguments), "own")
        return Visit(role, self.app.url_map.bind("localhost").build(address.rule.endpoint, arguments))

    def pages(self) -> list[Address]:
        """Every address that is opened, but those of the interface for programs, which answers no pages."""
        return [address for address in addresses(self.app) if address.method == "GET" and not address.is_api]


@contextlib.contextmanager
def visited_site(url: str, folder: Path) -> Iterator[Site]:
    with app_under_test(settings_for(url, folder), SilentNotifier()) as app:
        app.register_blueprint(kit.blueprint)
        app.before_request(_answer_with_what_is_asked_for)
        with app.app_context():
            world = sweep_world.build()
            visits.fill_values(world)
            more = more_visits(world)
            cookies = {role: cookie_of(app, role, world) for role in ("anonymous", *world.people)}
            # Who they are is asked without a session later on.
            for person in world.people.values():
                db.session.refresh(person)
            db.session.remove()
        with served(app) as address:
            yield Site(app, address, world, cookies, more)


def _answer_with_what_is_asked_for() -> None:
    if request.path.startswith(ANSWER_WITH):
        abort(int(request.path.removeprefix(ANSWER_WITH)))
    if DATABASE_AWAY in request.form:
        raise OperationalError("no statement", None, Exception("the database is away"))


def roles_of(address: Address) -> list[str]:
    """Who may open an address, in the order of the roles."""
    if address.name in NOT_ON_A_REAL_SITE:
        return ["anonymous"]
    return [role for role in ROLES if role in MATRIX[address.name].own]


def asked(site: Site, group: str) -> tuple[list[tuple[Visit, str]], list[str]]:
    """The pages of a group with their HTML, and what is wrong with the answers."""
    found: list[tuple[Visit, str]] = []
    wrong: list[str] = []
    for visit in site.more.get(group, ()):
        found += _page(site, visit, wrong)
    for address in site.pages():
        if address_group(address.name) != group:
            continue
        for role in roles_of(address):
            visit = site.visit_of(address, role)
            excluded = NOT_PAGES.get(address.name)
            if excluded is None or role not in excluded.roles:
                found += _page(site, visit, wrong)
            elif (answers := _kind(site.ask(visit))) != excluded.answers:
                wrong.append(
                    f"{visit} answers {answers}, but NOT_PAGES of tests/architecture/visits.py"
                    f" says {excluded.answers}: {excluded.because}."
                )
    return found, wrong


def _page(site: Site, visit: Visit, wrong: list[str]) -> list[tuple[Visit, str]]:
    answer = site.ask(visit)
    if answer.status_code == visit.status and answer.mimetype == "text/html":
        return [(visit, answer.text)]
    wrong.append(f"{visit} answers {answer.status_code}, {_kind(answer)}, and no page. {WHAT_TO_DO}")
    return []


def _kind(answer: TestResponse) -> str:
    return REDIRECT if answer.status_code in (301, 302, 303, 307, 308) else answer.mimetype


def different(site: Site, pages: list[tuple[Visit, str]]) -> list[tuple[Visit, str]]:
    """One page of those whose main part differs in nothing but who reads it. Heads and feet have their own test."""
    found = {}
    for visit, html in pages:
        main = re.search(r"<main.*</main>", html, re.DOTALL)
        shown = re.sub(r'name="csrf_token"[^>]*|\b[0-9a-f]{12}\b', "", main[0] if main else html)
        person = site.world.people.get(visit.role)
        if person is not None:
            shown = shown.replace(escape(person.name), "NAME").replace(escape(person.email), "ADDRESS")
        if visit.role in set(Role):
            shown = shown.replace(f"<dd>{Role(visit.role).label}", "<dd>ROLE")
        found.setdefault((visit.status, shown), (visit, html))
    return list(found.values())


class WithoutScript(HTMLParser):
    """What on a page does nothing, or too much, where no script runs."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        # Whether the form that is open has something to fill in, and a button that sends it.
        self._asks: bool = False
        self._sends: bool = False
        self._is_open: bool = False
        self._needs_token: bool = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        here = self.get_starttag_text() or tag
        if any(name.startswith("on") for name in given):
            self.faults.append(f"acts by script only: {here}")
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.faults.append(f"a script that is not in its own file: {here}")
        if tag == "a" and (given.get("href", "#") == "#" or given.get("href", "").startswith("javascript:")):
            self.faults.append(f"leads nowhere without script: {here}")
        if tag == "form":
            self._is_open, self._asks, self._sends = True, False, False
            self._needs_token = given.get("method", "").lower() == "post"
        elif given.get("name") == TOKEN:
            self._needs_token = False
        elif tag == "button" and not (given.get("type", "submit") == "submit" and (self._is_open or "form" in given)):
            self.faults.append(f"a button that sends no form: {here}")
        self._sends |= tag == "button" or (tag == "input" and given.get("type") in ("submit", "image"))
        is_shown_only = "disabled" in given or "readonly" in given or given.get("type") == "hidden"
        self._asks |= tag in ("input", "select", "textarea") and not is_shown_only

    def handle_endtag(self, tag: str) -> None:
        if tag != "form":
            return
        if self._asks and not self._sends:
            self.faults.append("a form that nothing sends")
        if self._needs_token:
            self.faults.append("a form that is refused, for it has no token")
        self._is_open = self._needs_token = False
