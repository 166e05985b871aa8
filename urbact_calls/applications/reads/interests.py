"""Who takes part in an application: the one answer for every page, list, count and file.

Whoever takes part loses every right of an office, of an assessor and of the committee on it, and on the ranking and
the decisions of its call (Regulation (EU, Euratom) 2018/1046, Article 61). Features above add ways to take part.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    Subquery,
    bindparam,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from urbact_calls.accounts import reads as accounts
from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application, ApplicationAccess, Partner
from urbact_calls.database import UtcDateTime
from urbact_calls.domain.permissions import NO_INTERESTS, OFFICES, Actor, Interests
from urbact_calls.domain.vocabulary import Role
from urbact_calls.organisations.models import FormerMembership, Membership
from urbact_calls.organisations.reads import employers, employers_of_each, works_for


class Instants:
    """The instant of which a statement asks, and those some time before it, as parameters: it is built once."""

    def __init__(self) -> None:
        self._names: dict[timedelta, str] = {}

    def before(self, span: timedelta) -> BindParameter[datetime]:
        return bindparam(self._names.setdefault(span, f"now_{len(self._names)}"), type_=UtcDateTime())

    @property
    def now(self) -> BindParameter[datetime]:
        return self.before(timedelta(0))

    def at(self, now: datetime) -> dict[str, datetime]:
        """What the parameters are at an instant."""
        return {name: now - span for span, name in self._names.items()}


Part = Callable[[Instants], Select[int, int]]
"""Selects the ids of applications and of the accounts that take part in them at an instant."""

PARTS: list[Part] = []


def takes_part(part: Part) -> Part:
    """Makes a way to take part in an application known."""
    PARTS.append(part)
    return part


@takes_part
def _has_a_place(instants: Instants) -> Select[int, int]:
    return select(ApplicationAccess.application_id, ApplicationAccess.user_id)


@takes_part
def _works_for_a_partner(instants: Instants) -> Select[int, int]:
    return (
        select(Partner.application_id, Membership.user_id)
        .join(Membership, Membership.organisation_id == Partner.organisation_id)
        .where(Membership.accepted_at.is_not(None))
    )


@takes_part
def _worked_for_a_partner(instants: Instants) -> Select[int, int]:
    return (
        select(Partner.application_id, FormerMembership.user_id)
        .join(FormerMembership, FormerMembership.organisation_id == Partner.organisation_id)
        .where(FormerMembership.counts_until > instants.now)
    )


# Each request of somebody with an office asks; to build the statement again took a fifth of its time.


@cache
def _rows(parts: tuple[Part, ...]) -> tuple[Instants, tuple[Subquery, ...]]:
    """Each way to take part, with columns of the same names, and what they ask of instants."""
    instants, found = Instants(), []
    for part in parts:
        rows = part(instants)
        application_id, user_id = rows.selected_columns
        named = rows.with_only_columns(application_id.label("application_id"), user_id.label("user_id"))
        found.append(named.subquery())
    return instants, tuple(found)


@cache
def _own(parts: tuple[Part, ...]) -> tuple[Instants, CompoundSelect[Any, Any, Any]]:
    """The applications in which the person `user_id` takes part and their calls, and the organisations that he or she
    works for."""
    instants, ways = _rows(parts)
    user_id: BindParameter[int] = bindparam("user_id")
    own = union_all(*(select(rows.c.application_id).where(rows.c.user_id == user_id) for rows in ways))
    applications = select(Application.id, Application.call_id, null().label("organisation_id"))
    return instants, union_all(
        applications.where(Application.id.in_(own)),
        select(null(), null(), Membership.organisation_id).where(works_for(user_id)),
    )


def _employers_and_interests(session: Session, user_id: int, now: datetime) -> tuple[frozenset[int], Interests]:
    """The organisations that a person works for, and what he or she takes part in; one query."""
    instants, own = _own(tuple(PARTS))
    rows = session.execute(own, {"user_id": user_id, **instants.at(now)}).all()
    organisations = frozenset(row.organisation_id for row in rows if row.organisation_id is not None)
    taken = [row for row in rows if row.id is not None]
    return organisations, Interests(frozenset(row.id for row in taken), frozenset(row.call_id for row in taken))


def interests_of(session: Session, user_id: int, now: datetime) -> Interests:
    """What a person takes part in; one query."""
    return _employers_and_interests(session, user_id, now)[1]


@cache
def _everybody(parts: tuple[Part, ...], is_among: bool) -> tuple[Instants, CompoundSelect[int, int]]:
    """Who takes part in the `applications`, perhaps only those `among` others."""
    instants, ways = _rows(parts)
    of_these: BindParameter[Any] = bindparam("applications", expanding=True)
    among: BindParameter[Any] = bindparam("among", expanding=True)
    asked = [select(rows).where(rows.c.application_id.in_(of_these)) for rows in ways]
    if is_among:
        asked = [each.where(rows.c.user_id.in_(among)) for each, rows in zip(asked, ways, strict=True)]
    return instants, union_all(*asked)


def who_takes_part(
    session: Session, application_ids: Collection[int], now: datetime, *, among: Collection[int] | None = None
) -> Mapping[int, Set[int]]:
    """The accounts that take part in each of these applications, by its id, perhaps only those of them that are
    `among` some; one query."""
    found: dict[int, set[int]] = {number: set() for number in application_ids}
    instants, everybody = _everybody(tuple(PARTS), among is not None)
    of_these = {"applications": list(application_ids), "among": list(among or ())}
    for application_id, user_id in session.execute(everybody, {**of_these, **instants.at(now)}):
        found[application_id].add(user_id)
    return found


def actor_of(session: Session, user_id: int, name: str, roles: frozenset[Role], now: datetime) -> Actor:
    """The actor that an account is at an instant; interests are read for those who hold an office. One query."""
    if roles & OFFICES:
        return Actor(user_id, name, roles, *_employers_and_interests(session, user_id, now))
    return Actor(user_id, name, roles, employers(user_id), NO_INTERESTS)


def actors_of(session: Session, moments: Sequence[tuple[int, datetime]]) -> list[Actor | None]:
    """The actor that each of these accounts is at the instant beside it; None for one that is gone. Interests are read
    for each who holds an office, all else in two queries."""
    ids = {user_id for user_id, _ in moments}
    users, employed = accounts.by_ids(session, ids), employers_of_each(session, ids)
    return [
        _actor(session, users[user_id], employed[user_id], now) if user_id in users else None
        for user_id, now in moments
    ]


def _actor(session: Session, user: User, organisation_ids: frozenset[int], now: datetime) -> Actor:
    roles = frozenset(grant.role for grant in user.grants)
    interests = interests_of(session, user.id, now) if roles & OFFICES else NO_INTERESTS
    return Actor(user.id, user.name, roles, organisation_ids, interests)


def not_own(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Application` that somebody of the programme does not take part in it."""
    return Application.id.not_in(actor.interests.applications)


def not_competing(actor: Actor, call_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The condition on the id of a call that somebody of the programme takes part in none of its applications."""
    return call_id.not_in(actor.interests.calls)
