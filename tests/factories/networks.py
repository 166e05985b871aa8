"""Networks for tests: records of past calls, and those founded from an application."""

from __future__ import annotations

import itertools
from datetime import date, datetime

from sqlalchemy import select

from tests.factories.applications import Draft, city, complete_draft
from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import for_update
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.permissions import Actor
from urbact_calls.networks.members.commands import found
from urbact_calls.networks.models import LocalGroup, Member, Network, Plan
from urbact_calls.networks.public_texts.commands import PublicText, add_recommendation
from urbact_calls.organisations.models import Organisation

_numbers = itertools.count(1)


def past_network(name: str, now: datetime, *members: Organisation, type_: str = "APN", **changes: object) -> Network:
    """A committed record of a past network; the first member leads. Without members it has one city of its own."""
    cities = members or (city(f"Town {next(_numbers)}", now),)
    values: dict[str, object] = {
        "slug": fold(name).replace(" ", "-"),
        "name": name,
        "folded": fold(name),
        "type": type_,
        "call_code": "APN-2023",
        "starts_on": date(2023, 6, 1),
        "ends_on": date(2025, 12, 31),
        "provenance": "https://urbact.eu/networks/example",
        "confidence": "high",
        **changes,
    }
    with transaction() as session:
        network = Network(
            **values,
            members=[
                Member(
                    organisation_id=organisation.id,
                    role="lead" if position == 1 else "partner",
                    position=position,
                    provenance="https://urbact.eu/networks/example",
                    local_group=LocalGroup(),
                    plans=[Plan(kind="integrated_action_plan")],
                )
                for position, organisation in enumerate(cities, 1)
            ],
        )
        session.add(network)
    return network


def recommendation_of(slug: str, lead: Actor, now: datetime, title: str = "Plant trees") -> int:
    """A recommendation that the lead partner wrote and did not publish; gives its id."""
    writing = PublicText(title=title, url="https://example.org/trees", is_public=False)
    return add_recommendation(slug, writing=writing, actor=lead, now=now)


def approved_draft(call: Call, now: datetime, cities: list[Organisation] | None = None) -> Draft:
    """A complete application whose approval was announced; the way there is left out."""
    draft = complete_draft(call, now, cities)
    with transaction() as session:
        application = session.scalars(select(Application).where(Application.reference == draft.reference)).one()
        application.state, application.submission_count = "approved", 1
        application.submitted_at = application.decided_at = now
    return draft


def founded_network(call: Call, now: datetime, cities: list[Organisation] | None = None) -> tuple[Draft, Network]:
    """A network founded from an approved application, with the draft it came from."""
    draft = approved_draft(call, now, cities)
    with transaction() as session:
        slug = found(session, for_update(session, draft.reference), now).slug
    return draft, db.session.scalars(select(Network).where(Network.slug == slug)).one()
