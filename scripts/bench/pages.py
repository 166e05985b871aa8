"""The measured pages: who opens which address, and which page of the floor stands beside it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from scripts.bench.client import Client, HttpAnswer, hidden
from scripts.bench.world import ASSESSOR, CODE, LEAD, LENGTH, OFFICER, PASSWORD, TEXT, BenchWorld

SECTION = "challenge"
# Seconds; nobody looks at a page for longer that does not come.
PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class MeasuredPage:
    """One page. `who` is an account of the world, None for the public; `writes` sends the form instead."""

    name: str
    path: str
    floor: str
    who: str | None = None
    writes: bool = False


PAGES = (
    MeasuredPage("public call page", "/calls/{call}", "call"),
    MeasuredPage("applicant's list", "/applications/", "own", LEAD),
    MeasuredPage("officer's list", "/eligibility/?call={call}", "office", OFFICER),
    MeasuredPage("one application", "/applications/{application}/", "application", OFFICER),
    MeasuredPage("assessor's list", "/assessment/desk/", "assessor", ASSESSOR),
    MeasuredPage("ranking", "/assessment/calls/{call}/ranking", "ranking", OFFICER),
    MeasuredPage("public network page", "/networks/{network}", "network"),
    MeasuredPage("save a section", f"/applications/{{draft}}/sections/{SECTION}", "save", LEAD, writes=True),
    MeasuredPage("allocations of a call", "/assessment/calls/{call}/", "ranking", OFFICER),
    MeasuredPage("decisions of a call", "/decisions/calls/{call}/", "ranking", OFFICER),
    MeasuredPage("applicant's dashboard", "/dashboard", "own", LEAD),
    MeasuredPage("officer's dashboard", "/dashboard", "office", OFFICER),
    MeasuredPage("assessor's dashboard", "/dashboard", "assessor", ASSESSOR),
    MeasuredPage("networks", "/networks/", "ranking"),
    MeasuredPage("cities", "/cities/", "ranking"),
)


def path_of(page: MeasuredPage, world: BenchWorld, number: int = 0) -> str:
    """The address of a page; one that writes has another draft for each of the first clients."""
    draft, _ = world.drafts[number % len(world.drafts)]
    return page.path.format(call=CODE, application=world.application, network=world.network, draft=draft)


def visitor(page: MeasuredPage, world: BenchWorld, port: int, number: int = 0) -> Client:
    """Somebody who may open the page, with a connection of their own; no request waits longer than `PATIENCE`."""
    who = world.drafts[number % len(world.drafts)][1] if page.writes else page.who
    return Client(port, _session(port, who) if who else (), timeout=PATIENCE)


def asking(page: MeasuredPage, world: BenchWorld, port: int, number: int, until: ExitStack) -> Callable[[], HttpAnswer]:
    """Something that asks for the page once, with a connection and a session of its own, which `until` ends."""
    client, path = until.enter_context(closing(visitor(page, world, port, number))), path_of(page, world, number)
    return _writer(client, path) if page.writes else lambda: client.ask(path)


@cache
def _session(port: int, email: str) -> tuple[tuple[str, str], ...]:
    """The cookies of a person, who signs in once: the site slows those down who do it again and again."""
    with closing(Client(port, timeout=PATIENCE)) as client:
        client.sign_in(email, PASSWORD)
        return tuple(client.cookies.items())


def _writer(client: Client, path: str) -> Callable[[], HttpAnswer]:
    """Saves a section with other text each time, as a person does who has the page open."""
    page = client.ask(path).body
    token, version = hidden(page, "csrf_token"), itertools.count(int(hidden(page, "version")))

    def save() -> HttpAnswer:
        seen = next(version)
        text = f"{seen} {TEXT}"[:LENGTH]
        return client.ask(path, {"csrf_token": token, "version": str(seen), SECTION: text, "stay": "1"})

    return save


def asking_floor(page: MeasuredPage, world: BenchWorld, port: int, until: ExitStack) -> Callable[[], HttpAnswer]:
    """The same for the floor: the same rows, by their keys."""
    client = until.enter_context(closing(Client(port, timeout=PATIENCE)))
    keys = {"call": CODE, "lead": LEAD, "assessor": ASSESSOR, "network": world.network}
    application = world.drafts[0][0] if page.writes else world.application
    path = f"/{page.floor}?{urlencode({**keys, 'application': application})}"
    return lambda: client.ask(path, {} if page.writes else None)
