"""Every address, with every method, by everybody, on one's own, on somebody else's and on nothing.

The expected answer comes from `access_matrix.py`, which is written by hand. Whoever is turned away must see nothing,
change nothing, and not even learn that the object exists.

On SQLite every role asks. Who may do what is decided from the same facts on both databases; what can differ is what a
page or an act says to the database. So on PostgreSQL those ask who get an answer, and of those who are turned away one
for each address, a different one each time. What everybody gets, three ask for.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import get_args
from urllib.parse import urlsplit

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.architecture import sweep_world
from tests.architecture.access_matrix import (
    ADMINISTRATOR,
    APPLICANTS,
    COMMITTEE,
    EVERYBODY,
    EXPERT,
    LEAD,
    MATRIX,
    OFFICE,
    PANEL,
    READERS,
    ROLES,
    Line,
)
from tests.architecture.sweep_world import Variant
from tests.architecture.swept_site import Address, SweptSite, addresses, contents, swept_site
from tests.services_databases import Databases
from tests.web_client import CleanClient

pytestmark = [pytest.mark.together, pytest.mark.slow]
# What a mail program sends for its reader with one click; the key in the address stands for the person (RFC 8058).
WITHOUT_TOKEN = {
    "POST /calls/subscriptions/<key>/leave",
    "POST /messages/<token>/switch-off",
}
CANARIES = {
    sweep_world.OWN_TEXT: APPLICANTS | PANEL | READERS,
    sweep_world.FOREIGN_TEXT: READERS,
    sweep_world.OWN_SCORE: PANEL | READERS,
    sweep_world.FOREIGN_SCORE: READERS,
    sweep_world.OWN_ASSESSOR: PANEL | READERS | ADMINISTRATOR,
    sweep_world.FOREIGN_ASSESSOR: READERS | ADMINISTRATOR,
    sweep_world.RECORDED: COMMITTEE,
    sweep_world.FOREIGN_ADDRESS: READERS | ADMINISTRATOR,
    sweep_world.OWN_MOTIVATION: LEAD | EXPERT | READERS,
    sweep_world.FOREIGN_MOTIVATION: READERS,
    sweep_world.UNCONSENTED: READERS,
    sweep_world.UNPUBLISHED_NAME: READERS | ADMINISTRATOR,
    sweep_world.OWN_NOTE: OFFICE,
    sweep_world.FOREIGN_NOTE: OFFICE,
}
"""What could leak, and who may read it."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def sweep(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory) -> Iterator[SweptSite]:
    with databases.fresh(request.param) as url, swept_site(url, tmp_path_factory.mktemp("sweep")) as site:
        yield site


@contextlib.contextmanager
def nothing_is_kept() -> Iterator[None]:
    """Acts that are allowed run to their end and are then taken back, so that the world stays as it is."""
    commit = Session.commit

    def pretend(session: Session) -> None:
        session.flush()
        session.rollback()

    Session.commit = pretend  # type: ignore[method-assign]
    try:
        yield
    finally:
        Session.commit = commit  # type: ignore[method-assign]


def is_turned_away(answer: TestResponse) -> bool:
    to_sign_in = answer.status_code == 302 and urlsplit(answer.location or "").path == "/sign-in"
    return answer.status_code in (401, 403, 404) or (to_sign_in and "next=" in (answer.location or ""))


def expected_refusal(role: str, address: Address, line: Line) -> int:
    if address.name == "GET /metrics":
        return 404
    if role == "anonymous":
        return 302 if address.method == "GET" and not address.is_api else 401
    return 404 if line.is_object else 403


def test_the_matrix_names_every_address_and_no_other(sweep: SweptSite):
    assert {address.name for address in addresses(sweep.app)} == set(MATRIX)


@dataclass
class Findings:
    """What the sweep of a part found: answers that the matrix does not allow or that give existence away, tables that
    were changed, texts that were seen."""

    wrong: list[str] = field(default_factory=list)
    telling: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    asked: int = 0


PARTS = sorted({name.split("/")[1] for name in MATRIX})
"""The first word of an address: each part is swept by a test of its own."""


class Sweeps:
    """The findings of each part of a site, made when they are first asked for."""

    def __init__(self, site: SweptSite) -> None:
        self.site = site
        self._found: dict[str, Findings] = {}

    def of(self, part: str) -> Findings:
        if part not in self._found:
            self._found[part] = self._swept(part)
        return self._found[part]

    def _swept(self, part: str) -> Findings:
        """In one pass, because a request for every role and every address takes its time."""
        found = Findings()
        is_on_postgresql = self.site.app.extensions["settings"].database_url.startswith("postgresql")
        before = contents(self.site.app)
        for number, address in enumerate(addresses(self.site.app)):
            if address.name.split("/")[1] == part:
                line = MATRIX[address.name]
                for role in enough(line, number) if is_on_postgresql else ROLES:
                    ask_for_all(self.site, address, role, found)
        after = contents(self.site.app)
        found.changed = [table for table in before if before[table] != after[table]]
        return found


@pytest.fixture(scope="module")
def sweeps(sweep: SweptSite) -> Sweeps:
    return Sweeps(sweep)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("part", PARTS)
def test_everybody_gets_what_the_matrix_says_and_nothing_else(sweeps: Sweeps, part: str):
    found = sweeps.of(part)

    assert found.wrong == [], "\n".join(found.wrong)
    assert found.telling == [], "a stranger can tell a foreign object from none"
    # Whoever was turned away has changed nothing, and what was allowed was taken back.
    assert found.changed == []


@pytest.mark.timeout(400)
def test_the_whole_site_was_asked_and_each_secret_text_was_seen_by_somebody(sweeps: Sweeps):
    every = [sweeps.of(part) for part in PARTS]

    # A text that nobody can see anywhere would prove nothing.
    assert set(CANARIES) - set().union(*(found.seen for found in every)) <= {sweep_world.FOREIGN_SCORE}
    is_on_postgresql = sweeps.site.app.extensions["settings"].database_url.startswith("postgresql")
    assert sum(found.asked for found in every) > (1500 if is_on_postgresql else 6000)


def enough(line: Line, number: int) -> list[str]:
    """The roles that ask where not all do, for the address with this number."""
    if line.foreign == EVERYBODY:
        return ["anonymous", "lead", "programme_officer"]
    refused = [role for role in ROLES if role not in line.own]
    return [role for role in ROLES if role in line.own or role == refused[number % len(refused)]]


def ask_for_all(sweep: SweptSite, address: Address, role: str, found: Findings) -> None:
    line = MATRIX[address.name]
    answers: dict[str, tuple[int, str]] = {}
    for variant in get_args(Variant):
        # An address without an object is the same for everybody's own and foreign ones.
        if variant != "own" and not address.rule.arguments:
            continue
        may = role in (line.own if variant == "own" else line.foreign)
        with nothing_is_kept() if may else contextlib.nullcontext():
            answer = sweep.ask(role, address, variant)
        body = answer.get_data().decode("utf-8", "replace")
        found.asked += 1
        found.seen |= {text for text in CANARIES if text in body}
        found.wrong += complaints(role, address, variant, line, answer, body)
        answers[variant] = answer.status_code, plain(body)
    can_tell = line.is_object and role not in line.foreign and "foreign" in answers
    if can_tell and answers["foreign"] != answers["missing"]:
        found.telling.append(f"{address.name} by {role}")


def complaints(  # noqa: PLR0913 -- one answer and all that it depends on
    role: str, address: Address, variant: Variant, line: Line, answer: TestResponse, body: str
) -> list[str]:
    allowed = variant != "missing" and role in (line.own if variant == "own" else line.foreign)
    here = f"{address.name} by {role} on {variant}: {answer.status_code}"
    found = []
    # No broker runs here, which is what this page is for to say.
    if answer.status_code >= 500 and address.name != "GET /readyz":
        found.append(f"{here}, a fault")
    elif allowed and is_turned_away(answer):
        found.append(f"{here}, but the matrix allows it")
    elif not allowed and variant != "missing" and answer.status_code != expected_refusal(role, address, line):
        found.append(f"{here}, but the matrix says {expected_refusal(role, address, line)}")
    elif variant == "missing" and line.is_object and not is_turned_away(answer):
        found.append(f"{here}, for something that does not exist")
    return found + [f"{here}, leaks “{text}”" for text, may in CANARIES.items() if role not in may and text in body]


def plain(body: str) -> str:
    """An answer without what differs each time: the number to give to the help desk, and where to come back to."""
    body = re.sub(r"\b[0-9a-f]{12}\b", "NUMBER", body)
    return re.sub(r'name="csrf_token" value="[^"]*"|next=[^"]*', "", body)


def test_a_reference_of_ones_own_does_not_open_what_belongs_to_another(sweep: SweptSite):
    """Own application, foreign partner or allocation in the same address."""
    opened = []
    for address in addresses(sweep.app):
        crossed = {"partner_id", "allocation_id", "member_id", "search_id"} & set(address.rule.arguments)
        if not crossed:
            continue
        arguments = sweep.world.arguments(address.rule.endpoint, set(address.rule.arguments), "own")
        foreign = sweep.world.arguments(address.rule.endpoint, crossed, "foreign")
        path = sweep.app.url_map.bind("localhost").build(address.rule.endpoint, arguments | foreign)
        for role in sorted(MATRIX[address.name].own):
            client = sweep.app.test_client(use_cookies=False)
            with nothing_is_kept():
                answer = client.open(
                    path, method=address.method, headers={"Cookie": sweep.cookies[role]}, buffered=True
                )
            if answer.status_code not in (404, 409, 422):
                opened.append(f"{address.name} by {role}: {answer.status_code}")

    assert opened == []


def test_no_form_is_taken_from_another_site(sweep: SweptSite):
    """Sent with the cookie of somebody who may, and without the token of a page."""
    before = contents(sweep.app)
    taken = []
    for address in addresses(sweep.app):
        if address.method == "GET" or address.is_api:
            continue
        for role in sorted(MATRIX[address.name].own)[:1]:
            client = sweep.app.test_client(use_cookies=False)
            assert isinstance(client, CleanClient)
            path, headers = sweep.path(address, "own"), sweep.identity(role, is_api=False)
            answer = client.post_from_elsewhere(path, headers=headers, buffered=True)
            if answer.status_code != 400 or "came from another page" not in answer.text:
                taken.append(address.name)

    assert set(taken) == WITHOUT_TOKEN
    assert [table for table in before if before[table] != contents(sweep.app)[table]] == []


def test_every_role_of_the_programme_is_swept(sweep: SweptSite):
    assert set(sweep.world.people) | {"anonymous"} == set(ROLES)
