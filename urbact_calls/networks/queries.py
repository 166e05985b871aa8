"""Reading networks for those who work in them, and what a person is to one of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from urbact_calls.applications.models import Application
from urbact_calls.domain.permissions import Actor, Relation, auditor, lead_applicant, office, partner_editor
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.vocabulary import NetworkState, PartnerRole, Role
from urbact_calls.domain.workflow.machine import Offer
from urbact_calls.domain.workflow.network import NETWORK, NetworkFacts
from urbact_calls.networks import expertise
from urbact_calls.networks.models import Member, Network, Plan, Recommendation
from urbact_calls.web.filters import PARIS

may_read = lead_applicant | partner_editor | office | auditor


def founded(session: Session, slug: str) -> Network:
    """A network that was founded in the program, with members, Local Groups and plans. Raises NotFound.

    The networks of past calls are records; nobody works in them here.
    """
    network = session.scalar(
        select(Network)
        .where(Network.slug == slug, Network.application_id.is_not(None))
        .options(
            selectinload(Network.members).joinedload(Member.organisation),
            selectinload(Network.members).joinedload(Member.local_group),
            selectinload(Network.members).joinedload(Member.agreement),
            selectinload(Network.members).selectinload(Member.plans),
            selectinload(Network.recommendations),
            selectinload(Network.stages),
        )
    )
    if network is None:
        raise NotFound(f"network {slug}")
    return network


def slug_of(session: Session, reference: str) -> str:
    """The slug of the network that was founded from this application. Raises NotFound."""
    slug = session.scalar(
        select(Network.slug)
        .join(Application, Application.id == Network.application_id)
        .where(Application.reference == reference)
    )
    if slug is None:
        raise NotFound(f"network of {reference}")
    return slug


def for_update(session: Session, slug: str) -> Network:
    """The network, locked until the end of the transaction. Raises NotFound."""
    network = session.scalar(
        select(Network)
        .where(Network.slug == slug, Network.application_id.is_not(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if network is None:
        raise NotFound(f"network {slug}")
    return network


def member_of(session: Session, network: Network, member_id: int) -> Member:
    """A member of the network with its organisation and Local Group. Raises NotFound."""
    member = session.scalar(
        select(Member)
        .where(Member.id == member_id, Member.network_id == network.id)
        .options(joinedload(Member.organisation), joinedload(Member.local_group))
    )
    if member is None:
        raise NotFound(f"member {member_id}")
    return member


def plan_of(session: Session, network: Network, plan_id: int) -> Plan:
    """A plan of a member of the network. Raises NotFound."""
    plan = session.scalar(
        select(Plan)
        .join(Member, Member.id == Plan.member_id)
        .where(Plan.id == plan_id, Member.network_id == network.id)
        .options(joinedload(Plan.member).joinedload(Member.organisation))
    )
    if plan is None:
        raise NotFound(f"plan {plan_id}")
    return plan


def recommendation_of(network: Network, recommendation_id: int) -> Recommendation:
    """A recommendation of the network, published or not. Raises NotFound."""
    found = next((each for each in network.recommendations if each.id == recommendation_id), None)
    if found is None:
        raise NotFound(f"recommendation {recommendation_id}")
    return found


def relation_to(actor: Actor, network: Network) -> Relation:
    """People of the lead partner lead the network; people of its other members write for their own city."""
    places = {member.role for member in network.members if member.organisation_id in actor.organisation_ids}
    if PartnerRole.LEAD in places:
        return Relation(frozenset({Role.LEAD}))
    return Relation(frozenset({Role.EDITOR}) if places else frozenset())


def facts_of(session: Session, network: Network, now: datetime) -> NetworkFacts:
    """What the guards may read: who is appointed, whose agreement is missing, whether the last day has passed."""
    today = now.astimezone(PARIS).date()
    return NetworkFacts(
        has_lead_expert=expertise.has_lead_expert(session, network.id),
        agreements_missing=tuple(member.organisation.name for member in network.members if member.agreement is None),
        ends_on_has_passed=network.ends_on is not None and network.ends_on < today,
    )


def offers(session: Session, network: Network, actor: Actor, now: datetime) -> tuple[Offer, ...]:
    """The transitions that this actor may know of now, with what closes them."""
    state = network.state or NetworkState.FORMING
    return NETWORK.offers(state, facts_of(session, network, now), actor, relation_to(actor, network), now)
