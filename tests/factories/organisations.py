"""Organisations for tests, and who works for them."""

from __future__ import annotations

import itertools
from datetime import datetime

from tests.factories.accounts import LONG_AGO
from urbact_calls.accounts.models import User
from urbact_calls.database import transaction
from urbact_calls.domain.vocabulary import OrganisationCategory
from urbact_calls.organisations import commands as organisations
from urbact_calls.organisations.commands import NewOrganisation
from urbact_calls.organisations.models import Membership, Organisation

_numbers = itertools.count(1)


def organisation(
    name: str | None = None,
    *,
    country: str = "PL",
    seat_city: str | None = None,
    nuts2: str | None = None,
    category: OrganisationCategory = OrganisationCategory.CITY_MUNICIPALITY,
    now: datetime = LONG_AGO,
) -> Organisation:
    """A committed organisation; a municipality of Poland unless the test says otherwise."""
    name = name or f"Town {next(_numbers)}"
    with transaction() as session:
        return organisations.create_step(
            session,
            NewOrganisation(name=name, seat_city=seat_city or name, country=country, category=category, nuts2=nuts2),
            now,
        )


def member(
    user: User, organisation: Organisation, *, is_manager: bool = False, accepted: bool = True, now: datetime = LONG_AGO
) -> Membership:
    """A committed place of a person in an organisation, or a request for one."""
    with transaction() as session:
        if accepted:
            return organisations.join_step(session, organisation, user.id, now, is_manager=is_manager)
        asked = Membership(user_id=user.id, organisation_id=organisation.id, requested_at=now)
        session.add(asked)
        return asked
