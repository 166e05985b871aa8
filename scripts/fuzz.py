"""`python -m scripts.fuzz --requests 10000`: sends anything at all through every form and the interface for programs.

The site is filled with objects of every feature and asked as every role. Forms are sent as the pages have them, with
their fields filled from the corpus of bad and unusual input, left out, doubled or renamed; addresses get foreign
values; the interface for programs gets any JSON. No answer may be a fault (5xx) or take longer than two seconds, and
a refusal (4xx) may have changed no row. What is allowed runs to its end and is then taken back, so that the last
request meets the same world as the first. The exit status is 1 if anything was found.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from scripts.postgresql import ServiceMissing
from tests.architecture import sweep_world
from tests.architecture.access_matrix import ROLES
from tests.architecture.sweep_world import Variant
from tests.architecture.test_sweep import Address, Sweep, addresses, cookie_of
from tests.corpus import EVERYTHING, RAW_BODIES
from tests.factories.api import token_of
from tests.services_databases import Databases, Dialect, settings_for
from tests.services_postgresql import running_postgresql
from tests.web_client import app_under_test
from urbact_calls.database import db
from urbact_calls.jobs import SilentRing

LONGEST_SECONDS = 2.0
# An attempt that was refused is kept on purpose, and when a token was last used.
KEPT = ("refused_attempt", "api_token")
# Without a broker this page says that the site is not ready, which is what it is for.
NOT_ASKED = ("GET /readyz",)


@dataclass
class Found:
    """What the answers were, and what was wrong with any of them."""

    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page: where it is sent, and the fields with what stands in them."""

    role: str
    action: str
    fields: tuple[tuple[str, str], ...]


class Forms(HTMLParser):
    """The forms of a page that are sent by POST."""

    def __init__(self, role: str, path: str) -> None:
        super().__init__()
        self.role, self.path = role, path
        self.found: list[Form] = []
        self._action: str | None = None
        self._fields: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self._action, self._fields = given.get("action") or self.path, []
        elif self._action is not None and given.get("name") and tag in ("input", "textarea", "select", "button"):
            self._fields.append((given["name"], given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._action is not None:
            self.found.append(Form(self.role, self._action, tuple(self._fields)))
            self._action = None


class Writes:
    """Whether the request in hand would have changed a row: an act ends in a commit, which is taken back here."""

    def __init__(self) -> None:
        self.pending = self.committed = False

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        commit = Session.commit

        def pretend(session: Session) -> None:
            session.flush()
            self.committed = self.committed or self.pending
            session.rollback()

        def seen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            words = statement.split(None, 3)
            if words[0] in ("INSERT", "UPDATE", "DELETE"):
                table = words[1] if words[0] == "UPDATE" else words[2]
                self.pending = self.pending or table.strip('"') not in KEPT

        def forgotten(_connection: Any) -> None:
            self.pending = False

        Session.commit = pretend  # type: ignore[assignment, method-assign]
        event.listen(Engine, "before_cursor_execute", seen)
        event.listen(Engine, "rollback", forgotten)
        try:
            yield
        finally:
            Session.commit = commit  # type: ignore[method-assign]
            event.remove(Engine, "before_cursor_execute", seen)
            event.remove(Engine, "rollback", forgotten)


@dataclass
class Fuzz:
    """Asks a site; `chance` decides what."""

    sweep: Sweep
    chance: random.Random
    writes: Writes
    found: Found = field(default_factory=Found)

    def run(self, requests: int) -> Found:
        asked = [each for each in addresses(self.sweep.app) if each.name not in NOT_ASKED]
        forms = list(self._forms(asked))
        posts = [each for each in asked if each.method == "POST" and not each.is_api]
        programs = [each for each in asked if each.is_api]
        pages = [each for each in asked if each.method == "GET" and not each.is_api]
        with self.writes.watched():
            for number in range(requests):
                kind = self.chance.choices(("form", "post", "api", "page"), (6, 1, 2, 2))[0]
                if kind == "form":
                    self._send_form(self.chance.choice(forms))
                elif kind == "post":
                    self._send(self.chance.choice(posts), data=self._any_fields())
                elif kind == "api":
                    self._ask_as_program(self.chance.choice(programs))
                else:
                    self._send(self.chance.choice(pages), query_string=self._any_fields())
                if number % 1000 == 999:
                    say(f"{number + 1:,} requests, {len(self.found.wrong)} findings")
        return self.found

    def _forms(self, asked: list[Address]) -> Iterator[Form]:
        """Every form that some role is shown on a page about an object of its own."""
        known = set()
        for address in asked:
            if address.method != "GET" or address.is_api:
                continue
            for role in ROLES:
                answer = self.sweep.ask(role, address, "own")
                if answer.status_code != 200 or answer.mimetype != "text/html":
                    continue
                parser = Forms(role, answer.request.path)
                parser.feed(answer.get_data(as_text=True))
                for form in parser.found:
                    key = (role, form.action, tuple(name for name, _ in form.fields))
                    if key not in known:
                        known.add(key)
                        yield form

    def _send_form(self, form: Form) -> None:
        fields = []
        for name, value in form.fields:
            fate = self.chance.random()
            keeps = name in ("csrf_token", "version") and fate < 0.95
            if keeps or fate < 0.3:
                fields.append((name, value))
            elif fate < 0.9:
                fields.append((name, self.chance.choice(EVERYTHING)))
            elif fate < 0.95:
                fields += [(name, self.chance.choice(EVERYTHING)), (f"{name}-{self.chance.randrange(99)}", value)]
        data: dict[str, list[str]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        self._open("POST", form.action, form.role, data=data)

    def _send(self, address: Address, **content: Any) -> None:
        role = self.chance.choice(ROLES)
        variant: Variant = self.chance.choice(get_args(Variant))
        arguments = self.sweep.world.arguments(address.rule.endpoint, set(address.rule.arguments), variant)
        path = self.sweep.app.url_map.bind("localhost").build(address.rule.endpoint, arguments)
        self._open(address.method, path, role, is_api=address.is_api, **content)

    def _ask_as_program(self, address: Address) -> None:
        if address.method == "GET":
            self._send(address, query_string=self._any_fields())
        elif self.chance.random() < 0.4:
            body, kind = self.chance.choice(RAW_BODIES)
            self._send(address, data=body, content_type=kind)
        else:
            self._send(address, data=json.dumps(self._any_json(4)), content_type="application/json")

    def _any_fields(self) -> dict[str, str]:
        names = ("q", "after", "country", "theme", "state", "whose", "limit", "name", "csrf_token", "reason", "region")
        return {name: self.chance.choice(EVERYTHING)[:2000] for name in self.chance.sample(names, 3)}

    def _any_json(self, depth: int) -> Any:
        plain = (None, True, 0, -1, 10**30, 1.5, "", *self.chance.sample(EVERYTHING, 3))
        kind = self.chance.random()
        if depth == 0 or kind < 0.3:
            return self.chance.choice(plain)
        if kind < 0.5:
            return [self._any_json(depth - 1) for _ in range(self.chance.randrange(4))]
        names = ("format", "call", "partners", "sections", "budget", "declarations", "title", "role", "country", "kind")
        return {name: self._any_json(depth - 1) for name in self.chance.sample(names, self.chance.randrange(8))}

    def _open(self, method: str, path: str, role: str, *, is_api: bool = False, **content: Any) -> None:
        headers: dict[str, str] = {}
        if role in self.sweep.cookies:
            known = {"Authorization": f"Bearer {self.sweep.tokens[role]}"}
            headers = known if is_api else {"Cookie": self.sweep.cookies[role]}
        self.writes.pending = self.writes.committed = False
        began = time.perf_counter()
        client = self.sweep.app.test_client(use_cookies=False)
        answer = client.open(path, method=method, headers=headers, buffered=True, **content)
        spent = time.perf_counter() - began
        self.found.statuses[answer.status_code] += 1
        self.found.slowest = max(self.found.slowest, spent)
        here = f"{method} {path} as {role}: {answer.status_code}"
        if answer.status_code >= 500:
            self.found.wrong.append(f"{here}, sent {str(content)[:500]}")
        if spent > LONGEST_SECONDS:
            self.found.wrong.append(f"{here} after {spent:.1f} s, sent {str(content)[:200]}")
        if answer.status_code >= 400 and self.writes.committed:
            self.found.wrong.append(f"{here}, but a row was changed; sent {str(content)[:500]}")


@contextlib.contextmanager
def site(dialect: Dialect, folder: Path) -> Iterator[Sweep]:
    """A site as in production with objects of every feature."""
    with contextlib.ExitStack() as services:
        databases = Databases(folder, cache(lambda: services.enter_context(running_postgresql())))
        url = services.enter_context(databases.fresh(dialect))
        settings = replace(settings_for(url, folder), app_env="production", trusted_hosts=("localhost",))
        app = services.enter_context(app_under_test(settings, SilentRing()))
        with app.app_context():
            world = sweep_world.build()
            cookies = {role: cookie_of(app, role, world) for role in ROLES if role != "anonymous"}
            tokens = {role: token_of(world.people[role]) for role in cookies}
            db.session.remove()
        yield Sweep(app, world, cookies, tokens)


def say(text: str) -> None:
    """Progress goes to standard error, so that the figures alone can be kept."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000, help="how many on each database (10,000)")
    parser.add_argument("--database", choices=[*get_args(Dialect), "both"], default="both")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2)), help="repeats the requests of a run")
    options = parser.parse_args()
    is_clean = True
    for dialect in get_args(Dialect):
        if options.database not in (dialect, "both"):
            continue
        with tempfile.TemporaryDirectory(prefix="urbact-fuzz-") as name:
            try:
                with site(dialect, Path(name)) as sweep:
                    chance = random.Random(options.seed)  # noqa: S311 -- makes requests, keeps no secret
                    found = Fuzz(sweep, chance, Writes()).run(options.requests)
            except ServiceMissing as problem:
                say(str(problem))
                return 2
        answers = ", ".join(f"{count} × {status}" for status, count in sorted(found.statuses.items()))
        print(f"{dialect}, seed {options.seed}: {answers}; the slowest took {found.slowest:.2f} s")
        print("\n".join(found.wrong) or "No fault, nothing slow, no row changed by a refusal.")
        is_clean = is_clean and not found.wrong
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
