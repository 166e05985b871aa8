"""Reads of the catalogue: networks and cities, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.orm import Session

from urbact_calls.catalogue.reads import published_columns
from urbact_calls.catalogue.reads.catalogue_search import (
    AnySelect,
    CatalogueFilters,
    asked_of_cities,
    asked_of_networks,
    in_a_real_network,
)
from urbact_calls.catalogue.reads.published_columns import (
    CityShown,
    MemberShown,
    NetworkShown,
    PlanShown,
    RecommendationShown,
    StageShown,
    UnnamedShown,
    shown,
)
from urbact_calls.domain.refusal import or_not_found
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.vocabulary import NetworkState
from urbact_calls.domain.words import day
from urbact_calls.networks.models import LocalGroup, Member, Network, NetworkStage, Plan, Recommendation, UnnamedMember
from urbact_calls.organisations.models import Organisation
from urbact_calls.paging import Page, in_order

PAGE_SIZE = 24

AnyRow = Row[*tuple[Any, ...]]


# Each query is a function without a session, so that a test can read its SQL.


def networks_query(filters: CatalogueFilters) -> AnySelect:
    return select(*published_columns.NETWORK).where(*asked_of_networks(filters))


def network_query(slug: str) -> AnySelect:
    return select(*published_columns.NETWORK).where(Network.slug == slug)


def every_network_query() -> AnySelect:
    """All real networks, for the map of the first page."""
    return select(*published_columns.NETWORK).where(Network.is_demonstration.is_(False)).order_by(Network.slug)


def networks_of_query(organisation_ids: Sequence[int]) -> AnySelect:
    """The real networks of some cities, with the city's id in front; the demonstration is nobody's record."""
    return (
        select(Member.organisation_id, *published_columns.NETWORK)
        .join(Member, Member.network_id == Network.id)
        .where(Member.organisation_id.in_(organisation_ids), Network.is_demonstration.is_(False))
        .order_by(Network.starts_on.desc(), Network.slug)
    )


def members_query(network_ids: Sequence[int]) -> AnySelect:
    return (
        select(*published_columns.MEMBER)
        .join(Organisation, Organisation.id == Member.organisation_id)
        .where(Member.network_id.in_(network_ids))
        .order_by(Member.network_id, Member.position)
    )


def unnamed_query(network_id: int) -> AnySelect:
    """The members of a network that its source does not name."""
    return (
        select(*published_columns.UNNAMED).where(UnnamedMember.network_id == network_id).order_by(UnnamedMember.number)
    )


def local_groups_query(network_id: int) -> AnySelect:
    return (
        select(*published_columns.LOCAL_GROUP)
        .join(Member, Member.id == LocalGroup.member_id)
        .where(Member.network_id == network_id)
    )


def plans_query(network_id: int) -> AnySelect:
    return (
        select(*published_columns.PLAN)
        .join(Member, Member.id == Plan.member_id)
        .where(Member.network_id == network_id)
        .order_by(Plan.member_id, Plan.kind)
    )


def recommendations_query(network_id: int) -> AnySelect:
    """What the network recommends, as far as it is published."""
    return (
        select(*published_columns.RECOMMENDATION)
        .outerjoin(Member, Member.id == Recommendation.member_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Recommendation.network_id == network_id, Recommendation.published_on.is_not(None))
        .order_by(Recommendation.published_on, Recommendation.id)
    )


def stages_query(network_id: int) -> AnySelect:
    return select(*published_columns.STAGE).where(NetworkStage.network_id == network_id).order_by(NetworkStage.position)


def cities_query(filters: CatalogueFilters) -> AnySelect:
    """Members of real networks."""
    return select(*published_columns.CITY).where(*asked_of_cities(filters))


def city_query(slug: str) -> AnySelect:
    return select(*published_columns.CITY).where(Organisation.slug == slug, in_a_real_network())


def totals_query() -> Select[int, int, int]:
    """How many networks, members and countries the catalogue holds; the demonstration does not count."""
    return (
        select(
            func.count(Network.id.distinct()).label("networks"),
            func.count(Member.organisation_id.distinct()).label("members"),
            func.count(Organisation.country.distinct()).label("countries"),
        )
        .select_from(Network)
        .outerjoin(Member, Member.network_id == Network.id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Network.is_demonstration.is_(False))
    )


def networks(
    session: Session, filters: CatalogueFilters, *, after: str | None, size: int = PAGE_SIZE
) -> Page[NetworkShown]:
    """A page of networks with their members; two queries."""
    page = in_order(session, networks_query(filters), Network.slug, after=after, size=size)
    return Page(_with_members(session, page.rows), page.after)


def network(session: Session, slug: str) -> NetworkShown:
    """One network with members, Local Groups, plans, recommendations and stages; seven queries. Raises NotFound."""
    row = or_not_found(session.execute(network_query(slug)).one_or_none(), f"network {slug}")
    groups = {group.member_id: group for group in session.execute(local_groups_query(row.id))}
    plans: dict[int, list[PlanShown]] = defaultdict(list)
    for plan in session.execute(plans_query(row.id)):
        plans[plan.member_id].append(shown(PlanShown, plan))
    members = []
    for member in session.execute(members_query([row.id])):
        group = groups.get(member.id)
        contact = {"coordinator": group.coordinator, "contact": group.contact} if group else {}
        members.append(shown(MemberShown, member, plans=tuple(plans[member.id]), **contact))
    return shown(
        NetworkShown,
        row,
        members=tuple(members),
        unnamed=tuple(shown(UnnamedShown, each) for each in session.execute(unnamed_query(row.id))),
        recommendations=tuple(
            shown(RecommendationShown, each) for each in session.execute(recommendations_query(row.id))
        ),
        stages=tuple(shown(StageShown, each) for each in session.execute(stages_query(row.id))),
    )


def every_network(session: Session) -> list[NetworkShown]:
    """All real networks with their members, for the map; two queries."""
    return _with_members(session, session.execute(every_network_query()).all())


def cities(session: Session, filters: CatalogueFilters, *, after: str | None, size: int = PAGE_SIZE) -> Page[CityShown]:
    """A page of member cities and other members, each with its networks; two queries."""
    page = in_order(session, cities_query(filters), Organisation.slug, after=after, size=size)
    return Page(_with_networks(session, page.rows), page.after)


def city(session: Session, slug: str) -> CityShown:
    """One member with its networks. Raises NotFound for a body that is in no real network."""
    row = or_not_found(session.execute(city_query(slug)).one_or_none(), f"city {slug}")
    return _with_networks(session, [row])[0]


def has_demonstration(session: Session) -> bool:
    """Whether there is a network that was made to try the site; it is listed apart from the real ones."""
    return bool(session.scalar(select(exists().where(Network.is_demonstration))))


def totals(session: Session) -> Row[int, int, int]:
    return session.execute(totals_query()).one()


def _with_members(session: Session, rows: Sequence[AnyRow]) -> list[NetworkShown]:
    members: dict[int, list[MemberShown]] = defaultdict(list)
    for member in session.execute(members_query([row.id for row in rows])):
        members[member.network_id].append(shown(MemberShown, member))
    return [shown(NetworkShown, row, members=tuple(members[row.id])) for row in rows]


def _with_networks(session: Session, rows: Sequence[AnyRow]) -> list[CityShown]:
    found: dict[int, list[NetworkShown]] = defaultdict(list)
    for row in session.execute(networks_of_query([row.id for row in rows])):
        found[row.organisation_id].append(shown(NetworkShown, row))
    return [shown(CityShown, row, networks=tuple(found[row.id])) for row in rows]


def network_slugs_query() -> Select[Any]:
    """The real networks: the demonstration is nothing to be found."""
    return select(Network.slug).where(Network.is_demonstration.is_(False)).order_by(Network.slug)


def city_slugs_query() -> Select[Any]:
    return select(Organisation.slug).where(in_a_real_network()).order_by(Organisation.slug)


WIDTH_OF_UNKNOWN = 6


def _partly(stage: StageShown, is_over: bool) -> str:
    done = ", done" if is_over else ""
    if stage.starts_on is not None:
        return f"from {day(stage.starts_on)}, end not known{done}"
    if stage.ends_on is not None:
        return f"until {day(stage.ends_on)}, begin not known{done}"
    return f"dates not known{done}"


class StageBar(NamedTuple):
    """One stage for the macro `stages`: months long, months gone."""

    name: str
    words: str
    months: int
    gone: float


ENDED = message("network.standing/ended", "Ended on {day}, by its published dates.")
RUNNING = message("network.standing/running", "Running, by its published dates.")
AHEAD = message("network.standing/ahead", "Begins on {day}, by its published dates.")


def standing(network: NetworkShown, today: date) -> Text | None:
    """Where a network stands by its published dates: what nobody has said of its state, or that its time is over.

    None where they do not say it, and where its state says it.
    """
    first = min((stage.starts_on for stage in network.stages if stage.starts_on), default=network.starts_on)
    last = network.ends_on or _last_day(network.stages)
    if last is not None and last < today:
        return None if network.state is NetworkState.COMPLETED else ENDED(day=last)
    if network.state is not None:
        return None
    if first is not None and first > today:
        return AHEAD(day=first)
    return RUNNING() if first is not None and last is not None else None


def _last_day(stages: Sequence[StageShown]) -> date | None:
    """The end of the last stage; None if a stage has no end that is known."""
    ends = [stage.ends_on for stage in stages if stage.ends_on]
    return max(ends) if ends and len(ends) == len(stages) else None


def stage_bars(network: NetworkShown, today: date) -> list[StageBar]:
    """A bar per stage. A stage without both dates has a width that means nothing, and no part of it is filled.

    Once the last day of the network has passed, all its stages are over, dated or not.
    """
    is_over = network.ends_on is not None and network.ends_on < today
    return [_stage_bar(stage, today, is_over) for stage in network.stages]


def _stage_bar(stage: StageShown, today: date, is_over: bool) -> StageBar:
    if stage.starts_on is None or stage.ends_on is None:
        months = WIDTH_OF_UNKNOWN
        return StageBar(stage.label, _partly(stage, is_over), months, months if is_over else 0)
    months = max(1, round((stage.ends_on - stage.starts_on).days / 30.4))
    used = (today - stage.starts_on).days / max(1, (stage.ends_on - stage.starts_on).days)
    gone = min(max(used, 0.0), 1.0) * months
    period = f"{day(stage.starts_on)} to {day(stage.ends_on)}"
    return StageBar(stage.label, f"{period}{', done' if gone >= months else ''}", months, round(gone, 1))
