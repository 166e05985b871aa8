"""Reading organisations and who works for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from urbact_calls.accounts.models import User
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.permissions import administrator, office
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.organisations.models import Membership, Organisation
from urbact_calls.subjects import Named, SubjectPolicy, register

SHORTEST_SEARCH = 3
MOST_RESULTS = 10


def by_id(session: Session, organisation_id: int) -> Organisation:
    """One organisation. Raises NotFound."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound(f"organisation {organisation_id}")
    return organisation


def by_slug(session: Session, slug: str) -> Organisation:
    """One organisation with the people who work or ask to work for it. Raises NotFound."""
    organisation = session.scalar(
        select(Organisation)
        .where(Organisation.slug == slug)
        .options(selectinload(Organisation.memberships).joinedload(Membership.user))
    )
    if organisation is None:
        raise NotFound(f"organisation {slug}")
    return organisation


def of_user(session: Session, user_id: int) -> Sequence[Organisation]:
    """The organisations that a person works for, by name."""
    return session.scalars(
        select(Organisation)
        .join(Organisation.memberships)
        .where(Membership.user_id == user_id, Membership.accepted_at.is_not(None))
        .order_by(Organisation.folded, Organisation.id)
    ).all()


def memberships_of(session: Session, user_id: int) -> Sequence[Membership]:
    """Where a person works and asks to work, with the organisations, by name."""
    return session.scalars(
        select(Membership)
        .join(Membership.organisation)
        .where(Membership.user_id == user_id)
        .options(contains_eager(Membership.organisation))
        .order_by(Organisation.folded, Organisation.id)
    ).all()


def search(session: Session, text: str, country: str | None = None) -> Sequence[Organisation]:
    """Organisations whose name or seat contains the text, however it is spelled; at most 10, by name.

    None for fewer than 3 characters. Those whose name begins with the text come first.
    """
    folded = fold(text)
    if len(folded) < SHORTEST_SEARCH or not text.isprintable():
        return []
    query = select(Organisation).where(Organisation.folded.contains(folded, autoescape=True))
    if country:
        query = query.where(Organisation.country == country)
    begins = Organisation.folded.startswith(folded, autoescape=True)
    return session.scalars(
        query.order_by(begins.desc(), Organisation.folded, Organisation.seat_city, Organisation.id).limit(MOST_RESULTS)
    ).all()


def namesakes(session: Session, name: str, country: str) -> Sequence[Organisation]:
    """Organisations of a country with the same folded name, by seat."""
    return session.scalars(
        select(Organisation)
        .where(Organisation.folded == fold(name), Organisation.country == country)
        .order_by(Organisation.seat_city, Organisation.id)
    ).all()


def membership_for_update(session: Session, organisation_id: int, user_id: int) -> Membership | None:
    """The place of a person in an organisation, locked; None if there is none."""
    return session.scalar(
        select(Membership)
        .where(Membership.organisation_id == organisation_id, Membership.user_id == user_id)
        .with_for_update()
    )


def open_requests(session: Session) -> Sequence[Membership]:
    """All requests to join that nobody has answered, oldest first, with person and organisation."""
    return session.scalars(
        select(Membership)
        .where(Membership.accepted_at.is_(None))
        .options(joinedload(Membership.user), joinedload(Membership.organisation))
        .order_by(Membership.requested_at, Membership.id)
        .limit(200)
    ).all()


def has_manager(session: Session, organisation_id: int) -> bool:
    """Whether somebody can accept requests for this organisation."""
    count = session.scalar(
        select(func.count()).where(
            Membership.organisation_id == organisation_id,
            Membership.is_manager,
            Membership.accepted_at.is_not(None),
        )
    )
    return bool(count)


def managers(session: Session, organisation_id: int) -> Sequence[User]:
    """The people who act for an organisation and can be written to, in the order in which they came."""
    return session.scalars(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.is_manager,
            Membership.accepted_at.is_not(None),
            User.confirmed_at.is_not(None),
            User.disabled_at.is_(None),
        )
        .order_by(User.id)
    ).all()


def count_of_members(session: Session, organisation_id: int) -> int:
    """How many people work for an organisation."""
    return (
        session.scalar(
            select(func.count()).where(
                Membership.organisation_id == organisation_id, Membership.accepted_at.is_not(None)
            )
        )
        or 0
    )


def _names(session: Session, ids: Collection[int]) -> Mapping[int, Named]:
    rows = session.execute(
        select(Organisation.id, Organisation.name, Organisation.slug).where(Organisation.id.in_(ids))
    )
    return {row.id: Named(f"Organisation {row.name}", "organisations.show", {"slug": row.slug}) for row in rows}


register(SubjectPolicy(kind=SubjectKind.ORGANISATION, may_see=office | administrator, names=_names))
