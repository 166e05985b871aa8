"""Commands on networks: found one from an approved application, keep agreements, take transitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls import pdfs
from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.dossier import answers_of, partners_of
from urbact_calls.database import transaction
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.network_types import KINDS
from urbact_calls.domain.network_types.kind import NetworkKind
from urbact_calls.domain.permissions import SYSTEM, Actor
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.slugs import free_slug, slug_of
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import NetworkState
from urbact_calls.domain.workflow.application import FOUND_NETWORK
from urbact_calls.domain.workflow.network import NETWORK
from urbact_calls.files.commands import discard_step, keeping
from urbact_calls.jobs import announce
from urbact_calls.networks import reads
from urbact_calls.networks.expertise.commands import end_searches_step
from urbact_calls.networks.models import (
    Agreement,
    FoundedMessage,
    LocalGroup,
    Member,
    Network,
    NetworkMessage,
    NetworkStage,
    Plan,
)
from urbact_calls.record.commands import field_changed
from urbact_calls.storage import Storage
from urbact_calls.workflow.lives import Life, begin, register, take

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
        stages=[NetworkStage(**asdict(stage)) for stage in kind.stages_in_time(terms.network_start, terms.network_end)],
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
        facts=reads.facts_of,
        relation=lambda session, actor, network: reads.relation_to(actor, network),
        args=lambda network, event: NetworkMessage(network=network.slug),
        effects={"searches": lambda session, network, step: end_searches_step(session, network, step.now)},
    )
)


AGREEMENT = pdfs.CheckedPdf(field="agreement", word="agreement", whole="signed agreement", page="networks.agreements")

LATE = message("agreement.late", "The network has started: its agreements stay as they are.")


def keep_agreement(  # noqa: PLR0913 -- who brings what, where and when; keyword-only after the second
    slug: str, member_id: int, *, content: bytes, filename: str, actor: Actor, now: datetime, storage: Storage
) -> None:
    """Keeps the signed agreement of a member in place of the one before.

    Raises pdfs.TooLarge or pdfs.NotAPdf, NotFound for all but the lead partner and the member itself, Refused once the
    network has started: what was signed before the start stays.
    """
    with keeping([content], AGREEMENT, storage=storage, actor=actor, now=now) as put:
        session, (stored,) = put.session, put.files
        network = reads.for_update(session, slug)
        put.about = network.subject
        member = reads.member_to_write_for(session, network, member_id, actor)
        if network.state is not NetworkState.FORMING:
            raise Refused(Refusal(LATE()))
        agreement = member.agreement or Agreement(member_id=member.id)
        before, old_key = agreement.sha256, agreement.storage_key
        agreement.storage_key, agreement.size, agreement.sha256 = stored.key, stored.size, stored.sha256
        agreement.filename = pdfs.clean_name(filename, "agreement")
        agreement.uploaded_at, agreement.uploaded_by = now, actor.user_id
        session.add(agreement)
        field = f"agreement.{member.organisation.slug}"
        field_changed(session, network.subject, field, before, stored.sha256, actor, now)
        if old_key is not None:
            discard_step(session, old_key, storage)


def take_transition(  # noqa: PLR0913 -- what a step depends on; keyword-only after the fourth
    slug: str, name: str, actor: Actor, now: datetime, *, reason: str | None = None, version: int | None = None
) -> None:
    """Takes one step of a network's life, as it stood at `version` where one is given.

    Raises Refused with every reason, MovedOn, NotFound for a stranger.
    """
    with transaction() as session:
        take(session, reads.for_update(session, slug), name, actor, now, seen=version, reason=reason)
