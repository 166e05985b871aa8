"""Asks the site: forms of pages, bare addresses, the interface for programs; and judges each answer."""

from __future__ import annotations

import random
import time
import traceback
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, get_args

from flask import got_request_exception

from scripts.fuzz import programs
from scripts.fuzz.figures import LONGEST_SECONDS, Answered, End, Figures, too_slow
from scripts.fuzz.forms import Form, filled
from scripts.fuzz.hands import WRITER
from scripts.fuzz.site import Asked
from scripts.fuzz.watching import Writes
from tests.architecture.access_matrix import MATRIX
from tests.architecture.sweep_world import Variant
from tests.architecture.swept_site import Address, addresses, contents
from tests.corpus import EVERYTHING
from urbact_calls.domain.workflow.application import APPLICATION

# Without a broker this page says that the site is not ready, which is what it is for.
NOT_ASKED = ("GET /readyz",)
KINDS = {"Forms": 11, "Programs": 5, "Bare addresses": 2, "Pages": 2}
"""How many of twenty requests are of each kind."""
NOTED = ("next", "q", "after", "country", "theme", "state", "whose", "limit", "name", "region", "place", "findings")
"""What addresses may have after the `?`."""

Say = Callable[[str], None]


@dataclass
class Fuzz:
    """Asks a site; `chance` decides what."""

    asked: Asked
    chance: random.Random
    writes: Writes = field(default_factory=Writes)
    found: Figures = field(default_factory=Figures)
    raised: list[BaseException] = field(default_factory=list)

    def run(self, requests: int, forms: list[Form], say: Say) -> Figures:
        """So many requests. Each address has the same chance, however many forms are sent to it."""
        site = self.asked.site
        every = [each for each in addresses(site.app) if each.name not in NOT_ASKED]
        by_address = defaultdict(list)
        for form in forms:
            by_address[self._name("POST", form.action)].append(form)
        self.found.with_form = set(by_address)
        pages = [one for one in every if one.method == "GET" and not one.is_api]
        acts = {
            "Forms": lambda: self._send_form(self.chance.choice(self.chance.choice([*by_address.values()]))),
            "Programs": lambda: self._ask_as_program(self.chance.choice([one for one in every if one.is_api])),
            "Bare addresses": lambda: self._send_bare(self.chance.choice([one for one in every if not one.is_api])),
            "Pages": lambda: self._open_page(self.chance.choice(pages)),
        }
        before = contents(site.app)
        with self.writes.watched(), got_request_exception.connected_to(self._note_fault, site.app):
            for number in range(1, requests + 1):
                known = len(self.found.wrong)
                acts[self.chance.choices([*KINDS], [*KINDS.values()])[0]]()
                for finding in self.found.wrong[known:]:
                    say(f"request {number:,}: {finding}")
                if number % 1000 == 0:
                    say(f"{number:,} requests, {len(self.found.wrong)} findings")
        self._compare(before, contents(site.app))
        return self.found

    def _note_fault(self, _app: Any, exception: BaseException, **_: Any) -> None:
        self.raised.append(exception)

    def _compare(self, before: dict[str, list[str]], after: dict[str, list[str]]) -> None:
        """What was taken back is not there; what a refusal wrote past the watch would be."""
        self.found.rows_compared = sum(map(len, before.values()))
        changed = [table for table in before if before[table] != after[table]]
        self.found.wrong += [f"{table}: a row was changed that nobody saw" for table in changed]

    # What is asked

    def _send_form(self, form: Form) -> None:
        address = self._name("POST", form.action)
        self._open("Forms", address, "POST", form.action, form.role, filled(form, self.chance))

    def _send_bare(self, address: Address) -> None:
        """Any address by anybody, on objects of any kind, with fields that nobody asked for."""
        variant: Variant = self.chance.choice(get_args(Variant))
        key = "query_string" if address.method == "GET" else "data"
        path, role = self._path(address, variant), self.chance.choice(self.asked.roles)
        self._open("Bare addresses", address.name, address.method, path, role, {key: self._any_fields()})

    def _open_page(self, address: Address) -> None:
        """A page by somebody who may open it, with anything after the `?`."""
        role = self._somebody_who_may(address)
        self._open("Pages", address.name, "GET", self._path(address, "own"), role, {"query_string": self._any_fields()})

    def _ask_as_program(self, address: Address) -> None:
        operation = programs.operation_at(address.method, address.rule.rule)
        hands, role, path = self.asked.hands, self._somebody_who_may(address), self._path(address, "own")
        content = programs.question(operation, hands.city, hands.call, self.chance)
        if operation.name == "start_application":
            role = self.chance.choice((WRITER, WRITER, WRITER, role))
        elif "reference" in operation.path_parameters:
            role, reference, step = self.chance.choice(hands.steps)
            # A step that can be taken now, by the person who may; else any step, by anybody who stands near.
            if self.chance.random() < 0.5:
                step = self.chance.choice([each.name for each in APPLICATION.transitions])
                role = self.chance.choice([each[0] for each in hands.steps])
            path = operation.rule.replace("<reference>", reference).replace("<name>", step)
        self._open("Programs", address.name, address.method, path, role, content)

    def _somebody_who_may(self, address: Address) -> str:
        """Most often one of those whom the matrix allows; else anybody."""
        may = sorted(MATRIX[address.name].own) or list(self.asked.roles)
        return self.chance.choice(may if self.chance.random() < 0.9 else self.asked.roles)

    def _path(self, address: Address, variant: Variant) -> str:
        """The address with values of the world, now and then with one that is no name of anything."""
        path = self.asked.site.path(address, variant)
        if address.rule.arguments and self.chance.random() < 0.1:
            odd = self.chance.choice(EVERYTHING)[:300].replace("/", "")
            parts = path.split("/")
            parts[self.chance.randrange(1, len(parts))] = odd or "x"
            path = "/".join(parts)
        return path

    def _any_fields(self) -> dict[str, str]:
        return {name: self.chance.choice(EVERYTHING)[:2000] for name in self.chance.sample(NOTED, 3)}

    def _name(self, method: str, path: str) -> str:
        rule, _ = self.asked.site.app.url_map.bind("localhost").match(path.partition("?")[0], method, return_rule=True)
        return Address(method, rule).name

    # What is answered

    def _open(self, kind: str, address: str, method: str, path: str, role: str, content: dict[str, Any]) -> None:  # noqa: PLR0913 -- a whole request
        def once() -> Answered:
            return self._once(kind, address, method, path, role, content)

        answered = once()
        self.found.count(answered)
        if answered.end is End.FAULT:
            self.found.wrong.append(f"{answered.here}, sent {str(content)[:500]}{self._reason()}")
        if answered.end in (End.REFUSED, End.TURNED_AWAY) and answered.changed:
            self.found.wrong.append(f"{answered.here}, but a row was changed; sent {str(content)[:500]}")
        if answered.seconds > LONGEST_SECONDS:
            is_slow, words = too_slow(answered, [once(), once()])
            (self.found.wrong if is_slow else self.found.delayed).append(words)

    def _once(self, kind: str, address: str, method: str, path: str, role: str, content: dict[str, Any]) -> Answered:  # noqa: PLR0913 -- a whole request
        is_api = kind == "Programs"
        client = self.asked.site.app.test_client(use_cookies=False)
        headers = self.asked.site.identity(role, is_api=is_api)
        self.writes.begin()
        self.raised.clear()
        own, began = time.process_time(), time.perf_counter()
        try:
            answer = client.open(path, method=method, headers=headers, buffered=True, **_fresh(content))
            status, location = answer.status_code, answer.location or ""
        except Exception as problem:
            # After the answer, when the request was put away: a session with changes that nobody committed.
            self.raised.append(problem)
            status, location = 500, ""
        seconds, own = time.perf_counter() - began, time.process_time() - own
        here = f"{method} {path[:200]} as {role}: {status}"
        return Answered(kind, address, here, status, location, self.writes.committed, seconds, own)

    def _reason(self) -> str:
        if not self.raised:
            return ""
        last = traceback.extract_tb(self.raised[-1].__traceback__)[-1]
        return f"\n    {type(self.raised[-1]).__name__}: {self.raised[-1]} ({last.filename}:{last.lineno})"


def _fresh(content: dict[str, Any]) -> dict[str, Any]:
    """The same with each file at its beginning: what was sent once can be sent again."""
    data = content.get("data")
    if not isinstance(data, dict):
        return content
    return {**content, "data": {name: [_again(value) for value in _listed(values)] for name, values in data.items()}}


def _listed(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


def _again(value: Any) -> Any:
    if isinstance(value, tuple):
        return (type(value[0])(value[0].getvalue()), *value[1:])
    return value
