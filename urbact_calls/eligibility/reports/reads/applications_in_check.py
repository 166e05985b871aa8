"""Applications in the eligibility check: the list of a call with its filters and their counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, select
from sqlalchemy.orm import Session

from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application, Partner
from urbact_calls.applications.officers.reads import MINE, NOBODYS, is_whose
from urbact_calls.applications.reads.interests import not_own
from urbact_calls.calls.models import Call
from urbact_calls.database import found_in
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import ApplicationState, PartnerRole
from urbact_calls.organisations.models import Organisation
from urbact_calls.paging import Page, page_of

# Named one by one, for an index of states cannot be searched for "any other".
_IN_THE_LIST = tuple(state for state in ApplicationState if state is not ApplicationState.DRAFT)
FINDINGS_FILTERS = {"unmet": "Any rule not met", "open": "Needs a person", "met": "All met"}
_HAS = {
    "unmet": Application.unmet_findings > 0,
    "open": Application.open_findings > 0,
    "met": and_(Application.unmet_findings == 0, Application.open_findings == 0),
}


def _wanted(filters: CheckFilters) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if filters.states:
        wanted.append(Application.state.in_(filters.states))
    if filters.text:
        columns = (Application.reference, Application.acronym, Application.title, Organisation.seat_city)
        wanted.append(found_in(filters.text, *columns))
    if filters.findings:
        wanted.append(_HAS[filters.findings])
    return wanted


def counts(session: Session, call_id: int, actor: Actor) -> CheckCounts:
    """The counts of the filters, in one query of an index."""
    has = {
        **_HAS,
        MINE: Application.handled_by == actor.user_id,
        NOBODYS: Application.handled_by.is_(None),
    }
    rows = session.execute(
        select(
            Application.state,
            func.count().label("total"),
            *(func.count().filter(condition).label(name) for name, condition in has.items()),
        )
        .where(Application.call_id == call_id, Application.state.in_(_IN_THE_LIST), not_own(actor))
        .group_by(Application.state)
    ).all()
    by_state = {row.state: row.total for row in rows}
    found = {name: sum(row._mapping[name] for row in rows) for name in has}
    return CheckCounts(
        by_state={state: by_state[state] for state in ApplicationState if state in by_state},
        findings={name: found[name] for name in _HAS},
        whose={name: found[name] for name in (MINE, NOBODYS)},
    )


def calls_in_check(session: Session) -> Sequence[Call]:
    """The calls that applications were handed in to, the last to close first."""
    handed_in = exists().where(Application.call_id == Call.id, Application.state != ApplicationState.DRAFT)
    return session.scalars(select(Call).where(handed_in).order_by(Call.closes_at.desc(), Call.code)).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFilters:
    """What the office looks for in the applications of one call; `after` is the number of the last one it has seen."""

    states: tuple[ApplicationState, ...] = ()
    findings: str = ""
    whose: str = ""
    text: str = ""
    after: int = 0


def applications_in_check(
    session: Session, call_id: int, filters: CheckFilters, actor: Actor, *, size: int
) -> Page[Row[*tuple[Any, ...]]]:
    """The applications of a call that were ever handed in, by number, from the one after `filters.after`: each with
    place and country of its lead partner, how many partners it has, and who handles it."""
    partners = select(func.count(Partner.id)).where(Partner.application_id == Application.id).correlate(Application)
    query = (
        select(
            *(Application.number, Application.reference, Application.acronym, Application.title, Application.state),
            *(Application.report_kind, Application.unmet_findings, Application.open_findings),
            *(Organisation.seat_city, Organisation.country, User.name.label("handler")),
            partners.scalar_subquery().label("partners"),
        )
        .outerjoin(Partner, and_(Partner.application_id == Application.id, Partner.role == PartnerRole.LEAD))
        .outerjoin(Organisation, Organisation.id == Partner.organisation_id)
        .outerjoin(User, User.id == Application.handled_by)
        .where(
            Application.call_id == call_id,
            Application.state != ApplicationState.DRAFT,
            Application.number > filters.after,
            not_own(actor),
            *_wanted(filters),
            *is_whose(filters.whose, actor),
        )
        .order_by(Application.number)
        .limit(size + 1)
    )
    return page_of(session.execute(query).all(), size=size, key=lambda row: str(row.number))


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCounts:
    """How many applications of a call are in each state, with each kind of finding and of each handler, unfiltered."""

    by_state: Mapping[ApplicationState, int]
    findings: Mapping[str, int]
    whose: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_state.values())
