"""Commands on expertise: search for an expert, apply, choose, validate the choice, decline, withdraw, leave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from urbact_calls.database import transaction
from urbact_calls.domain.expert_days import DaysWithin, why_not_within, working_days
from urbact_calls.domain.expert_match import SearchNeeds
from urbact_calls.domain.permissions import SYSTEM, Actor
from urbact_calls.domain.refusal import Refusal, Refused, or_not_found
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import ExpertTrack, NetworkState
from urbact_calls.domain.workflow.expert_application import (
    CHOOSE,
    DECLINE,
    EXPERT_APPLICATION,
    LEAD_TAKEN,
    NETWORK_OVER,
    UNDECIDED,
    why_not_apply,
    why_not_end,
)
from urbact_calls.domain.workflow.network import SEARCH_CLOSED, SEARCH_OPENED
from urbact_calls.experts.reads import for_update, of_user
from urbact_calls.networks import reads as networks
from urbact_calls.networks.expertise import reads
from urbact_calls.networks.models import Appointment, CandidateMessage, ExpertApplication, ExpertSearch, Network
from urbact_calls.workflow.lives import Life, Step, begin, keep_refusal, note_act, register, take

DAYS = message("experts.days", "Type a number of days from 1 to {most_days}.")
PERIOD = message("experts.period", "Say from which day to which day.")
APPLY_BY_PASSED = message("experts.apply_by_passed", "This day has passed: nobody could apply.")
SEARCHING = message("experts.searching", "The search for a lead expert is open already.")
CHOICE_WAITS = message("experts.choice_waits", "A choice waits for the Joint Secretariat: take it back first.")

MOST_DAYS = 1000


def open_expert_search(slug: str, needs: SearchNeeds, *, actor: Actor, now: datetime, seen: int | None = None) -> None:
    """Lets validated experts apply.

    `seen` is how many searches the network had when the form was opened: the same form sent twice opens one. Raises
    NotFound for all but the lead partner, Refused for a second lead search and for days that its period has not.
    """
    with transaction() as session:
        network = networks.led_by(session, slug, actor)
        if network.state is NetworkState.COMPLETED:
            raise Refused(Refusal(NETWORK_OVER()))
        if refusals := tuple(_why_not_needed(needs, now)):
            raise Refused(*refusals)
        searches = reads.searches_of(session, network)
        newest = searches[0] if searches and seen is not None and len(searches) > seen else None
        if newest is not None and newest.is_open and newest.needs == needs and newest.opened_by == actor.user_id:
            return
        if needs.role is ExpertTrack.LEAD:
            _require_no_lead_search(session, network)
        _open(session, network, needs, actor, now)


def _open(
    session: Session, network: Network, needs: SearchNeeds, actor: Actor, now: datetime, *, replaces: bool = False
) -> None:
    wanted = {field.name: getattr(needs, field.name) for field in fields(needs)}
    search = ExpertSearch(
        **wanted, network_id=network.id, opened_at=now, opened_by=actor.user_id, is_replacement=replaces
    )
    session.add(search)
    note_act(session, network, SEARCH_OPENED, actor, now)


def _why_not_needed(needs: SearchNeeds, now: datetime) -> Iterator[Refusal]:
    if needs.apply_by is not None and needs.apply_by < reads.today_in_paris(now):
        yield Refusal(APPLY_BY_PASSED(), field="apply_by")
    if needs.days is None and needs.starts_on is None and needs.ends_on is None:
        return
    yield from _why_no_days(reads.DaysAsked(needs.days, needs.starts_on, needs.ends_on))


def _why_no_days(asked: reads.DaysAsked) -> Iterator[Refusal]:
    """What is wrong with days that are asked for."""
    if asked.days is None or not 1 <= asked.days <= MOST_DAYS:
        yield Refusal(DAYS(most_days=MOST_DAYS), field="days")
    if asked.starts_on is None or asked.ends_on is None:
        yield Refusal(PERIOD(), field="ends_on" if asked.ends_on is None else "starts_on")
    elif asked.days is not None:
        within = DaysWithin(asked.starts_on, asked.ends_on, asked.days)
        if 1 <= asked.days <= MOST_DAYS or within.ends_on < within.starts_on:
            yield from why_not_within(within, start="starts_on", end="ends_on", days="days")


def close_expert_search(slug: str, search_id: int, actor: Actor, now: datetime) -> None:
    """Ends a search without an appointment; those who wait are told. Nothing if it is closed already. Raises Refused
    while a choice waits for the Joint Secretariat."""
    with transaction() as session:
        network = networks.led_by(session, slug, actor)
        search = reads.search_of(session, network, search_id)
        if search.chosen_at is not None and search.is_open:
            raise Refused(Refusal(CHOICE_WAITS()))
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
        refusals = tuple(why_not_apply(reads.candidate_facts(session, network, search, profile, now)))
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


def take_expert_transition(  # noqa: PLR0913 -- the act, its reason, and what is chosen or ended
    application_id: int,
    name: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
    asked: reads.DaysAsked | None = None,
    end: EndOfWork | None = None,
    version: int | None = None,
) -> None:
    """Chooses, validates, declines, withdraws or ends, as the application stood at `version` where one is given.

    `asked` is for a choice: without it, what the search looks for is asked. `end` is for an expert who leaves. Raises
    Refused with every reason, MovedOn, NotFound for a stranger. When the choice is validated the search ends: the other
    candidates are declined and told.
    """
    with transaction() as session:
        network = networks.for_update(session, reads.candidate(session, application_id).search.network.slug)
        # The profile too, always after the network: two networks may choose the same expert at the same instant.
        for_update(session, reads.candidate(session, application_id).profile_id)
        # Read again under both locks: somebody may have decided in the meantime.
        found = reads.candidate(session, application_id)
        facts = reads.facts_of(session, found, now, asked if name == CHOOSE.name else None)
        ending = Ending(network, end or EndOfWork(None, None))
        take(session, found, name, actor, now, seen=version, reason=reason, facts=facts, material=ending)


@dataclass(frozen=True, slots=True)
class EndOfWork:
    """The last day of an expert in a network, and how many days he or she has worked for it."""

    ended_on: date | None
    days_used: int | None


@dataclass(frozen=True, slots=True)
class Ending:
    """The network that an expert leaves, and how."""

    network: Network
    end: EndOfWork


def _refuse(session: Session, found: ExpertApplication, step: Step, refusals: Iterable[Refusal]) -> None:
    """Gives the step up for reasons that only its form has, and keeps the attempt."""
    if reasons := tuple(refusals):
        keep_refusal(session, found.subject, step.transition.name, reasons, step.actor, step.now)
        raise Refused(*reasons)


def _reserve(session: Session, found: ExpertApplication, step: Step) -> None:
    """Takes days and money out of the envelope, and the days out of what the expert has."""
    asked = reads.DaysAsked(step.facts.days, step.facts.starts_on, step.facts.ends_on)
    _refuse(session, found, step, _why_no_days(asked))
    days, fee = asked.days or 0, step.facts.daily_fee_cents
    found.search.chosen_at, found.reason = step.now, None
    found.appointment = Appointment(
        network_id=found.search.network_id,
        profile_id=found.profile_id,
        role=found.search.role,
        days=days,
        starts_on=asked.starts_on,
        ends_on=asked.ends_on,
        daily_fee_cents=fee,
        amount_cents=days * fee,
        appointed_at=step.now,
        appointed_by=step.actor.user_id,
    )


def _release(session: Session, found: ExpertApplication, step: Step) -> None:
    """Gives days and money back, and lets others apply again."""
    found.reason = step.event.reason
    if found.appointment is not None:
        found.appointment = found.search.chosen_at = None


def _appoint(session: Session, found: ExpertApplication, step: Step) -> None:
    """From now on the choice counts."""
    appointment = or_not_found(found.appointment, f"choice of {found.id}")
    appointment.validated_at, appointment.validated_by = step.now, step.actor.user_id
    session.flush()
    # An officer who validates a choice declines nobody: the program does, for everybody who waits.
    _close(session, found.search, SYSTEM, step.now, "Another expert was appointed.")


def _end_work(session: Session, found: ExpertApplication, step: Step) -> None:
    """Keeps the days that were worked and gives the others back; a lead expert is searched anew for these."""
    appointment, end = or_not_found(found.appointment, f"appointment of {found.id}"), step.material.end
    made_on, today = (reads.today_in_paris(each) for each in (appointment.appointed_at, step.now))
    wrong = why_not_end(
        ended_on=end.ended_on, days_used=end.days_used, days=appointment.days, made_on=made_on, today=today
    )
    _refuse(session, found, step, wrong)
    appointment.ended_on, appointment.days_used = end.ended_on, end.days_used
    found.reason = step.event.reason
    if found.search.role is ExpertTrack.LEAD:
        _open(session, step.material.network, _rest_of(found, appointment), step.actor, step.now, replaces=True)


def _rest_of(found: ExpertApplication, appointment: Appointment) -> SearchNeeds:
    """What is still to be done: the same task, with the days that are left, from the day after the end on."""
    rest = appointment.days - (appointment.days_used or 0)
    needs = replace(found.search.needs, days=rest or None, starts_on=None, ends_on=None, apply_by=None)
    if appointment.ended_on is None or appointment.ends_on is None:
        return needs
    starts_on = max(appointment.ended_on + timedelta(days=1), appointment.starts_on or date.min)
    # In a period that is over, or too short for what is left, nobody could work: the lead partner gives another.
    fits = 1 <= rest <= working_days(starts_on, appointment.ends_on)
    return replace(needs, starts_on=starts_on, ends_on=appointment.ends_on) if fits else needs


def _close(session: Session, search: ExpertSearch, actor: Actor, now: datetime, reason: str) -> None:
    search.closed_at, search.chosen_at = now, None
    undecided = session.scalars(
        select(ExpertApplication.id).where(
            ExpertApplication.search_id == search.id, ExpertApplication.state.in_(UNDECIDED)
        )
    ).all()
    for application_id in undecided:
        take(session, reads.candidate(session, application_id), DECLINE.name, actor, now, reason=reason)


register(
    Life(
        kind=SubjectKind.EXPERT_APPLICATION,
        machine=EXPERT_APPLICATION,
        facts=lambda session, found, now: reads.facts_of(session, found, now),
        relation=lambda session, actor, found: reads.relation_to(actor, found),
        args=lambda found, event: CandidateMessage(expert_application=found.id),
        effects={
            "reservation": _reserve,
            "choice": _release,
            "candidacy": _release,
            "appointment": _appoint,
            "work": _end_work,
        },
    )
)


def _require_no_lead_search(session: Session, network: Network) -> None:
    if networks.has_lead_expert(session, network.id):
        raise Refused(Refusal(LEAD_TAKEN(), field="role"))
    searches = reads.searches_of(session, network)
    if any(search.is_open and search.role is ExpertTrack.LEAD for search in searches):
        raise Refused(Refusal(SEARCHING(), field="role"))
