"""Applications, calls and networks in work, for each role: a constant number of queries, each bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, case, exists, func, select
from sqlalchemy.orm import Session, selectinload

from urbact_calls.applications.models import Application
from urbact_calls.applications.officers.models import Handler
from urbact_calls.applications.reads.interests import not_competing, not_own
from urbact_calls.assessment.models import RankedPlace, Ranking
from urbact_calls.calls.models import Call
from urbact_calls.decisions.outcomes.models import Decision
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import ApplicationState, PartnerRole
from urbact_calls.networks.models import Member, Network

SHOWN = 10


def own_networks(session: Session, actor: Actor) -> Sequence[Row[str, str, int]]:
    """Slug, name and whether they lead it, of the networks founded on this site that the actor's organisations are
    members of, by name."""
    if not actor.organisation_ids:
        return []
    is_lead = func.max(case((Member.role == PartnerRole.LEAD, 1), else_=0)).label("is_lead")
    return session.execute(
        select(Network.slug, Network.name, is_lead)
        .join(Member, Member.network_id == Network.id)
        .where(Network.application_id.is_not(None), Member.organisation_id.in_(actor.organisation_ids))
        .group_by(Network.slug, Network.name)
        .order_by(Network.name, Network.slug)
    ).all()


def calls_in_work(session: Session, actor: Actor) -> Sequence[CallInWork]:
    """The calls to which applications were handed in, the last to close first, without those of the actor."""
    counted = (
        select(Application.call_id, Application.state, func.count().label("number"))
        .where(Application.state != ApplicationState.DRAFT, Application.submission_count > 0, not_own(actor))
        .group_by(Application.call_id, Application.state)
        .subquery()
    )
    place = func.dense_rank().over(order_by=(Call.closes_at.desc(), Call.code)).label("place")
    stands = (
        select(Call.code, Call.title, counted.c.state, counted.c.number, place)
        .join(counted, counted.c.call_id == Call.id)
        .subquery()
    )
    rows = session.execute(
        select(stands.c.code, stands.c.title, stands.c.state, stands.c.number)
        .where(stands.c.place <= SHOWN)
        .order_by(stands.c.place)
    ).all()
    found: dict[tuple[str, str], dict[ApplicationState, int]] = {}
    for code, title, state, number in rows:
        found.setdefault((code, title), {})[state] = number
    return [
        CallInWork(code, title, {state: states[state] for state in ApplicationState if state in states})
        for (code, title), states in found.items()
    ]


def handled_by(session: Session, actor: Actor) -> Sequence[Application]:
    """The applications that this officer handles, each with its call, the last assigned first; one more than shown."""
    return session.scalars(
        select(Application)
        .join(Handler, Handler.application_id == Application.id)
        .where(Handler.user_id == actor.user_id, not_own(actor))
        .order_by(Handler.assigned_at.desc(), Handler.id.desc())
        .limit(SHOWN + 1)
        .options(selectinload(Application.call))
    ).all()


@dataclass(frozen=True, slots=True)
class CallInWork:
    """How many applications of a call are in each state, without private drafts."""

    code: str
    title: str
    states: Mapping[ApplicationState, int]

    @property
    def total(self) -> int:
        return sum(self.states.values())


def calls_to_decide(session: Session, actor: Actor) -> Sequence[Row[str, str, int, int, int]]:
    """The calls whose ranking was sealed and in which the actor does not compete, the last to close first, with counts
    of the applications that are `ranked`, and of the decisions that are `recorded` and `announced`. For those who may
    know what is recorded."""
    newest = select(func.max(Ranking.id)).where(Ranking.call_id == Call.id).correlate(Call).scalar_subquery()
    ranked = select(func.count(RankedPlace.id)).where(RankedPlace.ranking_id == newest)
    decided = (
        select(func.count(func.distinct(Decision.application_id)))
        .join(Application, Application.id == Decision.application_id)
        .where(Application.call_id == Call.id)
    )
    is_known = Decision.announced_at.is_not(None)
    counts = (("ranked", ranked), ("recorded", decided.where(~is_known)), ("announced", decided.where(is_known)))
    columns = (query.correlate(Call).scalar_subquery().label(name) for name, query in counts)
    return session.execute(
        select(Call.code, Call.title, *columns)
        .where(exists().where(Ranking.call_id == Call.id), not_competing(actor, Call.id))
        .order_by(Call.closes_at.desc(), Call.code)
        .limit(SHOWN)
    ).all()
