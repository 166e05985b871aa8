"""Commands on expertise: search for an expert, apply, appoint, decline, withdraw."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.database import transaction
from urbact_calls.domain.permissions import SYSTEM, Actor
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import ExpertApplicationState, ExpertTrack, NetworkState
from urbact_calls.domain.workflow.expert_application import (
    DECLINE,
    EXPERT_APPLICATION,
    LEAD_TAKEN,
    NETWORK_OVER,
    why_not_apply,
)
from urbact_calls.domain.workflow.network import SEARCH_CLOSED, SEARCH_OPENED
from urbact_calls.experts.reads import of_user
from urbact_calls.networks import reads as networks
from urbact_calls.networks.expertise import reads
from urbact_calls.networks.models import Appointment, CandidateMessage, ExpertApplication, ExpertSearch, Network
from urbact_calls.workflow.lives import Life, Step, begin, keep_refusal, note_act, register, take

DAYS = message("experts.days", "Type a number of days from 1 to {most_days}.")
SEARCHING = message("experts.searching", "The search for a lead expert is open already.")

MOST_DAYS = 1000


def open_expert_search(  # noqa: PLR0913 -- who looks for whom; keyword-only after the first
    slug: str, *, role: ExpertTrack, task: str, actor: Actor, now: datetime, seen: int | None = None
) -> None:
    """Lets validated experts apply.

    `seen` is how many searches the network had when the form was opened: the same form sent twice opens one. Raises
    NotFound for all but the lead partner, Refused for a second lead search.
    """
    with transaction() as session:
        network = networks.led_by(session, slug, actor)
        if network.state is NetworkState.COMPLETED:
            raise Refused(Refusal(NETWORK_OVER()))
        searches = reads.searches_of(session, network)
        newest = searches[0] if searches and seen is not None and len(searches) > seen else None
        if newest is not None and _is_same(newest, role, task, actor):
            return
        if role is ExpertTrack.LEAD:
            _require_no_lead_search(session, network)
        session.add(ExpertSearch(network_id=network.id, role=role, task=task, opened_at=now, opened_by=actor.user_id))
        note_act(session, network, SEARCH_OPENED, actor, now)


def _is_same(search: ExpertSearch, role: ExpertTrack, task: str, actor: Actor) -> bool:
    return search.is_open and (search.role, search.task, search.opened_by) == (role, task, actor.user_id)


def close_expert_search(slug: str, search_id: int, actor: Actor, now: datetime) -> None:
    """Ends a search without an appointment; those who wait are told. Nothing if it is closed already."""
    with transaction() as session:
        network = networks.led_by(session, slug, actor)
        search = reads.search_of(session, network, search_id)
        if search.is_open:
            _close(session, search, actor, now, "The search was closed without an appointment.")
            note_act(session, network, SEARCH_CLOSED, actor, now)


def end_searches_step(session: Session, network: Network, now: datetime) -> None:
    """Ends every open search of a network that has come to its end; those who wait are told."""
    for search in reads.searches_of(session, network):
        if search.is_open:
            _close(session, search, SYSTEM, now, "The network has come to its end.")


def apply_to_join(slug: str, search_id: int, *, motivation: str, actor: Actor, now: datetime) -> int:
    """An expert applies; gives the id of the application. Raises Refused with every reason against it."""
    with transaction() as session:
        network = networks.for_update(session, slug)
        search = reads.search_of(session, network, search_id)
        profile = of_user(session, actor.user_id or 0)
        refusals = tuple(why_not_apply(reads.candidate_facts(session, network, search, profile)))
        if refusals or profile is None:
            raise Refused(*refusals)
        found = ExpertApplication(
            search_id=search.id,
            profile_id=profile.id,
            state=EXPERT_APPLICATION.start,
            motivation=motivation,
            submitted_at=now,
        )
        session.add(found)
        begin(session, found, actor, now)
        return found.id


def take_expert_transition(  # noqa: PLR0913 -- the act, its reason and its days
    application_id: int,
    name: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
    days: int | None = None,
    version: int | None = None,
) -> None:
    """Appoints, declines or withdraws, as the application stood at `version` where one is given.

    Raises Refused with every reason, MovedOn, NotFound for a stranger. An appointment ends its search: the other
    candidates are declined and told.
    """
    with transaction() as session:
        networks.for_update(session, reads.candidate(session, application_id).search.network.slug)
        # Read again under the lock: somebody may have decided in the meantime.
        found = reads.candidate(session, application_id)
        facts = reads.facts_of(session, found, days)
        take(session, found, name, actor, now, seen=version, reason=reason, facts=facts)


def _appoint(session: Session, found: ExpertApplication, step: Step) -> None:
    days, fee = step.facts.days, reads.envelope_of(session, found.search.network).daily_fee_cents
    if fee is None or days is None or not 1 <= days <= MOST_DAYS:
        refusal = Refusal(DAYS(most_days=MOST_DAYS), field="days")
        keep_refusal(session, found.subject, step.transition.name, (refusal,), step.actor, step.now)
        raise Refused(refusal)
    session.add(
        Appointment(
            expert_application_id=found.id,
            network_id=found.search.network_id,
            profile_id=found.profile_id,
            role=found.search.role,
            days=days,
            daily_fee_cents=fee,
            amount_cents=days * fee,
            appointed_at=step.now,
            appointed_by=step.actor.user_id,
        )
    )
    _close(session, found.search, step.actor, step.now, "Another expert was appointed.")


def _close(session: Session, search: ExpertSearch, actor: Actor, now: datetime, reason: str) -> None:
    search.closed_at = now
    undecided = session.scalars(
        select(ExpertApplication.id).where(
            ExpertApplication.search_id == search.id, ExpertApplication.state == ExpertApplicationState.SUBMITTED
        )
    ).all()
    for application_id in undecided:
        take(session, reads.candidate(session, application_id), DECLINE.name, actor, now, reason=reason)


def _keep_reason(session: Session, found: ExpertApplication, step: Step) -> None:
    found.reason = step.event.reason


register(
    Life(
        kind=SubjectKind.EXPERT_APPLICATION,
        machine=EXPERT_APPLICATION,
        facts=lambda session, found, now: reads.facts_of(session, found),
        relation=lambda session, actor, found: reads.relation_to(actor, found),
        args=lambda found, event: CandidateMessage(expert_application=found.id),
        effects={"appointment": _appoint, "candidacy": _keep_reason},
    )
)


def _require_no_lead_search(session: Session, network: Network) -> None:
    if networks.has_lead_expert(session, network.id):
        raise Refused(Refusal(LEAD_TAKEN(), field="role"))
    searches = reads.searches_of(session, network)
    if any(search.is_open and search.role is ExpertTrack.LEAD for search in searches):
        raise Refused(Refusal(SEARCHING(), field="role"))
