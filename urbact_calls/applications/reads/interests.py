"""Who takes part in an application: the one answer for every page, list, count and file.

Whoever takes part loses every right of an office, of an assessor and of the committee on it, and on the ranking and
the decisions of its call (Regulation (EU, Euratom) 2018/1046, Article 61). Features above add ways to take part.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Set
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Subquery, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from urbact_calls.applications.models import Application, ApplicationAccess, Partner
from urbact_calls.domain.permissions import NO_INTERESTS, OFFICES, Actor, Interests
from urbact_calls.domain.vocabulary import Role
from urbact_calls.organisations.models import FormerMembership, Membership
from urbact_calls.organisations.reads import employers

Part = Callable[[datetime], Select[int, int]]
"""Selects the ids of applications and of the accounts that take part in them at an instant."""

PARTS: list[Part] = []


def takes_part(part: Part) -> Part:
    """Makes a way to take part in an application known."""
    PARTS.append(part)
    return part


@takes_part
def _has_a_place(now: datetime) -> Select[int, int]:
    return select(ApplicationAccess.application_id, ApplicationAccess.user_id)


@takes_part
def _works_for_a_partner(now: datetime) -> Select[int, int]:
    return (
        select(Partner.application_id, Membership.user_id)
        .join(Membership, Membership.organisation_id == Partner.organisation_id)
        .where(Membership.accepted_at.is_not(None))
    )


@takes_part
def _worked_for_a_partner(now: datetime) -> Select[int, int]:
    return (
        select(Partner.application_id, FormerMembership.user_id)
        .join(FormerMembership, FormerMembership.organisation_id == Partner.organisation_id)
        .where(FormerMembership.counts_until > now)
    )


def _parts(now: datetime) -> list[Subquery]:
    """Each way to take part, with columns of the same names."""
    found = []
    for part in PARTS:
        rows = part(now)
        application_id, user_id = rows.selected_columns
        found.append(
            rows.with_only_columns(application_id.label("application_id"), user_id.label("user_id")).subquery()
        )
    return found


def interests_of(session: Session, user_id: int, now: datetime) -> Interests:
    """What a person takes part in; one query."""
    own = union_all(*(select(part.c.application_id).where(part.c.user_id == user_id) for part in _parts(now)))
    rows = session.execute(select(Application.id, Application.call_id).where(Application.id.in_(own))).all()
    return Interests(frozenset(row.id for row in rows), frozenset(row.call_id for row in rows))


def who_takes_part(session: Session, application_ids: Collection[int], now: datetime) -> Mapping[int, Set[int]]:
    """The accounts that take part in each of these applications, by its id; one query."""
    found: dict[int, set[int]] = {number: set() for number in application_ids}
    parts = (select(part).where(part.c.application_id.in_(application_ids)) for part in _parts(now))
    for application_id, user_id in session.execute(union_all(*parts)):
        found[application_id].add(user_id)
    return found


def actor_of(session: Session, user_id: int, name: str, roles: frozenset[Role], now: datetime) -> Actor:
    """The actor that an account is at an instant; interests are read for those who hold an office."""
    interests = interests_of(session, user_id, now) if roles & OFFICES else NO_INTERESTS
    return Actor(user_id, name, roles, employers(user_id), interests)


def not_own(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Application` that somebody of the programme does not take part in it."""
    return Application.id.not_in(actor.interests.applications)


def not_competing(actor: Actor, call_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The condition on the id of a call that somebody of the programme takes part in none of its applications."""
    return call_id.not_in(actor.interests.calls)
