"""The measured pages: who opens which address, and which page of the floor stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from scripts.bench.client import Client, HttpAnswer, hidden
from scripts.bench.shape import CODE, PASSWORD, TEXT
from scripts.bench.world import BenchWorld

SECTION = "challenge"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPage:
    """One page. `who` is an account of the world, None for the public; `writes` sends the form instead."""

    name: str
    path: Callable[[BenchWorld], str]
    floor: str
    who: Callable[[BenchWorld], str] | None = None
    writes: bool = False


def _lead(world: BenchWorld) -> str:
    return world.lead


def _officer(world: BenchWorld) -> str:
    return world.officer


def _assessor(world: BenchWorld) -> str:
    return world.assessor


PAGES = (
    MeasuredPage(name="public call page", path=lambda world: f"/calls/{CODE}", floor="call"),
    MeasuredPage(name="applicant's list", path=lambda world: "/applications/", floor="own", who=_lead),
    MeasuredPage(name="officer's list", path=lambda world: f"/eligibility/?call={CODE}", floor="office", who=_officer),
    MeasuredPage(
        name="one application",
        path=lambda world: f"/applications/{world.application}/",
        floor="application",
        who=_officer,
    ),
    MeasuredPage(name="assessor's list", path=lambda world: "/assessment/desk/", floor="assessor", who=_assessor),
    MeasuredPage(name="ranking", path=lambda world: f"/assessment/calls/{CODE}/ranking", floor="ranking", who=_officer),
    MeasuredPage(name="public network page", path=lambda world: f"/networks/{world.network}", floor="network"),
    MeasuredPage(
        name="save a section",
        path=lambda world: f"/applications/{{draft}}/sections/{SECTION}",
        floor="save",
        who=_lead,
        writes=True,
    ),
    MeasuredPage(
        name="allocations of a call", path=lambda world: f"/assessment/calls/{CODE}/", floor="ranking", who=_officer
    ),
    MeasuredPage(
        name="decisions of a call", path=lambda world: f"/decisions/calls/{CODE}/", floor="ranking", who=_officer
    ),
    MeasuredPage(name="applicant's dashboard", path=lambda world: "/dashboard", floor="own", who=_lead),
    MeasuredPage(name="officer's dashboard", path=lambda world: "/dashboard", floor="office", who=_officer),
    MeasuredPage(name="assessor's dashboard", path=lambda world: "/dashboard", floor="assessor", who=_assessor),
    MeasuredPage(name="networks", path=lambda world: "/networks/", floor="ranking"),
    MeasuredPage(name="cities", path=lambda world: "/cities/", floor="ranking"),
)


def asker(page: MeasuredPage, world: BenchWorld, port: int, number: int) -> Callable[[], HttpAnswer]:
    """Something that asks for the page once, with a connection and a session of its own."""
    if page.writes:
        draft, lead = world.drafts[number % len(world.drafts)]
        return _writer(Client(port, _session(port, lead)), page.path(world).format(draft=draft))
    client = Client(port, _session(port, page.who(world)) if page.who else ())
    return lambda: client.ask(page.path(world))


@cache
def _session(port: int, email: str) -> tuple[tuple[str, str], ...]:
    """The cookies of a person, who signs in once: the site slows those down who do it again and again."""
    client = Client(port)
    client.sign_in(email, PASSWORD)
    return tuple(client.cookies.items())


def _writer(client: Client, path: str) -> Callable[[], HttpAnswer]:
    """Saves a section with other text each time, as a person does who has the page open."""
    token = hidden(client.ask(path).body, "csrf_token")
    version = [int(hidden(client.ask(path).body, "version"))]

    def save() -> HttpAnswer:
        text = f"{version[0]} {TEXT}"[:1000]
        fields = {"csrf_token": token, "version": str(version[0]), SECTION: text, "stay": "1"}
        answer = client.ask(path, fields)
        version[0] += 1
        return answer

    return save


def floor_asker(page: MeasuredPage, world: BenchWorld, port: int) -> Callable[[], HttpAnswer]:
    """The same for the floor: the same rows, by their keys."""
    client = Client(port)
    keys = {"call": CODE, "lead": world.lead, "assessor": world.assessor, "network": world.network}
    application = world.drafts[0][0] if page.writes else world.application
    path = f"/{page.floor}?{urlencode({**keys, 'application': application})}"
    return (lambda: client.ask(path, {})) if page.writes else (lambda: client.ask(path))
