"""Commands on organisations: enter one, ask to join, accept, decline, make a manager, take out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from urbact_calls.database import StoredValues, add_or_refuse, locked, transaction
from urbact_calls.domain.advertising import why_no_name
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.permissions import Actor, account_of
from urbact_calls.domain.refusal import Refusal, Refused, or_not_found
from urbact_calls.domain.slugs import free_slug, slug_of
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import OrganisationCategory
from urbact_calls.jobs import announce
from urbact_calls.organisations import reads
from urbact_calls.organisations.models import FormerMembership, Membership, MembershipMessage, Organisation
from urbact_calls.record.commands import field_changed
from urbact_calls.reference.known_networks import regions


def create_step(session: Session, new: NewOrganisation, now: datetime) -> Organisation:
    """A new organisation; the category of its region follows from the region.

    Raises Refused if it exists, and for a name that carries a message.
    """
    wrong = [
        Refusal(problem, field)
        for field, typed in (("name", new.name), ("seat_city", new.seat_city))
        if (problem := why_no_name(typed)) is not None
    ]
    if wrong:
        raise Refused(*wrong)
    region = regions().get(new.nuts2 or "")
    if new.nuts2 and (region is None or region.country != new.country):
        raise Refused(Refusal(REGION(), "nuts2"))
    organisation = Organisation(
        **asdict(new) | {"region_basis": new.region_basis if region else None},
        slug=free_slug(slug_of(new.name) or new.country.lower(), new.country, StoredValues(session, Organisation.slug)),
        folded=fold(new.name),
        kind=new.category.kind,
        region_category=region.category if region else None,
        region_confidence=region.confidence if region else None,
        created_at=now,
    )
    # Somebody may have entered the same one, or taken the same short name, in this second.
    add_or_refuse(session, organisation, already_here(new.name))
    return organisation


def join_step(
    session: Session,
    organisation: Organisation,
    user_id: int,
    now: datetime,
    *,
    is_manager: bool = False,
    accepted_by: int | None = None,
) -> Membership:
    """Makes a person a member at once; nothing changes for somebody who is one. Recorded as the person's own act."""
    known = reads.membership_for_update(session, organisation.id, user_id)
    if known is not None and known.accepted_at is not None:
        return known
    member = known or Membership(user_id=user_id, organisation_id=organisation.id, requested_at=now)
    member.accepted_at, member.accepted_by, member.is_manager = now, accepted_by, is_manager
    session.add(member)
    session.flush()
    person = Actor(user_id)
    field_changed(session, organisation.subject, f"member.{user_id}", False, True, person, now)
    field_changed(session, organisation.subject, f"manager.{user_id}", False, is_manager, person, now)
    return member


def ask_step(session: Session, organisation_id: int, user_id: int, now: datetime) -> None:
    """Asks the managers of an organisation, or the Joint Secretariat, to accept a person who is not its member."""
    membership = Membership(user_id=user_id, organisation_id=organisation_id, requested_at=now)
    session.add(membership)
    session.flush()
    subject = Subject(SubjectKind.ORGANISATION, organisation_id)
    field_changed(session, subject, f"request.{user_id}", False, True, Actor(user_id), now)
    _mail(session, "membership.requested", membership, user_id, now)


def find_or_create_step(session: Session, new: NewOrganisation, now: datetime) -> Organisation:
    """The organisation with this folded name, country and seat, or a new one."""
    return same(session, new) or create_step(session, new, now)


REGION = message("organisation.region", "This region lies in another country.")
EXISTS = message("organisation.exists", "{name} is here already. Ask to join it instead.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrganisation:
    """What a person says about an organisation. `nuts2` is the region of its seat, None if not known;
    `region_basis` says whether it follows from the place or was chosen."""

    name: str
    seat_city: str
    country: str
    category: OrganisationCategory
    nuts2: str | None = None
    region_basis: str = "chosen"
    geonameid: int | None = None
    latitude: float | None = None
    longitude: float | None = None


def same(session: Session, new: NewOrganisation) -> Organisation | None:
    """The organisation of the same folded name, country and seat: the same place, or one of the same folded name."""
    known = reads.namesakes(session, new.name, new.country)
    seat = fold(new.seat_city)
    return next((each for each in known if _is_place(each, new.geonameid) or fold(each.seat_city) == seat), None)


def _is_place(organisation: Organisation, geonameid: int | None) -> bool:
    return geonameid is not None and organisation.geonameid == geonameid


def already_here(name: str) -> Refusal:
    """What is said when an organisation exists."""
    return Refusal(EXISTS(name=name), "name")


WORKS_THERE = message("membership.exists", "You work for it already.")
HAS_ASKED = message("membership.exists/waiting", "You have asked already. It waits for an answer.")
TOO_MANY_REQUESTS = message("membership.too_many", "{number} of your requests wait for an answer; wait for one first.")
LAST_MANAGER = message("membership.last_manager", "Make somebody else a manager first.")
ACCEPTED = message("membership.accepted", "Somebody has accepted this request already.")

OWN_REQUEST = message("membership.own", "Somebody else must accept you: a manager, or a colleague of the office.")
OWN_CONFIRMATION = message("membership.own/confirmation", "Somebody else must confirm you.")
CONFIRMED = message("membership.confirmed", "This manager is confirmed.")

MOST_OPEN_REQUESTS = 5
FORMER_MEMBERS_MONTHS = 24
DAYS_OF_A_MONTH = 365.25 / 12


def create(new: NewOrganisation, *, is_another: bool, actor: Actor, now: datetime) -> str:
    """Enters an organisation, whose first manager is the actor; gives its slug.

    Raises Refused if one of the same name and country exists, unless its seat is elsewhere and the actor says
    that it is another one.
    """
    with transaction() as session:
        known = same(session, new)
        if known is not None or (not is_another and reads.namesakes(session, new.name, new.country)):
            raise Refused(already_here(new.name))
        organisation = create_step(session, new, now)
        join_step(session, organisation, account_of(actor), now, is_manager=True)
        return organisation.slug


def ask_to_join(slug: str, actor: Actor, now: datetime) -> None:
    """Asks the managers of an organisation, or the Joint Secretariat, to accept a person. Raises NotFound, Refused."""
    with transaction() as session:
        organisation, user_id = _locked(session, slug), account_of(actor)
        known = reads.membership_for_update(session, organisation.id, user_id)
        if known is not None:
            raise Refused(Refusal(WORKS_THERE() if known.accepted_at else HAS_ASKED()))
        waiting = session.scalars(
            select(Membership.id).where(Membership.user_id == user_id, Membership.accepted_at.is_(None))
        ).all()
        if len(waiting) >= MOST_OPEN_REQUESTS:
            raise Refused(Refusal(TOO_MANY_REQUESTS(number=len(waiting))))
        ask_step(session, organisation.id, user_id, now)


def accept(slug: str, user_id: int, actor: Actor, now: datetime) -> None:
    """Accepts a request to join. The first member of an organisation without a manager becomes its manager.

    Raises Refused for one's own request, whatever office one holds.
    """
    with transaction() as session:
        if user_id == actor.user_id:
            raise Refused(Refusal(OWN_REQUEST()))
        organisation = _locked(session, slug)
        membership = _request(session, organisation, user_id)
        membership.accepted_at, membership.accepted_by = now, actor.user_id
        membership.is_manager = not reads.has_manager(session, organisation.id)
        if membership.is_manager:
            # There was no manager who could have accepted: the office has.
            _confirm(membership, actor, now)
        field_changed(session, organisation.subject, f"member.{user_id}", False, True, actor, now)
        _mail(session, "membership.accepted", membership, actor.user_id, now)


def decline(slug: str, user_id: int, actor: Actor, now: datetime) -> None:
    """Declines a request to join; the person may ask again."""
    with transaction() as session:
        organisation = _locked(session, slug)
        session.delete(_request(session, organisation, user_id))
        field_changed(session, organisation.subject, f"request.{user_id}", True, False, actor, now)


def make_manager(slug: str, user_id: int, actor: Actor, now: datetime) -> None:
    """Lets another member accept requests; confirmed, unless an unconfirmed manager says so. Raises NotFound for
    somebody who is not a member."""
    with transaction() as session:
        organisation = _locked(session, slug)
        membership = _member(session, organisation, user_id)
        own = reads.membership_for_update(session, organisation.id, account_of(actor))
        if not membership.is_manager and not (own is not None and own.is_unconfirmed):
            _confirm(membership, actor, now)
        field_changed(session, organisation.subject, f"manager.{user_id}", membership.is_manager, True, actor, now)
        membership.is_manager = True


def confirm_manager(slug: str, user_id: int, actor: Actor, now: datetime) -> None:
    """Says that a manager may speak for the organisation. Raises Refused for oneself, NotFound for no manager."""
    with transaction() as session:
        if user_id == actor.user_id:
            raise Refused(Refusal(OWN_CONFIRMATION()))
        organisation = _locked(session, slug)
        membership = _member(session, organisation, user_id)
        if not membership.is_unconfirmed:
            raise Refused(Refusal(CONFIRMED()))
        _confirm(membership, actor, now)
        field_changed(session, organisation.subject, f"manager.{user_id}", False, "confirmed", actor, now)


def _confirm(membership: Membership, actor: Actor, now: datetime) -> None:
    membership.confirmed_at, membership.confirmed_by = now, actor.user_id


def remove(slug: str, user_id: int, actor: Actor, now: datetime, *, months: int = FORMER_MEMBERS_MONTHS) -> None:
    """Takes a person out of an organisation, from the next request on. Raises Refused for the last manager.

    For so many months the person still counts as one of its people where an interest takes rights away.
    """
    with transaction() as session:
        organisation = _locked(session, slug)
        membership = _member(session, organisation, user_id)
        session.execute(delete(Membership).where(Membership.id == membership.id))
        others_stay = reads.count_of_members(session, organisation.id) > 0
        if membership.is_manager and others_stay and not reads.has_manager(session, organisation.id):
            raise Refused(Refusal(LAST_MANAGER()))
        until = now + timedelta(days=round(months * DAYS_OF_A_MONTH))
        session.add(FormerMembership(user_id=user_id, organisation_id=organisation.id, left_at=now, counts_until=until))
        field_changed(session, organisation.subject, f"member.{user_id}", True, False, actor, now)


def _locked(session: Session, slug: str) -> Organisation:
    return locked(session, select(Organisation).where(Organisation.slug == slug), f"organisation {slug}")


def _member(session: Session, organisation: Organisation, user_id: int) -> Membership:
    known = reads.membership_for_update(session, organisation.id, user_id)
    return or_not_found(known if known and known.accepted_at else None, f"member {user_id} of {organisation.slug}")


def _request(session: Session, organisation: Organisation, user_id: int) -> Membership:
    known = reads.membership_for_update(session, organisation.id, user_id)
    membership = or_not_found(known, f"request of {user_id} to join {organisation.slug}")
    if membership.accepted_at is not None:
        raise Refused(Refusal(ACCEPTED()))
    return membership


def _mail(session: Session, email: str, membership: Membership, actor_id: int | None, now: datetime) -> None:
    announce(
        session,
        kind=f"mail:{email}",
        # SQLite gives the id of a declined request to the next one; the moment tells them apart.
        key=f"mail:{email}:{membership.id}:{int(membership.requested_at.timestamp())}",
        args=MembershipMessage(membership=membership.id),
        now=now,
        actor_id=actor_id,
        subject=Subject(SubjectKind.ORGANISATION, membership.organisation_id),
    )
