"""Reads of organisations: search, members, and the status of their region."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager, joinedload, selectinload

from urbact_calls.accounts.models import RoleGrant, User
from urbact_calls.database import db, existing
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.permissions import Actor, administrator, auditor, office
from urbact_calls.domain.refusal import or_not_found
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.terms import CallTerms, CofinancingTerm
from urbact_calls.domain.vocabulary import CountryGroup, RegionCategory, Role
from urbact_calls.organisations.models import BETWEEN_NAMES, Membership, Organisation, RegionConfirmation
from urbact_calls.places import reads as places
from urbact_calls.record.reads.field_words import FieldWords, describes
from urbact_calls.reference.countries import country_name, programme_countries
from urbact_calls.reference.known_networks import Region, regions
from urbact_calls.subjects import Named, register


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionStatus:
    """The region of one organisation, and the word of an officer that still holds."""

    organisation: Organisation
    confirmation: RegionConfirmation | None = None

    @property
    def region(self) -> Region | None:
        return regions().get(self.organisation.nuts2 or "")

    @property
    def category(self) -> RegionCategory | None:
        return self.organisation.region_category

    @property
    def has_category(self) -> bool:
        """False outside the European Union, where no region counts."""
        country = programme_countries().get(self.organisation.country)
        return country is not None and country.group is CountryGroup.MS

    @property
    def words(self) -> str:
        """The region with its code, or what is not known."""
        if self.region is not None:
            return f"{self.region.name} ({self.region.nuts2})"
        return "Not known" if self.has_category else "Does not count outside the European Union"

    @property
    def basis(self) -> str:
        """How the region was found; empty where there is none."""
        return BASES.get(self.organisation.region_basis or "", "") if self.region else ""

    @property
    def confidence(self) -> str:
        """How sure the category is: the word of an officer counts most."""
        if self.confirmation is not None:
            return "confirmed by the Joint Secretariat"
        if self.category is None:
            return "not known" if self.has_category else ""
        return f"confidence {self.organisation.region_confidence or 'not known'}"

    @property
    def source(self) -> str:
        """Where the category of the region is known from."""
        return self.region.provenance if self.region else ""

    @property
    def is_settled(self) -> bool:
        """Whether a verdict may rest on it: confirmed, or of a country where no region counts."""
        return self.confirmation is not None or not self.has_category

    @property
    def is_ready(self) -> bool:
        """Whether an officer can confirm it with one tick: it came from the table or a page, not from a person."""
        return self.category is not None and self.organisation.region_basis in ("place", "source")

    def rate(self, terms: CallTerms) -> CofinancingTerm | None:
        """The most a fund pays of its budget in this call; None where that is not known."""
        country = self.organisation.country
        return terms.cofinancing_for(country, self.category) if terms.admits(country) else None

    @property
    def country_name(self) -> str:
        return country_name(self.organisation.country)


def region_statuses(session: Session, organisations: Sequence[Organisation]) -> list[RegionStatus]:
    """Where the region of each organisation stands, in their order; one query for all of them."""
    known = confirmations(session, [each.id for each in organisations])
    return [
        RegionStatus(organisation=each, confirmation=_that_holds(each, known.get(each.id))) for each in organisations
    ]


def _that_holds(organisation: Organisation, said: Sequence[RegionConfirmation] | None) -> RegionConfirmation | None:
    """The newest confirmation, unless the organisation has another region or category since."""
    newest = said[0] if said else None
    has = (organisation.nuts2, organisation.region_category)
    return newest if newest is not None and (newest.nuts2, newest.region_category) == has else None


SHORTEST_SEARCH = 3
MOST_RESULTS = 10
MOST_WORDS = 8


def by_id(session: Session, organisation_id: int) -> Organisation:
    """One organisation. Raises NotFound."""
    return or_not_found(session.get(Organisation, organisation_id), f"organisation {organisation_id}")


def by_slug(session: Session, slug: str) -> Organisation:
    """One organisation with the people who work or ask to work for it. Raises NotFound."""
    people = selectinload(Organisation.memberships).joinedload(Membership.user)
    query = select(Organisation).where(Organisation.slug == slug).options(people)
    return existing(session, query, f"organisation {slug}")


def of_user(session: Session, user_id: int) -> Sequence[Organisation]:
    """The organisations that a person works for, by name."""
    return [each.organisation for each in memberships_of(session, user_id) if each.accepted_at is not None]


def memberships_of(session: Session, user_id: int) -> Sequence[Membership]:
    """Where a person works and asks to work, with the organisations, by name."""
    return session.scalars(
        select(Membership)
        .join(Membership.organisation)
        .where(Membership.user_id == user_id)
        .options(contains_eager(Membership.organisation))
        .order_by(Organisation.folded, Organisation.id)
    ).all()


@dataclass(frozen=True, slots=True)
class OrganisationsFound:
    """What a search found. `is_near` says that none is called so, and these are called nearly so."""

    rows: Sequence[Organisation] = ()
    is_near: bool = False


def search(session: Session, text: str, country: str | None = None) -> OrganisationsFound:
    """Organisations that are called so, as `is_called` says; at most 10, by name. Where there is none, those in whose
    name, or that of their seat, a letter or two differ.

    Nothing for fewer than 3 letters. Those whose name begins with the text come first.
    """
    folded = fold(text)
    if len(folded) < SHORTEST_SEARCH:
        return OrganisationsFound()
    here = [Organisation.country == country] if country else []
    begins = Organisation.folded.startswith(folded, autoescape=True)
    order = (begins.desc(), Organisation.folded, Organisation.seat_city, Organisation.id)
    query = select(Organisation).where(*here).order_by(*order).limit(MOST_RESULTS)
    found = session.scalars(query.where(is_called(text))).all()
    if found:
        return OrganisationsFound(found)
    names = select(Organisation.id, Organisation.folded, Organisation.other_names).where(*here)
    near = [id_ for id_, name, others in session.execute(names) if places.is_near(folded, _names_in(name, others))]
    seats = [place.id for place in places.search(session, text, country=country or "").rows]
    alike = or_(Organisation.id.in_(near), Organisation.geonameid.in_(seats))
    return OrganisationsFound(session.scalars(query.where(alike)).all(), is_near=True)


def _names_in(name: str, others: str | None) -> set[str]:
    """A folded name and those of its seat, each as a whole and word by word."""
    whole = {name, *(others or "").split(BETWEEN_NAMES)}
    return whole | {word for each in whole for word in each.split()}


def is_called(text: str) -> ColumnElement[bool]:
    """The condition that each word of a text stands in the name of an organisation or in a name of its seat, or that
    the text begins a name by which people call that place. Nothing is called by signs alone."""
    words = words_of(text)
    if not words:
        return false()
    names = (Organisation.folded, Organisation.other_names)
    named = and_(*(or_(*(column.contains(word, autoescape=True) for column in names)) for word in words))
    if len(fold(text)) < SHORTEST_SEARCH:
        return named
    return or_(named, Organisation.geonameid.in_(places.beginning_so(text)))


def words_of(text: str) -> list[str]:
    """The words of a search, folded; none where there are only signs."""
    return fold(text).split()[:MOST_WORDS]


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


def open_requests(session: Session, actor: Actor) -> Sequence[Membership]:
    """The requests to join that nobody has answered, oldest first, with person and organisation: those that the actor
    may answer for the office, so neither one's own nor those of one's own organisations."""
    return session.scalars(
        select(Membership)
        .where(
            Membership.accepted_at.is_(None),
            Membership.user_id != actor.user_id,
            Membership.organisation_id.not_in(actor.organisation_ids),
        )
        .options(joinedload(Membership.user), joinedload(Membership.organisation))
        .order_by(Membership.requested_at, Membership.id)
        .limit(200)
    ).all()


def confirmable_by(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Membership` and `Organisation` that this is a manager whom the actor may confirm: the office
    all, a National URBACT Point those of its country; not oneself, and nobody of one's own organisations."""
    return and_(
        Membership.is_manager,
        Membership.accepted_at.is_not(None),
        Membership.confirmed_at.is_(None),
        Membership.organisation_id.not_in(actor.organisation_ids),
        true() if office(actor) else Organisation.country.in_(countries_of(actor)),
    )


def unconfirmed_managers(session: Session, actor: Actor) -> Sequence[Membership]:
    """The managers whom this actor may confirm, oldest first, with person and organisation."""
    return session.scalars(
        select(Membership)
        .join(Membership.organisation)
        .where(confirmable_by(actor))
        .options(joinedload(Membership.user), contains_eager(Membership.organisation))
        .order_by(Membership.accepted_at, Membership.id)
        .limit(200)
    ).all()


def unconfirmed(session: Session, organisation_ids: Collection[int]) -> Sequence[str]:
    """The names of those of these organisations whose managers nobody has confirmed, in the order of their names."""
    return session.scalars(
        select(Organisation.name)
        .where(Organisation.id.in_(organisation_ids), is_unconfirmed(Organisation.id))
        .order_by(Organisation.folded, Organisation.id)
    ).all()


def is_unconfirmed(organisation_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The condition on the id of an organisation that it has managers, and that nobody has confirmed one of them."""
    managed = exists().where(
        Membership.organisation_id == organisation_id, Membership.is_manager, Membership.accepted_at.is_not(None)
    )
    return and_(managed, ~managed.where(Membership.confirmed_at.is_not(None)))


def countries_of(actor: Actor) -> Select[Any]:
    """The countries for which the actor is the National URBACT Point."""
    return select(RoleGrant.country).where(
        RoleGrant.user_id == actor.user_id, RoleGrant.role == Role.NATIONAL_POINT, RoleGrant.country.is_not(None)
    )


def has_manager(session: Session, organisation_id: int) -> bool:
    """Whether somebody can accept requests for this organisation."""
    return bool(session.scalar(_count_of_members(organisation_id).where(Membership.is_manager)))


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
    return session.scalar(_count_of_members(organisation_id)) or 0


def _count_of_members(organisation_id: int) -> Select[int]:
    return select(func.count()).where(
        Membership.organisation_id == organisation_id, Membership.accepted_at.is_not(None)
    )


def _names(session: Session, ids: Collection[int]) -> Mapping[int, Named]:
    rows = session.execute(
        select(Organisation.id, Organisation.name, Organisation.slug).where(Organisation.id.in_(ids))
    )
    return {row.id: Named(f"Organisation {row.name}", "organisations.show", {"slug": row.slug}) for row in rows}


def _found(session: Session, text: str) -> Sequence[int]:
    return session.scalars(select(Organisation.id).where(Organisation.slug == text.lower())).all()


register(
    SubjectKind.ORGANISATION,
    may_see=office | auditor | administrator,
    may_open=office | auditor,
    names=_names,
    found=_found,
)


@describes(SubjectKind.ORGANISATION, rights=("member.%", "manager.%", "request.%"))
def _field(name: str) -> FieldWords | None:
    what, _, number = name.partition(".")
    labels = {"member": "Works here", "manager": "Manager", "request": "Asks to join"}
    if what in labels and number.isdigit():
        return FieldWords(labels[what], person=int(number))
    return FieldWords("Region") if name == "region" else None


def employers(user_id: int) -> frozenset[int]:
    """The organisations whose request of this person was accepted."""
    return frozenset(db.session.scalars(_EMPLOYERS, {"user_id": user_id}))


def works_for(user_id: int | BindParameter[int]) -> ColumnElement[bool]:
    """The condition on `Membership` that this person's request was accepted."""
    return and_(Membership.user_id == user_id, Membership.accepted_at.is_not(None))


# Each request of somebody who is signed in asks.
_EMPLOYERS = select(Membership.organisation_id).where(works_for(bindparam("user_id", type_=Integer)))


def employers_of_each(session: Session, user_ids: Collection[int]) -> Mapping[int, frozenset[int]]:
    """The same for some people, by their ids; one query."""
    found: dict[int, frozenset[int]] = dict.fromkeys(user_ids, frozenset())
    columns = (Membership.user_id, Membership.organisation_id)
    accepted = select(*columns).where(Membership.user_id.in_(user_ids), Membership.accepted_at.is_not(None))
    for user_id, organisation_id in session.execute(accepted):
        found[user_id] |= {organisation_id}
    return found


BASES = {
    "place": "from the place and its division",
    "source": "from a published page about the network",
    "chosen": "chosen by a person",
    "officer": "corrected by the Joint Secretariat",
}


def confirmations(session: Session, organisation_ids: Iterable[int]) -> dict[int, list[RegionConfirmation]]:
    """What officers have said about the regions of these organisations, the newest first."""
    found: dict[int, list[RegionConfirmation]] = {}
    rows = session.scalars(
        select(RegionConfirmation)
        .where(RegionConfirmation.organisation_id.in_(list(organisation_ids)))
        .options(joinedload(RegionConfirmation.officer))
        .order_by(RegionConfirmation.id.desc())
    )
    for row in rows:
        found.setdefault(row.organisation_id, []).append(row)
    return found
