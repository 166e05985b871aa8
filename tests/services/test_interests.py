"""Who takes part in an application: applicants, their organisations, whoever left these lately, the invited."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.factories.accounts import actor_of, person
from tests.factories.applications import Draft, complete_draft, row, ten_cities
from tests.factories.calls import open_call
from tests.factories.organisations import member, organisation
from urbact_calls.applications.invitations import commands as invitations
from urbact_calls.applications.invitations.reads import LASTS
from urbact_calls.applications.models import PartnerInvitation
from urbact_calls.applications.partners import commands as partners
from urbact_calls.applications.reads.interests import actor_of as actor_at
from urbact_calls.applications.reads.interests import interests_of, who_takes_part
from urbact_calls.database import db
from urbact_calls.domain.permissions import NO_INTERESTS, Interests
from urbact_calls.domain.vocabulary import Role
from urbact_calls.organisations import commands as organisations
from urbact_calls.organisations.models import Organisation

YEARS = timedelta(days=731)


@pytest.fixture
def draft(session, now: datetime) -> Draft:
    return complete_draft(open_call(db.session, now), now, ten_cities(now)[:2])


@pytest.fixture
def own(draft: Draft) -> Interests:
    """What somebody has who takes part in the draft and in nothing else."""
    application = row(draft.reference)
    return Interests(frozenset({application.id}), frozenset({application.call_id}))


def partner_city(draft: Draft) -> Organisation:
    return db.session.get_one(Organisation, row(draft.reference).partners[1].organisation_id)


def interests(user_id: int, now: datetime) -> Interests:
    db.session.rollback()
    return interests_of(db.session(), user_id, now)


def test_the_lead_applicant_takes_part(draft, own, now):
    assert interests(draft.lead.id, now) == own


def test_whoever_works_for_a_partner_takes_part_and_whoever_only_asks_does_not(draft, own, now):
    colleague, stranger = person(), person()
    member(colleague, partner_city(draft))
    member(stranger, partner_city(draft), accepted=False)

    assert (interests(colleague.id, now), interests(stranger.id, now)) == (own, NO_INTERESTS)


@pytest.mark.parametrize("months", [24, 6, 0])
def test_whoever_left_a_partner_takes_part_for_the_months_of_the_setting(draft, own, now, months):
    colleague, city = person(), partner_city(draft)
    slug = city.slug
    member(person(), city, is_manager=True)
    member(colleague, city)

    organisations.remove(slug, colleague.id, actor_of(colleague), now, months=months)

    last = timedelta(days=months * 30)
    assert interests(colleague.id, now + last) == (own if months else NO_INTERESTS)
    assert interests(colleague.id, now + last + timedelta(days=31)) == NO_INTERESTS


def test_whoever_is_invited_takes_part_until_the_link_is_over_or_taken_back(draft, own, now):
    guest = person(email="ines@example.org")
    version = row(draft.reference).version
    partners.add_partner(
        draft.reference, slug=organisation("Newtown").slug, version=version, actor=draft.actor, now=now
    )
    partner_id = row(draft.reference).partners[-1].id

    invitations.invite(draft.reference, partner_id=partner_id, address=guest.email, actor=draft.actor, now=now)

    assert (interests(guest.id, now), interests(guest.id, now + LASTS + timedelta(days=1))) == (own, NO_INTERESTS)
    invitation = db.session.query(PartnerInvitation).one()
    invitations.revoke(draft.reference, invitation.id, actor=draft.actor, now=now)
    assert interests(guest.id, now) == NO_INTERESTS


def test_the_same_people_are_found_from_the_application(draft, now):
    colleague = person()
    member(colleague, partner_city(draft))
    application_id = row(draft.reference).id

    assert who_takes_part(db.session(), [application_id], now)[application_id] >= {draft.lead.id, colleague.id}


def test_interests_are_read_for_those_who_hold_an_office(draft, own, now):
    lead = draft.lead
    officer = actor_at(db.session(), lead.id, lead.name, frozenset({Role.PROGRAMME_OFFICER}), now)
    nobody = actor_at(db.session(), lead.id, lead.name, frozenset({Role.EXPERT}), now)

    assert (officer.interests, nobody.interests) == (own, NO_INTERESTS)
