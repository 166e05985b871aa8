"""Reads of networks, found and locked, for those who work in them, and what a person is to one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from urbact_calls.applications.models import Application
from urbact_calls.applications.submission.reads.facts import contributes
from urbact_calls.database import existing, locked
from urbact_calls.domain.permissions import Actor, Relation, auditor, lead_applicant, office, partner_editor
from urbact_calls.domain.refusal import or_not_found
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import ApplicationState, ExpertTrack, PartnerRole, PlanKind, Role
from urbact_calls.domain.words import PARIS
from urbact_calls.domain.workflow.network import NetworkFacts
from urbact_calls.networks.models import Appointment, Member, Network, Plan, Recommendation
from urbact_calls.record.reads.field_words import FieldWords, describes
from urbact_calls.subjects import labelled, register

may_read = lead_applicant | partner_editor | office | auditor


def founded(session: Session, slug: str) -> Network:
    """A network that was founded in the program, with members, Local Groups and plans. Raises NotFound.

    The networks of past calls are records; nobody works in them here.
    """
    return existing(
        session,
        select(Network)
        .where(Network.slug == slug, Network.application_id.is_not(None))
        .options(
            selectinload(Network.members).joinedload(Member.organisation),
            selectinload(Network.members).joinedload(Member.local_group),
            selectinload(Network.members).joinedload(Member.agreement),
            selectinload(Network.members).selectinload(Member.plans),
            selectinload(Network.recommendations),
            selectinload(Network.stages),
        ),
        f"network {slug}",
    )


def slug_of(session: Session, reference: str) -> str:
    """The slug of the network that was founded from this application. Raises NotFound."""
    return existing(
        session,
        select(Network.slug)
        .join(Application, Application.id == Network.application_id)
        .where(Application.reference == reference),
        f"network of {reference}",
    )


def for_update(session: Session, slug: str) -> Network:
    """The network, locked until the end of the transaction. Raises NotFound."""
    query = select(Network).where(Network.slug == slug, Network.application_id.is_not(None))
    return locked(session, query, f"network {slug}")


def led_by(session: Session, slug: str, actor: Actor) -> Network:
    """The network, locked, for the people of its lead partner. Raises NotFound for everybody else."""
    network = for_update(session, slug)
    is_lead = lead_applicant(actor, relation_to(actor, network))
    return or_not_found(network if is_lead else None, f"network {slug}")


def works_for(actor: Actor, member: Member) -> bool:
    """Whether the actor is one of the member's own people."""
    return actor.is_signed_in and member.organisation_id in actor.organisation_ids


def may_write_for(actor: Actor, network: Network, member: Member) -> bool:
    """Whether the actor may bring the agreement and the plan of a member: its people and the lead partner's may."""
    return lead_applicant(actor, relation_to(actor, network)) or works_for(actor, member)


def member_of(session: Session, network: Network, member_id: int) -> Member:
    """A member of the network with its organisation and Local Group. Raises NotFound."""
    return existing(
        session,
        select(Member)
        .where(Member.id == member_id, Member.network_id == network.id)
        .options(joinedload(Member.organisation), joinedload(Member.local_group)),
        f"member {member_id}",
    )


def own_member(session: Session, network: Network, member_id: int, actor: Actor) -> Member:
    """A member of the network, for its own people. Raises NotFound for everybody else."""
    member = member_of(session, network, member_id)
    return or_not_found(member if works_for(actor, member) else None, f"member {member_id}")


def member_to_write_for(session: Session, network: Network, member_id: int, actor: Actor) -> Member:
    """A member of the network, for its people and those of the lead partner. Raises NotFound for everybody else."""
    member = member_of(session, network, member_id)
    return or_not_found(member if may_write_for(actor, network, member) else None, f"member {member_id}")


def plan_to_write(session: Session, network: Network, plan_id: int, actor: Actor) -> Plan:
    """A plan, for the people of its member and of the lead partner. Raises NotFound for everybody else."""
    plan = existing(
        session,
        select(Plan)
        .join(Plan.member)
        .where(Plan.id == plan_id, Member.network_id == network.id)
        .options(joinedload(Plan.member).joinedload(Member.organisation)),
        f"plan {plan_id}",
    )
    return or_not_found(plan if may_write_for(actor, network, plan.member) else None, f"plan {plan_id}")


def recommendation_of(network: Network, recommendation_id: int) -> Recommendation:
    """A recommendation of the network, published or not. Raises NotFound."""
    found = next((each for each in network.recommendations if each.id == recommendation_id), None)
    return or_not_found(found, f"recommendation {recommendation_id}")


def relation_to(actor: Actor, network: Network) -> Relation:
    """People of the lead partner lead the network; people of its other members write for their own city. Offices end
    for them, and for others who take part in its application."""
    places = {member.role for member in network.members if member.organisation_id in actor.organisation_ids}
    if not places:
        return Relation(is_conflicted=network.application_id in actor.interests.applications)
    return Relation(frozenset({Role.LEAD if PartnerRole.LEAD in places else Role.EDITOR}), is_conflicted=True)


def facts_of(session: Session, network: Network, now: datetime) -> NetworkFacts:
    """What the guards may read: who is appointed, whose agreement is missing, whether the last day has passed."""
    today = now.astimezone(PARIS).date()
    return NetworkFacts(
        has_lead_expert=has_lead_expert(session, network.id),
        agreements_missing=tuple(member.organisation.name for member in network.members if not member.has_agreement),
        ends_on_has_passed=network.ends_on is not None and network.ends_on < today,
    )


def _found(session: Session, text: str) -> Sequence[int]:
    return session.scalars(select(Network.id).where(Network.slug == text.lower())).all()


register(
    SubjectKind.NETWORK,
    may_see=may_read,
    names=labelled("Network ", Network.slug, Network.id, "networks.show", "slug"),
    found=_found,
    involved=lambda interests: select(Network.id).where(Network.application_id.in_(interests.applications)),
)


@contributes("network_founded", states=(ApplicationState.APPROVED,))
def case_facts(session: Session, application: Application) -> Mapping[str, object]:
    """Whether the application has its network."""
    founded = select(Network.id).where(Network.application_id == application.id)
    return {"network_founded": session.scalar(founded) is not None}


def has_lead_expert(session: Session, network_id: int) -> bool:
    """Whether somebody is lead expert: the Joint Secretariat validated the choice, and he or she has not left."""
    lead = select(Appointment.id).where(
        Appointment.network_id == network_id,
        Appointment.role == ExpertTrack.LEAD,
        Appointment.validated_at.is_not(None),
        Appointment.ended_on.is_(None),
    )
    return session.scalar(lead.limit(1)) is not None


_LABELS = {
    "theme": "Theme",
    "summary": "Summary",
    "title": "title",
    "url": "link",
    "text": "text",
    "published_on": "published",
    "coordinator": "coordinator",
    "contact": "contact",
}


@describes(SubjectKind.NETWORK)
def _field(name: str) -> FieldWords | None:
    match name.split("."):
        case [("theme" | "summary") as field]:
            return FieldWords(_LABELS[field])
        case ["agreement", member]:
            return FieldWords(f"Agreement, {member} (fingerprint)")
        case ["local_group", member, field] if field in _LABELS:
            return FieldWords(f"Local Group, {member}: {_LABELS[field]}")
        case ["plan", member, kind, field] if field in _LABELS:
            plan = PlanKind.with_code(kind)
            return FieldWords(f"{plan.label if plan else kind}, {member}: {_LABELS[field]}")
        case ["recommendation", number, field] if field in _LABELS:
            return FieldWords(f"Recommendation {number}: {_LABELS[field]}")
    return None
