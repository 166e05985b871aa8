"""Every address, with every method, by people of the programme who take part in what it is about.

For each office there is somebody with a place in the own applications of the sweep, and somebody who worked for one of
their partners until yesterday. What they may do comes from `access_matrix.py`: an office counts for what is foreign,
and ends where its holder takes part.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

import pytest
from werkzeug.test import TestResponse

from tests.architecture import sweep_world
from tests.architecture.access_matrix import MATRIX, PANEL, SIGNED_IN, WATCHERS, Line
from tests.architecture.sweep_world import Variant, World
from tests.architecture.swept_site import Address, SweptSite, addresses, contents, cookie_of, swept_site
from tests.architecture.test_sweep import CANARIES, expected_refusal, is_turned_away, nothing_is_kept
from tests.factories.accounts import person
from tests.factories.api import token_of
from tests.factories.applications import row
from tests.services_databases import Databases
from urbact_calls.accounts.models import User
from urbact_calls.applications.models import ApplicationAccess
from urbact_calls.assessment import reads as assessment
from urbact_calls.database import db, transaction
from urbact_calls.domain.permissions import OFFICES
from urbact_calls.domain.vocabulary import Role
from urbact_calls.organisations.models import FormerMembership

pytestmark = [pytest.mark.together, pytest.mark.slow]

Part = Literal["viewer", "former"]
# Of the assessment of one's own, of its outcome, and of what the office writes about it.
NEVER = {sweep_world.OWN_SCORE, sweep_world.OWN_ASSESSOR, sweep_world.RECORDED, sweep_world.OWN_NOTE}
# Administrators find accounts by name, with their roles. Who assesses what stands nowhere there.
ACCOUNTS = ("GET /accounts/", "GET /accounts/<user_id>")
# What belongs to nobody's application: an office counts for one's own as for any other.
OF_NO_APPLICATION = ("/organisations/", "/office/experts/", "/expert-profile", "/office/calls/", "/office/jobs/")
# The own message is about the own application.
OWN_MESSAGE = "/office/deliveries/<delivery_id>"


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with an office and a part in the own applications."""

    role: str
    part: Part

    @property
    def name(self) -> str:
        return f"{self.role}, {self.part}"


HOLDERS = [Holder(role.value, part) for role in sorted(OFFICES) for part in get_args(Part)]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def sweep(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory) -> Iterator[SweptSite]:
    folder = tmp_path_factory.mktemp("two_roles")
    with databases.fresh(request.param) as url, swept_site(url, folder) as site:
        with site.app.app_context():
            for holder in HOLDERS:
                user_id = account_of(site.world, holder).id
                take_part(site.world, user_id, holder.part)
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
    return person(Role(holder.role), country="FR" if holder.role == Role.NATIONAL_POINT else None)


def take_part(world: World, user_id: int, part: Part) -> None:
    """In the application under assessment, the one being agreed on, the decided one, and that of the network."""
    endpoints = ("assessment.consensus", "decisions", "networks.of_application")
    others = (world.by_endpoint[name]["own"]["reference"] for name in endpoints)
    for reference in sorted({world.values["own"]["reference"], *others}):
        application = row(reference)
        application_id, organisation_id = application.id, application.partners[1].organisation_id
        with transaction() as session:
            if part == "viewer":
                place = ApplicationAccess(application_id=application_id, user_id=user_id, role=Role.VIEWER)
                place.granted_at = sweep_world.NOW
            else:
                place = FormerMembership(user_id=user_id, organisation_id=organisation_id)
                # The requests of the sweep come now, not at the time of its world.
                place.left_at = datetime.now(UTC) - timedelta(days=1)
                place.counts_until = place.left_at + timedelta(days=700)
            session.add(place)


def may(holder: Holder, address: Address, line: Line, variant: Variant) -> bool:
    """What the matrix says for somebody of this office who takes part in what is own."""
    if line.foreign >= SIGNED_IN:
        return True
    # Of the panel, only its own people are named; those who hold the role alone may do nothing with an application.
    by_office = line.foreign - PANEL if address.rule.arguments else line.foreign
    rule = address.name.split(" ")[1]
    if not address.rule.arguments or rule.startswith(OF_NO_APPLICATION):
        return holder.role in by_office
    if variant == "foreign" and not is_own_both_ways(address):
        return holder.role in by_office
    if rule.startswith(OWN_MESSAGE):
        return False
    if not line.is_object:
        return holder.role in by_office
    return holder.part == "viewer" and "viewer" in line.own


def is_own_both_ways(address: Address) -> bool:
    """The world has one decided application, which stands for the own and the foreign one."""
    return address.name.split(" ")[1].startswith("/decisions/")


def complaints(holder: Holder, address: Address, variant: Variant, answer: TestResponse) -> list[str]:
    line, body = MATRIX[address.name], answer.get_data().decode("utf-8", "replace")
    here = f"{address.name} by {holder.name} on {variant}: {answer.status_code}"
    found = []
    is_own_message = variant == "own" and address.name.split(" ")[1].startswith(OWN_MESSAGE)
    hidden = is_own_message and holder.role in WATCHERS
    refused = 404 if hidden else expected_refusal(holder.role, address, line)
    if answer.status_code >= 500 and address.name != "GET /readyz":
        found.append(f"{here}, a fault")
    elif may(holder, address, line, variant):
        if is_turned_away(answer):
            found.append(f"{here}, but the matrix allows it")
    elif answer.status_code != refused and address.name != "GET /metrics":
        found.append(f"{here}, but the matrix says {refused}")
    seen = {text for text in CANARIES if text in body}
    barred = seen & NEVER - ({sweep_world.OWN_ASSESSOR} if is_about_accounts(holder, address) else set())
    barred |= {text for text in seen - NEVER - {sweep_world.OWN_TEXT} if holder.role not in CANARIES[text]}
    if holder.part == "former" and sweep_world.OWN_TEXT in seen:
        barred.add(sweep_world.OWN_TEXT)
    return found + [f"{here}, leaks “{text}”" for text in sorted(barred)]


def is_about_accounts(holder: Holder, address: Address) -> bool:
    return holder.role == Role.ADMINISTRATOR and address.name in ACCOUNTS


@pytest.mark.timeout(600)
@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: holder.name)
def test_an_office_ends_where_its_holder_takes_part_and_nowhere_else(sweep: SweptSite, holder: Holder):
    before = contents(sweep.app)

    wrong = []
    for address in addresses(sweep.app):
        for variant in ("own", "foreign") if address.rule.arguments else ("own",):
            allowed = may(holder, address, MATRIX[address.name], variant)
            with nothing_is_kept() if allowed else contextlib.nullcontext():
                answer = sweep.ask(holder.name, address, variant)
            wrong += complaints(holder, address, variant, answer)

    assert wrong == [], "\n".join(wrong)
    after = contents(sweep.app)
    assert [table for table in before if before[table] != after[table]] == []
