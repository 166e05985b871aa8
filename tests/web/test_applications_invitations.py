"""Inviting people to work for a partner: the lead's page, the link, and what it does not allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.factories.accounts import PASSWORD, actor_of, at, person, sign_in
from tests.factories.applications import Draft, complete_draft, row, ten_cities
from tests.factories.calls import open_call
from tests.factories.jobs import work_off
from tests.factories.organisations import member, organisation
from urbact_calls.accounts.models import User
from urbact_calls.applications.invitations import commands as invitations
from urbact_calls.applications.invitations import reads as invitations_reads
from urbact_calls.applications.models import Application, ApplicationAccess, Partner, PartnerInvitation
from urbact_calls.applications.partners import commands as partners
from urbact_calls.applications.reads.applications import relation_to
from urbact_calls.database import db, transaction
from urbact_calls.domain.refusal import Refused
from urbact_calls.domain.vocabulary import ApplicationState, Role
from urbact_calls.messages.models import Delivery
from urbact_calls.organisations.models import Membership, Organisation

INES = "ines@example.org"
NEW = {"name": "Ines Invited", "password": PASSWORD, "notice": "y"}


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def draft(session, now) -> Draft:
    return complete_draft(open_call(db.session, now), now, ten_cities(now)[:1])


@pytest.fixture
def town(draft, now) -> Organisation:
    """An organisation that was typed for this application and has nobody."""
    town = organisation("Newtown")
    add(draft, town, now)
    return town


@pytest.fixture
def leading(client, draft):
    sign_in(client, draft.lead)
    return client


def add(draft: Draft, town: Organisation, now: datetime) -> None:
    version = row(draft.reference).version
    partners.add_partner(draft.reference, slug=town.slug, version=version, actor=draft.actor, now=now)


def partner_of(draft: Draft, town: Organisation) -> Partner:
    return next(each for each in row(draft.reference).partners if each.organisation_id == town.id)


def invite(draft: Draft, town: Organisation, now: datetime, address: str = INES) -> str:
    """An invitation that was sent; the path of its link."""
    invitations.invite(
        draft.reference, partner_id=partner_of(draft, town).id, address=address, actor=draft.actor, now=now
    )
    return link(now, address)


def link(now: datetime, address: str = INES) -> str:
    work_off(now)
    sent = select(Delivery).where(Delivery.email_key == "person.invited", Delivery.address == address)
    text = db.session.scalars(sent.order_by(Delivery.id.desc())).first().text
    return next(line for line in text.splitlines() if "/invitations/" in line).removeprefix("http://localhost:8000")


def invitation() -> PartnerInvitation:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(PartnerInvitation)).one()


def user_at(address: str) -> User | None:
    db.session.rollback()
    return db.session.scalar(select(User).where(User.email == address))


def membership(user: User) -> Membership | None:
    return db.session.scalar(select(Membership).where(Membership.user_id == user.id))


def roles(user: User, draft: Draft) -> frozenset[Role]:
    places = db.session.scalars(
        select(Membership.organisation_id).where(Membership.user_id == user.id, Membership.accepted_at.is_not(None))
    )
    return relation_to(db.session(), actor_of(user, *places), row(draft.reference)).roles


def test_an_invited_person_who_is_new_is_at_the_application_after_two_pages(client, draft, town, now):
    path = invite(draft, town, now)

    asked = client.get(path)
    after = client.post(f"{path}/account", data=NEW, follow_redirects=True)

    assert (asked.status_code, after.status_code, after.request.path) == (200, 200, f"/applications/{draft.reference}/")
    assert "you work on this application now" in after.text


def test_managers_of_an_added_organisation_hear_of_it_once(draft, now):
    town, manager = organisation("Knowntown"), person(email="mia@example.org")
    member(manager, town, is_manager=True)
    member(person(), town)

    add(draft, town, now)
    work_off(now)

    told = db.session.scalars(select(Delivery.address).where(Delivery.email_key == "partner.invited")).all()
    assert told == ["mia@example.org"]


def test_the_lead_invites_and_sees_who_was_invited(leading, draft, town, now):
    page = f"/applications/{draft.reference}/invitations"
    answer = leading.post(page, data={"partner": partner_of(draft, town).id, "email": "Ines@Example.org"})

    assert (answer.status_code, answer.location) == (302, page)
    for path in (page, f"/applications/{draft.reference}/partners"):
        assert INES in leading.get(path).text
        assert "Not accepted yet" in leading.get(path).text


@pytest.mark.parametrize("has_account", [False, True])
def test_the_answer_does_not_say_whether_the_address_has_an_account(leading, draft, town, has_account):
    if has_account:
        person(email=INES)
    page = f"/applications/{draft.reference}/invitations"

    answer = leading.post(page, data={"partner": partner_of(draft, town).id, "email": INES}, follow_redirects=True)

    assert f"We have written to {INES}." in answer.text


def test_opening_the_link_changes_nothing(client, draft, town, now):
    path = invite(draft, town, now)

    page = client.get(path)

    assert page.status_code == 200
    assert "invites you to work on its application for Newtown" in page.text
    assert invitation().accepted_at is None


def test_somebody_new_opens_an_account_and_can_write_at_once(client, draft, town, now):
    path = invite(draft, town, now)

    answer = client.post(f"{path}/account", data=NEW)

    assert answer.location == f"/applications/{draft.reference}/"
    user = user_at(INES)
    assert user.confirmed_at is not None
    assert membership(user).accepted_at is not None
    assert membership(user).is_manager is False
    assert roles(user, draft) == {Role.EDITOR}
    assert client.get(answer.location).status_code == 200
    assert invitation().accepted_by == user.id


def test_somebody_with_an_account_signs_in_and_accepts(client, draft, town, now):
    user, path = person(email=INES), invite(draft, town, now)
    assert f"/sign-in?next={path}" in client.get(path).text
    assert client.post(path).status_code == 200, "a visitor accepts nothing"
    assert invitation().accepted_at is None
    sign_in(client, user)

    answer = client.post(path)

    assert answer.location == f"/applications/{draft.reference}/"
    assert roles(user, draft) == {Role.EDITOR}


def test_an_account_that_exists_is_not_taken_over(client, draft, town, now):
    user, path = person(email=INES), invite(draft, town, now)
    before = user.password_hash

    answer = client.post(f"{path}/account", data=NEW)

    assert (answer.status_code, user_at(INES).password_hash) == (422, before)
    assert invitation().accepted_at is None


def test_the_link_works_once(client, draft, town, now):
    path = invite(draft, town, now)
    client.post(f"{path}/account", data=NEW)
    client.post("/sign-out")

    again = client.post(f"{path}/account", data=NEW | {"name": "Somebody else"})

    assert (again.status_code, client.get(path).status_code) == (410, 410)
    assert db.session.scalar(select(func.count()).where(Membership.user_id == user_at(INES).id)) == 1


def test_a_link_that_was_forwarded_does_nothing_for_another_account(client, draft, town, now):
    path, stranger = invite(draft, town, now), person()
    sign_in(client, stranger)

    answer = client.post(path)

    assert (answer.status_code, roles(stranger, draft)) == (403, frozenset())
    assert invitation().accepted_at is None


@pytest.mark.parametrize("path", ["/invitations/nonsense", "/invitations/WzEsMV0.AAAA"])
def test_a_link_that_nobody_sent_says_no_more_than_an_old_one(client, session, path):
    assert [client.get(path).status_code, client.post(f"{path}/account", data=NEW).status_code] == [410, 410]


def test_a_link_ends_with_time_with_a_newer_one_and_when_taken_back(client, draft, town, now):
    first = invite(draft, town, now)
    at(client, now + invitations_reads.LASTS + timedelta(seconds=1))
    assert client.get(first).status_code == 410

    later = now + timedelta(minutes=11)
    with pytest.raises(Refused, match="a moment ago"):
        invitations.send_again(draft.reference, invitation().id, actor=draft.actor, now=now)
    invitations.send_again(draft.reference, invitation().id, actor=draft.actor, now=later)
    second = link(later)
    at(client, later)
    assert [client.get(path).status_code for path in (first, second)] == [410, 200]

    invitations.revoke(draft.reference, invitation().id, actor=draft.actor, now=later)
    assert client.get(second).status_code == 410


def ended(draft: Draft, town: Organisation, how: str) -> None:
    """Something happens to the application after the invitation was sent."""
    application_id, partner_id = row(draft.reference).id, partner_of(draft, town).id
    with transaction() as session:
        application = session.get_one(Application, application_id)
        if how == "removed":
            session.delete(session.get_one(Partner, partner_id))
        elif how == "closed":
            application.call.opens_at -= timedelta(days=9)
            application.call.closes_at = datetime.now(UTC) - timedelta(days=1)
        elif how == "account":
            session.get_one(User, draft.lead.id).disabled_at = application.created_at
        elif how == "lead":
            place = select(ApplicationAccess).where(ApplicationAccess.application_id == application_id)
            session.scalars(place).one().role = Role.VIEWER
        else:
            application.state = ApplicationState(how)
            application.submitted_at = application.decided_at = application.created_at


@pytest.mark.parametrize("how", ["ineligible", "withdrawn", "not_approved", "removed", "closed", "account", "lead"])
def test_an_invitation_opens_nothing_once_its_application_or_its_right_has_ended(client, draft, town, now, how):
    path = invite(draft, town, now)
    guest = person(email=INES)
    ended(draft, town, how)
    sign_in(client, guest)

    answers = [client.get(path), client.post(path), client.post(f"{path}/account", data=NEW)]

    assert [answer.status_code for answer in answers] == [410, 410, 410]
    assert all(draft.reference not in answer.text and "Newtown" not in answer.text for answer in answers)
    assert membership(guest) is None
    assert roles(guest, draft) == frozenset()


def test_an_invitation_to_a_submitted_application_still_opens_it(client, draft, town, now):
    path = invite(draft, town, now)
    ended(draft, town, "submitted")
    sign_in(client, person(email=INES))

    assert client.post(path).status_code == 302


def test_an_address_gets_no_more_than_five_messages(draft, town, now):
    invite(draft, town, now)
    for number in range(1, invitations.MOST_SENDS):
        moment = now + number * timedelta(hours=1)
        invitations.send_again(draft.reference, invitation().id, actor=draft.actor, now=moment)

    with pytest.raises(Refused, match="5 times"):
        invitations.send_again(draft.reference, invitation().id, actor=draft.actor, now=now + timedelta(days=1))
    invitations.revoke(draft.reference, invitation().id, actor=draft.actor, now=now)
    with pytest.raises(Refused, match="5 times"):
        invite(draft, town, now)


def test_into_an_organisation_that_has_people_nobody_is_invited(leading, draft, town):
    member(person(), town)
    page = f"/applications/{draft.reference}/invitations"

    answer = leading.post(page, data={"partner": partner_of(draft, town).id, "email": INES})

    assert answer.status_code == 422
    assert db.session.scalar(select(func.count(PartnerInvitation.id))) == 0


class TestOrganisationsThatOthersKnow:
    """A lead applicant shares the own draft, and lets nobody into what the organisation does elsewhere."""

    @pytest.fixture
    def known(self, draft, now) -> Organisation:
        known = organisation("Knowntown")
        with transaction() as session:
            session.get_one(Organisation, known.id).is_verified = True
        add(draft, known, now)
        return known

    def test_the_place_in_the_organisation_is_asked_for(self, client, draft, known, now):
        client.post(f"{invite(draft, known, now)}/account", data=NEW)

        user = user_at(INES)
        assert membership(user).accepted_at is None
        assert roles(user, draft) == {Role.EDITOR}

    def test_an_organisation_of_another_application_stays_closed(self, client, draft, town, now):
        other = complete_draft(open_call(db.session, now, "APN-OTHER"), now, ten_cities(now, " elsewhere")[:1])
        add(other, town, now)

        client.post(f"{invite(draft, town, now)}/account", data=NEW)

        user = user_at(INES)
        assert roles(user, other) == frozenset()
        assert roles(user, draft) == {Role.EDITOR}

    def test_the_right_to_write_and_the_place_go_with_the_partner(self, client, draft, known, now):
        client.post(f"{invite(draft, known, now)}/account", data=NEW)
        user, partner = user_at(INES), partner_of(draft, known)

        version = row(draft.reference).version
        partners.set_partner_editing(
            draft.reference, partner.id, may_edit=False, version=version, actor=draft.actor, now=now
        )
        assert roles(user, draft) == {Role.VIEWER}
        storage = client.application.extensions["storage"]
        partners.remove_partner(
            draft.reference, partner.id, version=version + 1, actor=draft.actor, now=now, storage=storage
        )

        assert roles(user, draft) == frozenset()
        left = select(func.count()).where(ApplicationAccess.user_id == user.id)
        assert db.session.scalar(left) == 0
