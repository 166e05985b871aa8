"""What people do with organisations: enter one, ask to join, accept. Each command is one act."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from urbact_calls.audit import operations as audit
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor, account_of
from urbact_calls.domain.refusal import NotFound, Refusal, Refused
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.jobs import announce
from urbact_calls.organisations import operations, queries
from urbact_calls.organisations.models import Membership, MembershipMessage, Organisation
from urbact_calls.organisations.operations import NewOrganisation

WORKS_THERE = message("membership.exists", "You work for it already.")
HAS_ASKED = message("membership.exists/waiting", "You have asked already. It waits for an answer.")
TOO_MANY_REQUESTS = message("membership.too_many", "{number} of your requests wait for an answer; wait for one first.")
LAST_MANAGER = message("membership.last_manager", "Make somebody else a manager first.")
ACCEPTED = message("membership.accepted", "Somebody has accepted this request already.")

MOST_OPEN_REQUESTS = 5


def create(new: NewOrganisation, *, is_another: bool, actor: Actor, now: datetime) -> str:
    """Enters an organisation, whose first manager is the actor; gives its slug.

    Raises Refused if one of the same name and country exists, unless its seat is elsewhere and the actor says
    that it is another one.
    """
    with transaction() as session:
        known = operations.same(session, new)
        if known is not None or (not is_another and queries.namesakes(session, new.name, new.country)):
            raise Refused(operations.already_here(new.name))
        organisation = operations.create(session, new, now)
        operations.join(session, organisation, account_of(actor), now, is_manager=True)
        return organisation.slug


def ask_to_join(slug: str, actor: Actor, now: datetime) -> None:
    """Asks the managers of an organisation, or the Joint Secretariat, to accept a person. Raises NotFound, Refused."""
    with transaction() as session:
        organisation, user_id = _locked(session, slug), account_of(actor)
        known = queries.membership_for_update(session, organisation.id, user_id)
        if known is not None:
            raise Refused(Refusal(WORKS_THERE() if known.accepted_at else HAS_ASKED()))
        waiting = session.scalars(
            select(Membership.id).where(Membership.user_id == user_id, Membership.accepted_at.is_(None))
        ).all()
        if len(waiting) >= MOST_OPEN_REQUESTS:
            raise Refused(Refusal(TOO_MANY_REQUESTS(number=len(waiting))))
        membership = Membership(user_id=user_id, organisation_id=organisation.id, requested_at=now)
        session.add(membership)
        session.flush()
        _mail(session, "membership.requested", membership, actor, now)


def accept(slug: str, user_id: int, actor: Actor, now: datetime) -> None:
    """Accepts a request to join. The first member of an organisation without a manager becomes its manager."""
    with transaction() as session:
        organisation = _locked(session, slug)
        membership = _request(session, organisation, user_id)
        membership.accepted_at, membership.accepted_by = now, actor.user_id
        membership.is_manager = not queries.has_manager(session, organisation.id)
        _record(session, organisation, user_id, before=False, after=True, actor=actor, now=now)
        _mail(session, "membership.accepted", membership, actor, now)


def decline(slug: str, user_id: int, actor: Actor, now: datetime) -> None:
    """Declines a request to join; the person may ask again."""
    with transaction() as session:
        organisation = _locked(session, slug)
        session.delete(_request(session, organisation, user_id))


def make_manager(slug: str, user_id: int, actor: Actor, now: datetime) -> None:
    """Lets another member accept requests. Raises NotFound for somebody who is not a member."""
    with transaction() as session:
        organisation = _locked(session, slug)
        membership = queries.membership_for_update(session, organisation.id, user_id)
        if membership is None or membership.accepted_at is None:
            raise NotFound(f"member {user_id} of {slug}")
        membership.is_manager = True


def remove(slug: str, user_id: int, actor: Actor, now: datetime) -> None:
    """Takes a person out of an organisation, from the next request on. Raises Refused for the last manager."""
    with transaction() as session:
        organisation = _locked(session, slug)
        membership = queries.membership_for_update(session, organisation.id, user_id)
        if membership is None or membership.accepted_at is None:
            raise NotFound(f"member {user_id} of {slug}")
        session.execute(delete(Membership).where(Membership.id == membership.id))
        others_stay = queries.count_of_members(session, organisation.id) > 0
        if membership.is_manager and others_stay and not queries.has_manager(session, organisation.id):
            raise Refused(Refusal(LAST_MANAGER()))
        _record(session, organisation, user_id, before=True, after=False, actor=actor, now=now)


def _locked(session: Session, slug: str) -> Organisation:
    organisation = session.scalar(select(Organisation).where(Organisation.slug == slug).with_for_update())
    if organisation is None:
        raise NotFound(f"organisation {slug}")
    return organisation


def _request(session: Session, organisation: Organisation, user_id: int) -> Membership:
    membership = queries.membership_for_update(session, organisation.id, user_id)
    if membership is None:
        raise NotFound(f"request of {user_id} to join {organisation.slug}")
    if membership.accepted_at is not None:
        raise Refused(Refusal(ACCEPTED()))
    return membership


def _record(  # noqa: PLR0913 -- the columns of a change; all keyword-only
    session: Session,
    organisation: Organisation,
    user_id: int,
    *,
    before: bool,
    after: bool,
    actor: Actor,
    now: datetime,
) -> None:
    audit.field_changed(
        session,
        subject=organisation.subject,
        field=f"member.{user_id}",
        before=before,
        after=after,
        actor=actor,
        now=now,
    )


def _mail(session: Session, email: str, membership: Membership, actor: Actor, now: datetime) -> None:
    announce(
        session,
        kind=f"mail:{email}",
        # SQLite gives the id of a declined request to the next one; the moment tells them apart.
        key=f"mail:{email}:{membership.id}:{int(membership.requested_at.timestamp())}",
        args=MembershipMessage(membership=membership.id),
        now=now,
        actor_id=actor.user_id,
        subject=Subject(SubjectKind.ORGANISATION, membership.organisation_id),
    )
