"""Founding a network from an approved application."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.applications.operations import answers_of, partners_of
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.network_types import KINDS, NetworkKind
from urbact_calls.domain.permissions import SYSTEM
from urbact_calls.domain.slugs import free_slug, slug_of
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.workflow.application import FOUND_NETWORK
from urbact_calls.domain.workflow.network import NETWORK
from urbact_calls.jobs import announce
from urbact_calls.networks import queries
from urbact_calls.networks.models import FoundedMessage, LocalGroup, Member, Network, NetworkMessage, NetworkStage, Plan
from urbact_calls.networks.stages import stages_in_time
from urbact_calls.workflow.lives import Life, register
from urbact_calls.workflow.take import begin, take

Answers = Mapping[str, Mapping[str, str]]


def found(session: Session, application: Application, now: datetime) -> Network:
    """Makes the network of an approved application that the caller has locked, and moves the application on.

    Members, Local Groups, plans, stages and the expertise envelope follow from the partners, the type and the terms.
    An application that has its network already gets the same one back.
    """
    existing = session.scalar(select(Network).where(Network.application_id == application.id))
    if existing is not None:
        return existing
    network = _network(session, application, now)
    session.add(network)
    session.flush()

    begin(session, network, SYSTEM, now)
    take(session, application, FOUND_NETWORK.name, SYSTEM, now)
    announce(
        session,
        kind="mail:network.founded",
        key=f"mail:network.founded:{application.reference}",
        args=FoundedMessage(reference=application.reference, network=network.slug),
        now=now,
        subject=application.subject,
    )
    return network


def _network(session: Session, application: Application, now: datetime) -> Network:
    call = application.call
    kind = KINDS[call.type]
    terms = call.terms
    answers = answers_of(session, application)
    name = application.acronym or application.title or application.reference
    return Network(
        slug=_slug(session, application, call.code),
        name=name,
        folded=fold(name),
        type=call.type,
        call_code=call.code,
        application_id=application.id,
        is_demonstration=call.is_demonstration,
        state=NETWORK.start,
        theme=_theme(kind, answers),
        summary="\n\n".join(text for text in (application.title, _answer(kind, answers, "abstract")) if text) or None,
        starts_on=terms.network_start,
        ends_on=terms.network_end,
        envelope_cents=terms.expertise_envelope.cents if terms.expertise_envelope else None,
        founded_at=now,
        members=[
            Member(
                organisation_id=partner.organisation_id,
                role=partner.role,
                position=position,
                local_group=LocalGroup(),
                plans=[Plan(kind=kind.plans[partner.role])],
            )
            for position, partner in enumerate(partners_of(session, application), 1)
        ],
        stages=[
            NetworkStage(
                position=stage.position,
                code=stage.code,
                label=stage.label,
                starts_on=stage.starts_on,
                ends_on=stage.ends_on,
            )
            for stage in stages_in_time(kind, terms.network_start, terms.network_end)
        ],
    )


def _slug(session: Session, application: Application, call_code: str) -> str:
    wanted = slug_of(application.acronym) or slug_of(application.reference)
    taken = set(session.scalars(select(Network.slug).where(Network.slug.startswith(wanted, autoescape=True))))
    return free_slug(wanted, slug_of(call_code), taken)


def _answer(kind: NetworkKind, answers: Answers, code: str) -> str:
    """What was answered to a question, wherever the form of this type asks it."""
    return next((answers.get(s.code, {}).get(code, "") for s in kind.sections for f in s.fields if f.code == code), "")


def _theme(kind: NetworkKind, answers: Answers) -> str | None:
    chosen = _answer(kind, answers, "theme")
    choices = (choice for s in kind.sections for f in s.fields if f.code == "theme" for choice in f.choices)
    return next((choice.label for choice in choices if choice.code == chosen), None)


register(
    Life(
        kind=SubjectKind.NETWORK,
        machine=NETWORK,
        facts=queries.facts_of,
        relation=lambda session, actor, network: queries.relation_to(actor, network),
        args=lambda network, event: NetworkMessage(network=network.slug),
    )
)
