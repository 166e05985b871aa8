"""Every address, with every method, by people of the programme who take part in what it is about.

For each office there is somebody with a place in the own applications of the sweep, somebody who worked for one of
their partners until yesterday, and somebody with a place in a rival of the foreign applications. What they may do
comes from `access_matrix.py`: an office counts for what is foreign, and ends where its holder takes part; beside a
rival, what ends is assessment, ranking and decisions.

On SQLite all of them ask. On PostgreSQL, which answers from the same facts, those with a place ask about their own: at
each address all who get an answer, and of those who are turned away one, a different one each time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from werkzeug.test import TestResponse

from tests.architecture import sweep_world
from tests.architecture.access_matrix import MATRIX, SIGNED_IN, WATCHERS, Line
from tests.architecture.sweep_world import Variant, World
from tests.architecture.swept_site import Address, SweptSite, addresses, contents, cookie_of, swept_site
from tests.architecture.test_sweep import CANARIES, expected_refusal, is_turned_away, nothing_is_kept
from tests.factories.accounts import person
from tests.factories.api import token_of
from tests.factories.applications import city, draft, row
from tests.services_databases import Databases
from urbact_calls.accounts.models import User
from urbact_calls.applications.models import ApplicationAccess
from urbact_calls.assessment import reads as assessment
from urbact_calls.database import db, transaction
from urbact_calls.domain.permissions import OFFICES
from urbact_calls.domain.vocabulary import Role
from urbact_calls.organisations.models import FormerMembership

pytestmark = [pytest.mark.together, pytest.mark.slow]

Part = Literal["viewer", "former", "rival"]
ASKED: dict[Part, tuple[Variant, ...]] = {"viewer": ("own", "foreign"), "former": ("own",), "rival": ("foreign",)}
"""What somebody with each part asks for; beside it, every page that is about nothing in particular."""
# Of the assessment of one's own, of its outcome, of what the office writes about it, and of who wants to join it.
OF_ONES_OWN = {
    sweep_world.OWN_SCORE,
    sweep_world.OWN_ASSESSOR,
    sweep_world.RECORDED,
    sweep_world.OWN_NOTE,
    sweep_world.OWN_MOTIVATION,
}
NEVER: dict[Part, set[str]] = {
    "viewer": OF_ONES_OWN,
    "former": OF_ONES_OWN | {sweep_world.OWN_TEXT},
    "rival": {sweep_world.FOREIGN_SCORE, sweep_world.FOREIGN_ASSESSOR, sweep_world.RECORDED},
}
"""What nobody with this part reads anywhere, whatever office he or she holds."""
# What belongs to nobody's application: an office counts for one's own as for any other. What ends for the people of an
# organisation there, and for the owner of a profile, has its own tests.
OF_NO_APPLICATION = (
    *("/organisations/", "/office/experts/", "/expert-profile", "/office/calls/"),
    *("/office/record/calls/", "/office/record/organisations/"),
)
# Jobs and messages about one's own application are not there; the pages stand open to those who look after them.
ABOUT_SOMETHING = ("/office/jobs/", "/office/deliveries/")
# The record of the account in the sweep is that of an assessor.
OF_THE_ASSESSMENT = ("/assessment/", "/decisions/", "/office/record/accounts/")


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with an office and a part in applications."""

    role: str
    part: Part

    @property
    def name(self) -> str:
        return f"{self.role}, {self.part}"


HOLDERS = [Holder(role.value, part) for role in sorted(OFFICES) for part in ASKED]
WITH_A_PLACE = [holder for holder in HOLDERS if holder.part == "viewer"]
SWEEPS = [("sqlite", holder) for holder in HOLDERS]
SWEEPS += [("postgresql", holder) for holder in WITH_A_PLACE]


@pytest.fixture(scope="module")
def sweep(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory) -> Iterator[SweptSite]:
    folder = tmp_path_factory.mktemp("two_roles")
    with databases.fresh(request.param) as url, swept_site(url, folder) as site:
        with site.app.app_context():
            parts = parts_of(site.world)
            for holder in HOLDERS:
                user_id = account_of(site.world, holder).id
                for reference in parts[holder.part]:
                    take_part(reference, user_id, holder.part)
                user = db.session.get_one(User, user_id)
                site.world.people[holder.name] = user
                site.cookies[holder.name] = cookie_of(site.app, holder.name, site.world)
                site.tokens[holder.name] = token_of(user)
            db.session.remove()
        yield site


def account_of(world: World, holder: Holder) -> User:
    """The second assessor and the chair of the own applications take part as viewers; everybody else is new."""
    own = row(world.values["own"]["reference"])
    if holder.part == "viewer" and holder.role == Role.ASSESSOR:
        return assessment.active_allocations(db.session(), own.id)[1].user
    if holder.part == "viewer" and holder.role == Role.PANEL_CHAIR:
        return assessment.panel(db.session(), own.call_id)[0].user
    country = own.partners[1].organisation.country if holder.role == Role.NATIONAL_POINT else None
    return person(Role(holder.role), country=country)


def parts_of(world: World) -> dict[Part, list[str]]:
    """The application under assessment, the one being agreed on, the decided one, and that of the network; and for
    rivals a draft in each call of what is foreign."""
    endpoints = ("assessment.consensus", "decisions", "networks.of_application")
    decided = world.by_endpoint["decisions"]["own"]["reference"]
    others = {world.by_endpoint[name]["own"]["reference"] for name in endpoints}
    own = sorted({world.values["own"]["reference"], *others})
    calls = [row(reference).call for reference in (world.values["foreign"]["reference"], decided)]
    rivals = [draft(call, sweep_world.NOW, city(f"Rival of {call.code}", sweep_world.NOW)).reference for call in calls]
    return {"viewer": own, "former": own, "rival": rivals}


def take_part(reference: str, user_id: int, part: Part) -> None:
    application = row(reference)
    application_id, organisation_id = application.id, application.partners[-1].organisation_id
    with transaction() as session:
        if part == "former":
            left = FormerMembership(user_id=user_id, organisation_id=organisation_id)
            # The requests of the sweep come now, not at the time of its world.
            left.left_at = datetime.now(UTC) - timedelta(days=1)
            left.counts_until = left.left_at + timedelta(days=700)
            session.add(left)
        else:
            place = ApplicationAccess(application_id=application_id, user_id=user_id, role=Role.VIEWER)
            place.granted_at = sweep_world.NOW
            session.add(place)


def may(holder: Holder, address: Address, line: Line, variant: Variant) -> bool:
    """What the matrix says for somebody of this office who takes part in what is own, or in a rival of the foreign."""
    if line.foreign >= SIGNED_IN:
        return True
    if not ends(holder, address, line, variant):
        return holder.role in (line.own if is_of_no_application(address) and variant == "own" else line.foreign)
    return holder.part == "viewer" and "viewer" in line.own


def ends(holder: Holder, address: Address, line: Line, variant: Variant) -> bool:
    """Whether an office ends here because its holder takes part."""
    if not address.rule.arguments or is_of_no_application(address):
        return False
    if holder.part == "rival":
        return rule_of(address).startswith(OF_THE_ASSESSMENT)
    # The world has one decided application, which stands for the own and the foreign one.
    is_own = variant == "own" or rule_of(address).startswith("/decisions/")
    return is_own and (line.is_object or rule_of(address).startswith(ABOUT_SOMETHING))


def has_to_ask(holder: Holder, address: Address, number: int) -> bool:
    """Whether somebody asks at the address with this number where not all do."""
    line = MATRIX[address.name]
    refused = [each for each in WITH_A_PLACE if not may(each, address, line, "own")]
    return holder not in refused or holder == refused[number % len(refused)]


def is_of_no_application(address: Address) -> bool:
    return rule_of(address).startswith(OF_NO_APPLICATION)


def rule_of(address: Address) -> str:
    return address.name.split(" ")[1]


def complaints(holder: Holder, address: Address, variant: Variant, answer: TestResponse) -> list[str]:
    line, body = MATRIX[address.name], answer.get_data().decode("utf-8", "replace")
    here = f"{address.name} by {holder.name} on {variant}: {answer.status_code}"
    is_hidden = holder.role in WATCHERS and ends(holder, address, line, variant)
    refused = 404 if is_hidden else expected_refusal(holder.role, address, line)
    found = []
    # No broker runs here, which is what this page is for to say.
    if answer.status_code >= 500 and address.name != "GET /readyz":
        found.append(f"{here}, a fault")
    elif may(holder, address, line, variant):
        if is_turned_away(answer):
            found.append(f"{here}, but the matrix allows it")
    elif answer.status_code != refused:
        found.append(f"{here}, but the matrix says {refused}")
    seen = {text for text in CANARIES if text in body}
    own_words = {sweep_world.OWN_TEXT} if holder.part == "viewer" else set()
    barred = {text for text in seen - own_words if text in NEVER[holder.part] or holder.role not in CANARIES[text]}
    return found + [f"{here}, leaks “{text}”" for text in sorted(barred)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("sweep", "holder"),
    SWEEPS,
    indirect=["sweep"],
    ids=[f"{dialect}-{holder.name}" for dialect, holder in SWEEPS],
    scope="module",
)
def test_an_office_ends_where_its_holder_takes_part_and_nowhere_else(sweep: SweptSite, holder: Holder):
    is_on_sqlite = sweep.app.extensions["settings"].database_url.startswith("sqlite")
    variants = ASKED[holder.part] if is_on_sqlite else ("own",)
    before = contents(sweep.app)

    wrong = []
    for number, address in enumerate(addresses(sweep.app)):
        if not (is_on_sqlite or has_to_ask(holder, address, number)):
            continue
        # An address without an object is the same for what is own and what is foreign.
        for variant in variants if address.rule.arguments else variants[:1]:
            allowed = may(holder, address, MATRIX[address.name], variant)
            with nothing_is_kept() if allowed else contextlib.nullcontext():
                answer = sweep.ask(holder.name, address, variant)
            wrong += complaints(holder, address, variant, answer)

    assert wrong == [], "\n".join(wrong)
    after = contents(sweep.app)
    assert [table for table in before if before[table] != after[table]] == []


@pytest.mark.parametrize("sweep", ["sqlite", "postgresql"], indirect=True, scope="module")
def test_an_administrator_does_not_find_those_who_assess_beside_the_own_application(sweep: SweptSite):
    found = {}
    for part in ASKED:
        client, headers = (
            sweep.app.test_client(use_cookies=False),
            sweep.identity(f"administrator, {part}", is_api=False),
        )
        page = client.get("/accounts/", query_string={"q": "Assessor-Canary"}, headers=headers).text
        found[part] = {name for name in (sweep_world.OWN_ASSESSOR, sweep_world.FOREIGN_ASSESSOR) if name in page}

    own, foreign = {sweep_world.OWN_ASSESSOR}, {sweep_world.FOREIGN_ASSESSOR}
    assert found == {"viewer": foreign, "former": foreign, "rival": own}
