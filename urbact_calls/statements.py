"""Statements about a person that are built once: on a list, building one takes longer than its answer."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Date, Integer, Result, Select, bindparam
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import CompoundSelect

from urbact_calls.database import UtcDateTime
from urbact_calls.domain.permissions import NO_INTERESTS, Actor, Interests
from urbact_calls.domain.vocabulary import Role
from urbact_calls.domain.words import PARIS

NOW: BindParameter[datetime] = bindparam("now", type_=UtcDateTime())
"""The instant of which a statement asks."""

_DAYS_AHEAD: set[int] = set()


def day_in(days: int) -> BindParameter[date]:
    """The day in Paris so many days after `NOW`; 0 is today. `ask` fills it in wherever it is given `now`."""
    _DAYS_AHEAD.add(days)
    return bindparam(f"day_in_{days}", type_=Date())


def _days(now: datetime) -> dict[str, date]:
    today = now.astimezone(PARIS).date()
    return {f"day_in_{days}": today + timedelta(days=days) for days in _DAYS_AHEAD}


Statement = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]


class _UserParameter(int):
    """The id of an account in a statement that is built once."""

    def __clause_element__(self) -> BindParameter[int]:
        return bindparam("user_id", type_=Integer)


class _IdsParameter(frozenset[int]):
    """Ids in a statement that is built once, at least one: who has none may be asked a shorter statement.

    They can be compared with a column, and nothing else: nobody knows yet which they are.
    """

    name: str

    @classmethod
    def named(cls, name: str) -> _IdsParameter:
        ids = cls()
        ids.name = name
        return ids

    def __clause_element__(self) -> BindParameter[Any]:
        return bindparam(self.name, type_=Integer, expanding=True)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[int]:
        raise TypeError(f"which {self.name} there are is known only when the statement is asked")

    def __len__(self) -> int:
        raise TypeError(f"how many {self.name} there are is known only when the statement is asked")

    def __contains__(self, value: object) -> bool:
        raise TypeError(f"which {self.name} there are is known only when the statement is asked")


def ask(
    session: Session, build: Callable[..., Statement], actor: Actor, *about: Hashable, **values: Any
) -> Result[*tuple[Any, ...]]:
    """What the statement finds that `build(actor, *about)` makes.

    It is built once for all who hold the same roles, so the actor that `build` gets has the roles of this one; the
    account, its organisations and its interests are parameters. `about` says what else the statement depends on;
    `values` are its other parameters, such as `now` for `NOW`. `build` must be a function of a module.
    """
    interests = actor.interests
    statement = _built(
        build,
        actor.roles,
        actor.user_id is not None,
        bool(actor.organisation_ids),
        bool(interests.applications),
        bool(interests.calls),
        about,
    )
    asked = {
        "user_id": actor.user_id,
        "organisations": actor.organisation_ids,
        "own_applications": interests.applications,
        "own_calls": interests.calls,
    }
    days = _days(values["now"]) if "now" in values else {}
    return session.execute(statement, {**asked, **days, **values})


@lru_cache(maxsize=256)
def _built(  # noqa: PLR0913 -- what a statement can depend on
    build: Callable[..., Statement],
    roles: frozenset[Role],
    is_signed_in: bool,
    has_organisations: bool,
    has_applications: bool,
    has_calls: bool,
    about: tuple[Hashable, ...],
) -> Statement:
    applications = _IdsParameter.named("own_applications") if has_applications else NO_INTERESTS.applications
    calls = _IdsParameter.named("own_calls") if has_calls else NO_INTERESTS.calls
    asker = Actor(
        user_id=_UserParameter() if is_signed_in else None,
        roles=roles,
        organisation_ids=_IdsParameter.named("organisations") if has_organisations else frozenset(),
        interests=Interests(applications, calls),
    )
    return build(asker, *about)
