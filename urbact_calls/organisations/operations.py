"""Steps on organisations and memberships that commands compose."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.slugs import free_slug, slug_of
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import OrganisationCategory
from urbact_calls.organisations import queries
from urbact_calls.organisations.models import Membership, Organisation
from urbact_calls.reference.networks import regions

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


def find_or_create(session: Session, new: NewOrganisation, now: datetime) -> Organisation:
    """The organisation with this folded name, country and seat, or a new one."""
    known = same(session, new)
    return known or create(session, new, now)


def same(session: Session, new: NewOrganisation) -> Organisation | None:
    """The organisation of the same folded name, country and folded seat."""
    return next(
        (
            known
            for known in queries.namesakes(session, new.name, new.country)
            if fold(known.seat_city) == fold(new.seat_city)
        ),
        None,
    )


def create(session: Session, new: NewOrganisation, now: datetime) -> Organisation:
    """A new organisation; the category of its region follows from the region. Raises Refused if it exists."""
    region = regions().get(new.nuts2 or "")
    if new.nuts2 and (region is None or region.country != new.country):
        raise Refused(Refusal(REGION(), "nuts2"))
    organisation = Organisation(
        slug=free_slug(slug_of(new.name) or new.country.lower(), new.country, _TakenSlugs(session)),
        name=new.name,
        folded=fold(new.name),
        seat_city=new.seat_city,
        country=new.country,
        kind=new.category.kind,
        category=new.category,
        nuts2=new.nuts2,
        region_category=region.category if region else None,
        region_confidence=region.confidence if region else None,
        region_basis=new.region_basis if region else None,
        geonameid=new.geonameid,
        latitude=new.latitude,
        longitude=new.longitude,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(organisation)
    except IntegrityError as problem:
        # Somebody entered the same one, or took the same short name, in this second.
        raise Refused(already_here(new.name)) from problem
    return organisation


def already_here(name: str) -> Refusal:
    """What is said when an organisation exists."""
    return Refusal(EXISTS(name=name), "name")


def join(
    session: Session,
    organisation: Organisation,
    user_id: int,
    now: datetime,
    *,
    is_manager: bool = False,
    accepted_by: int | None = None,
) -> Membership:
    """Makes a person a member at once; nothing changes for somebody who is one."""
    known = queries.membership_for_update(session, organisation.id, user_id)
    if known is not None and known.accepted_at is not None:
        return known
    member = known or Membership(user_id=user_id, organisation_id=organisation.id, requested_at=now)
    member.accepted_at, member.accepted_by, member.is_manager = now, accepted_by, is_manager
    session.add(member)
    session.flush()
    return member


@dataclass(frozen=True, slots=True)
class _TakenSlugs(Container[str]):
    session: Session

    def __contains__(self, slug: object) -> bool:
        return self.session.scalar(select(Organisation.id).where(Organisation.slug == slug)) is not None
