"""Whoever entered an organisation is its manager, unconfirmed: said wherever the organisation acts, until confirmed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.factories.accounts import actor_of, person, sign_in
from tests.factories.applications import row
from tests.factories.experts import network_of
from tests.factories.organisations import organisation
from tests.factories.story import Story, story
from tests.web_client import CleanClient
from urbact_calls.applications.invitations import commands as invitations
from urbact_calls.applications.partners import commands as partners
from urbact_calls.database import db, transaction
from urbact_calls.domain.vocabulary import Role
from urbact_calls.messages.models import Delivery
from urbact_calls.organisations import commands as organisations
from urbact_calls.organisations.models import Membership

NOT_YET = "Nobody has confirmed yet"


@pytest.fixture
def now() -> datetime:
    """Pages take the time of the request; the call of these tests closed a month ago."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(days=60)


@pytest.fixture
def tale(session, now: datetime) -> Story:
    return entered_by_its_manager(now)


def entered_by_its_manager(now: datetime) -> Story:
    """An application whose lead applicant has entered the lead partner, and whom nobody has confirmed."""
    tale = story(now)
    with transaction() as session:
        session.execute(update(Membership).where(Membership.user_id == tale.draft.lead.id).values(is_manager=True))
    return tale


def confirm(tale: Story) -> None:
    point = person(Role.NATIONAL_POINT, country=tale.draft.organisation.country)
    organisations.confirm_manager(tale.draft.organisation.slug, tale.draft.lead.id, actor_of(point), tale.now)


def test_the_pages_on_which_others_rely_on_it_say_so_until_somebody_confirms(client: CleanClient, tale: Story):
    tale.submit().close_call().settle().declare().allocate().lock_sheets().sign().record()
    decision = f"/decisions/applications/{tale.reference}"
    sign_in(client, tale.officers[0])
    said = {decision: NOT_YET in client.get(decision).text}
    tale.announce()
    pages = [
        f"/organisations/{tale.draft.organisation.slug}/",
        f"/applications/{tale.reference}/",
        f"/eligibility/{tale.reference}/",
        f"/networks/{network_of(tale.reference).slug}/work",
    ]
    said |= {page: NOT_YET in client.get(page).text for page in pages}

    confirm(tale)

    assert said == dict.fromkeys([decision, *pages], True)
    assert {page: NOT_YET in client.get(page).text for page in (decision, *pages)} == dict.fromkeys(said, False)


def test_whoever_is_invited_reads_it_in_the_message_and_on_the_page_of_the_link(client: CleanClient, session):
    tale, town = entered_by_its_manager(datetime.now(UTC)), organisation("Newtown")
    version = row(tale.reference).version
    partners.add_partner(tale.reference, slug=town.slug, version=version, actor=tale.draft.actor, now=tale.now)
    partner_id = next(each.id for each in row(tale.reference).partners if each.organisation_id == town.id)
    invitations.invite(
        tale.reference, partner_id=partner_id, address="ines@example.org", actor=tale.draft.actor, now=tale.now
    )

    tale.work()

    message = db.session.scalars(select(Delivery.text).where(Delivery.email_key == "person.invited")).one()
    link = next(line for line in message.splitlines() if "/invitations/" in line)
    page = client.get(link.removeprefix("http://localhost:8000")).text
    assert (NOT_YET in message, NOT_YET in page) == (True, True)
