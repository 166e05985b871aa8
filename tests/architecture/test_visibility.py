"""A list shows exactly what its reader may open: scope and predicate say the same thing, and neither says more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.architecture.access_matrix import ROLES
from tests.factories.accounts import actor_of, person
from tests.factories.applications import city, complete_draft, member, row, ten_cities
from tests.factories.calls import open_call
from tests.factories.jobs import work_off
from urbact_calls.applications.models import Application, ApplicationAccess, Partner
from urbact_calls.applications.reads import applications
from urbact_calls.applications.submission.commands import take_transition
from urbact_calls.applications.views import application_of, may_read
from urbact_calls.database import db, transaction
from urbact_calls.domain.permissions import ANONYMOUS, Actor
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.vocabulary import ApplicationState, Role
from urbact_calls.web.access import Loaded

PROGRAMME = [Role(name) for name in ROLES if name not in ("anonymous", "lead", "editor", "viewer")]


@pytest.fixture
def actors(session, now) -> dict[str, Actor]:
    """Applications in every state, and somebody of each kind who might see some of them."""
    call = open_call(db.session, now)
    others = ten_cities(now, " nearby")[1:]
    drafts = [complete_draft(call, now, [city(f"Lead {n}", now), *others]) for n, _ in enumerate(ApplicationState)]
    for draft in drafts[1:]:
        take_transition(draft.reference, "submit", draft.actor, now)
    work_off(now)
    with transaction() as session:
        for draft, state in zip(drafts, ApplicationState, strict=True):
            application = session.scalars(select(Application).where(Application.reference == draft.reference)).one()
            application.state, application.decided_at = state, now + timedelta(days=1)
    away = complete_draft(call, now, [city("Lead away", now), *others])
    take_transition(away.reference, "withdraw", away.actor, now, "We changed our mind.")

    first = row(drafts[0].reference)
    with transaction() as session:
        read_only = session.scalars(select(Partner).where(Partner.application_id == first.id)).all()[2]
        read_only.may_edit = False
    outsider, helper, viewer = city("Outside", now), member(others[0], now), member(others[1], now)
    guest = person()
    with transaction() as session:
        session.add(ApplicationAccess(application_id=first.id, user_id=guest.id, role="viewer", granted_at=now))
    return {
        "anonymous": ANONYMOUS,
        "stranger": actor_of(person()),
        "outsider": actor_of(member(outsider, now), outsider.id),
        "lead": drafts[0].actor,
        "editor": actor_of(helper, others[0].id),
        "viewer": actor_of(viewer, others[1].id),
        "guest": actor_of(guest),
        **{role.value: actor_of(person(role)) for role in PROGRAMME},
    }


def may_open(actor: Actor, application: Application) -> bool:
    """As the page of an application decides it."""
    try:
        loaded: Loaded = application_of(actor, application.reference)
    except NotFound:
        return False
    return actor.is_signed_in and may_read(actor, loaded.relation)


def test_every_list_shows_what_its_reader_may_open_and_nothing_else(actors: dict[str, Actor]):
    everything = db.session.scalars(select(Application).order_by(Application.id)).all()
    listed = {
        name: {application.reference for application in db.session.scalars(applications.visible_to(actor))}
        for name, actor in actors.items()
    }
    opened = {
        name: {application.reference for application in everything if may_open(actor, application)}
        for name, actor in actors.items()
    }

    assert listed == opened
    assert {name for name, seen in listed.items() if not seen} == {
        "anonymous",
        "stranger",
        "outsider",
        *(role.value for role in PROGRAMME),
    } - {"programme_officer", "programme_manager", "auditor"}
