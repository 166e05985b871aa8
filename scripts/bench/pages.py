"""The measured pages: who opens which address, and which page of the floor stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from scripts.bench.client import Answer, Client, hidden
from scripts.bench.shape import CODE, PASSWORD, TEXT
from scripts.bench.world import World

SECTION = "challenge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page. `who` is an account of the world, None for the public; `writes` sends the form instead."""

    name: str
    path: Callable[[World], str]
    floor: str
    who: Callable[[World], str] | None = None
    writes: bool = False


def _lead(world: World) -> str:
    return world.lead


def _officer(world: World) -> str:
    return world.officer


def _assessor(world: World) -> str:
    return world.assessor


PAGES = (
    Page(name="public call page", path=lambda world: f"/calls/{CODE}", floor="call"),
    Page(name="applicant's list", path=lambda world: "/applications/", floor="own", who=_lead),
    Page(name="officer's list", path=lambda world: f"/eligibility/?call={CODE}", floor="office", who=_officer),
    Page(
        name="one application",
        path=lambda world: f"/applications/{world.application}/",
        floor="application",
        who=_officer,
    ),
    Page(name="assessor's list", path=lambda world: "/assessment/desk/", floor="assessor", who=_assessor),
    Page(name="ranking", path=lambda world: f"/assessment/calls/{CODE}/ranking", floor="ranking", who=_officer),
    Page(name="public network page", path=lambda world: f"/networks/{world.network}", floor="network"),
    Page(
        name="save a section",
        path=lambda world: f"/applications/{{draft}}/sections/{SECTION}",
        floor="save",
        who=_lead,
        writes=True,
    ),
    Page(name="allocations of a call", path=lambda world: f"/assessment/calls/{CODE}/", floor="ranking", who=_officer),
    Page(name="decisions of a call", path=lambda world: f"/decisions/calls/{CODE}/", floor="ranking", who=_officer),
    Page(name="applicant's dashboard", path=lambda world: "/dashboard", floor="own", who=_lead),
    Page(name="officer's dashboard", path=lambda world: "/dashboard", floor="office", who=_officer),
    Page(name="assessor's dashboard", path=lambda world: "/dashboard", floor="assessor", who=_assessor),
    Page(name="networks", path=lambda world: "/networks/", floor="ranking"),
    Page(name="cities", path=lambda world: "/cities/", floor="ranking"),
)


def asker(page: Page, world: World, port: int, number: int) -> Callable[[], Answer]:
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


def _writer(client: Client, path: str) -> Callable[[], Answer]:
    """Saves a section with other text each time, as a person does who has the page open."""
    token = hidden(client.ask(path).body, "csrf_token")
    version = [int(hidden(client.ask(path).body, "version"))]

    def save() -> Answer:
        text = f"{version[0]} {TEXT}"[:1000]
        fields = {"csrf_token": token, "version": str(version[0]), SECTION: text, "stay": "1"}
        answer = client.ask(path, fields)
        version[0] += 1
        return answer

    return save


def floor_asker(page: Page, world: World, port: int) -> Callable[[], Answer]:
    """The same for the floor: the same rows, by their keys."""
    client = Client(port)
    keys = {"call": CODE, "lead": world.lead, "assessor": world.assessor, "network": world.network}
    application = world.drafts[0][0] if page.writes else world.application
    path = f"/{page.floor}?{urlencode({**keys, 'application': application})}"
    return (lambda: client.ask(path, {})) if page.writes else (lambda: client.ask(path))
