"""Reads of expertise: searches for experts, who applies, who is appointed, what is left of the envelope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.interests import Instants, takes_part
from urbact_calls.assessment.models import PanelMember
from urbact_calls.calls.models import Call
from urbact_calls.database import existing
from urbact_calls.domain.expert_days import DaysWithin, free_days
from urbact_calls.domain.expert_match import ExpertOffer, Match, match_of
from urbact_calls.domain.permissions import Actor, Interests, Relation, auditor, lead_applicant, office, own_expert
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.vocabulary import ExpertApplicationState, ExpertTrack, NetworkState, Role
from urbact_calls.domain.words import PARIS
from urbact_calls.domain.workflow.expert_application import CandidateFacts, ExpertApplicationFacts
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.experts.reads import roles_on
from urbact_calls.networks import reads as networks
from urbact_calls.networks.models import Appointment, ExpertApplication, ExpertSearch, Member, Network
from urbact_calls.organisations.models import Membership
from urbact_calls.subjects import labelled, register

ENVELOPE = message("experts.envelope", "Expertise envelope")()
DAILY_FEE = message("experts.daily_fee", "Daily fee of experts")()
MOST_SEARCHES = 200
TAKES_PART = (ExpertApplicationState.SUBMITTED, ExpertApplicationState.CHOSEN, ExpertApplicationState.APPOINTED)


def committed(session: Session, network_id: int, *, beside: int = 0) -> tuple[int, int]:
    """What all appointments of a network cost together, in cents, and for how many days they are: chosen ones too, and
    of those that ended early the days that were worked. `beside` leaves out one application."""
    days = func.coalesce(Appointment.days_used, Appointment.days)
    sums = select(func.sum(days * Appointment.daily_fee_cents), func.sum(days))
    counted = (Appointment.network_id == network_id, Appointment.expert_application_id != beside)
    cents, all_days = session.execute(sums.where(*counted)).one()
    return int(cents or 0), int(all_days or 0)


def searches_of(session: Session, network: Network) -> Sequence[ExpertSearch]:
    """The searches of a network, newest first, with those who applied and who was appointed."""
    candidates = selectinload(ExpertSearch.candidates)
    return session.scalars(
        select(ExpertSearch)
        .where(ExpertSearch.network_id == network.id)
        .options(
            candidates.joinedload(ExpertApplication.profile).joinedload(ExpertProfile.user),
            candidates.joinedload(ExpertApplication.appointment),
        )
        .order_by(ExpertSearch.id.desc())
    ).all()


def taking_applications(today: date | BindParameter[date]) -> ColumnElement[bool]:
    """The condition that experts can apply to a search on this day; its network is joined."""
    return and_(
        ExpertSearch.closed_at.is_(None),
        ExpertSearch.chosen_at.is_(None),
        or_(ExpertSearch.apply_by.is_(None), ExpertSearch.apply_by >= today),
        Network.state != NetworkState.COMPLETED,
    )


def open_searches(session: Session, now: datetime) -> Sequence[ExpertSearch]:
    """All open searches with their networks, newest first."""
    return session.scalars(
        select(ExpertSearch)
        .join(ExpertSearch.network)
        .where(taking_applications(today_in_paris(now)))
        .options(joinedload(ExpertSearch.network))
        .order_by(ExpertSearch.opened_at.desc(), ExpertSearch.id.desc())
        .limit(MOST_SEARCHES)
    ).all()


def open_searches_of(session: Session, slug: str, now: datetime) -> Sequence[ExpertSearch]:
    """The open searches of one network. Raises NotFound if there is none: then there is nothing to apply for."""
    found = [search for search in open_searches(session, now) if search.network.slug == slug]
    if not found:
        raise NotFound(f"searches of {slug}")
    return found


def search_of(session: Session, network: Network, search_id: int) -> ExpertSearch:
    """A search of this network. Raises NotFound."""
    return existing(
        session,
        select(ExpertSearch).where(ExpertSearch.id == search_id, ExpertSearch.network_id == network.id),
        f"search {search_id}",
    )


def applications_of(session: Session, user_id: int) -> Sequence[ExpertApplication]:
    """What an expert applied for, newest first, with search, network and appointment."""
    return session.scalars(
        select(ExpertApplication)
        .join(ExpertApplication.profile)
        .where(ExpertProfile.user_id == user_id)
        .options(
            joinedload(ExpertApplication.search).joinedload(ExpertSearch.network),
            joinedload(ExpertApplication.appointment),
        )
        .order_by(ExpertApplication.id.desc())
        .limit(MOST_SEARCHES)
    ).all()


def candidate(session: Session, application_id: int) -> ExpertApplication:
    """One application of an expert with its person, search, network and members. Raises NotFound."""
    search = joinedload(ExpertApplication.search).joinedload(ExpertSearch.network)
    return existing(
        session,
        select(ExpertApplication)
        .where(ExpertApplication.id == application_id)
        .options(
            joinedload(ExpertApplication.profile).joinedload(ExpertProfile.user),
            joinedload(ExpertApplication.profile).selectinload(ExpertProfile.availability),
            joinedload(ExpertApplication.appointment),
            search.selectinload(Network.members).joinedload(Member.organisation),
        )
        .execution_options(populate_existing=True),
        f"expert application {application_id}",
    )


def relation_to(actor: Actor, found: ExpertApplication) -> Relation:
    """The expert who applied, or one of the people of the lead partner; nobody is both at once."""
    if actor.is_signed_in and found.profile.user_id == actor.user_id:
        return Relation(frozenset({Role.EXPERT}), is_conflicted=True)
    in_the_network = networks.relation_to(actor, found.search.network)
    return replace(in_the_network, roles=in_the_network.roles & {Role.LEAD})


def candidate_facts(
    session: Session, network: Network, search: ExpertSearch, profile: ExpertProfile | None, now: datetime
) -> CandidateFacts:
    """What decides whether this expert may join, read now."""
    user_id = profile.user_id if profile else 0
    on_panel = (
        select(PanelMember.id)
        .join(Application, Application.call_id == PanelMember.call_id)
        .where(Application.id == network.application_id, PanelMember.user_id == user_id)
    )
    employed = (
        select(Membership.id)
        .join(Member, Member.organisation_id == Membership.organisation_id)
        .where(Member.network_id == network.id, Membership.user_id == user_id, Membership.accepted_at.is_not(None))
    )
    # Whoever withdrew may come back; whoever was declined has the answer.
    applied = select(ExpertApplication.id).where(
        ExpertApplication.search_id == search.id,
        ExpertApplication.profile_id == (profile.id if profile else 0),
        ExpertApplication.state != ExpertApplicationState.WITHDRAWN,
    )
    return CandidateFacts(
        wanted=search.role,
        validated_for=roles_on(profile, now),
        search_is_open=search.takes_applications(today_in_paris(now)) and network.state is not NetworkState.COMPLETED,
        is_on_panel=session.scalar(on_panel.limit(1)) is not None,
        works_for_a_member=session.scalar(employed.limit(1)) is not None,
        has_applied=session.scalar(applied.limit(1)) is not None,
    )


def facts_of(
    session: Session, found: ExpertApplication, now: datetime, asked: DaysAsked | None = None
) -> ExpertApplicationFacts:
    """What the guards may read of an expert's application; `asked` is what the lead partner gives now. Without it, that
    is what was chosen, and before a choice what the search looks for."""
    network, booked = found.search.network, found.appointment
    envelope = envelope_of(session, network, beside=found.id)
    asked = asked or DaysAsked.of(found)
    other = select(ExpertApplication.id).where(
        ExpertApplication.search_id == found.search_id,
        ExpertApplication.id != found.id,
        ExpertApplication.state == ExpertApplicationState.CHOSEN,
    )
    return ExpertApplicationFacts(
        candidate=candidate_facts(session, network, found.search, found.profile, now),
        network_is_over=network.state is NetworkState.COMPLETED,
        unconfirmed=envelope.unconfirmed,
        envelope_cents=envelope.envelope_cents,
        committed_cents=envelope.committed_cents,
        daily_fee_cents=envelope.daily_fee_cents or 0,
        days_max=envelope.days_max,
        committed_days=envelope.committed_days,
        days=asked.days,
        starts_on=asked.starts_on,
        ends_on=asked.ends_on,
        free_days=free_days_of(session, found.profile, asked.starts_on, asked.ends_on, beside=found.id),
        has_lead_expert=networks.has_lead_expert(session, network.id),
        other_is_chosen=session.scalar(other.limit(1)) is not None,
        chosen_by=booked.appointed_by if booked else None,
    )


@dataclass(frozen=True, slots=True)
class DaysAsked:
    """For how many days, and in which period, an expert is wanted; None is not said yet."""

    days: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None

    @classmethod
    def of(cls, found: ExpertApplication) -> DaysAsked:
        source = found.appointment or found.search
        return cls(source.days, source.starts_on, source.ends_on)


def bookings_of(session: Session, profile_id: int) -> Sequence[Appointment]:
    """The ledger of an expert: all appointments, chosen ones too, the first period first, each with its network."""
    return session.scalars(
        select(Appointment)
        .where(Appointment.profile_id == profile_id)
        .options(joinedload(Appointment.network), joinedload(Appointment.candidate))
        .order_by(Appointment.starts_on, Appointment.id)
    ).all()


def free_days_of(
    session: Session, profile: ExpertProfile, starts_on: date | None, ends_on: date | None, *, beside: int = 0
) -> int | None:
    """How many days an expert has free in a period; None without a period. `beside` leaves out one application."""
    if starts_on is None or ends_on is None or ends_on < starts_on:
        return None
    booked, stated = _days_of(session, profile, beside=beside)
    return free_days(starts_on, ends_on, bookings=booked, availability=stated)


def _days_of(session: Session, profile: ExpertProfile, *, beside: int = 0) -> tuple[list[DaysWithin], list[DaysWithin]]:
    """What is booked of an expert, and what he or she states to be available for."""
    booked = [
        within
        for each in bookings_of(session, profile.id)
        if each.expert_application_id != beside and (within := each.booked) is not None
    ]
    return booked, [each.within for each in profile.availability]


def matches_of(
    session: Session, searches: Sequence[ExpertSearch], profile: ExpertProfile, now: datetime, *, beside: int = 0
) -> list[Match]:
    """How an expert matches each of these searches, in words, beside what is booked for one application; two queries
    however many they are."""
    booked, stated = _days_of(session, profile, beside=beside)

    def match(search: ExpertSearch) -> Match:
        free = None
        if stated and search.starts_on is not None and search.ends_on is not None:
            free = free_days(search.starts_on, search.ends_on, bookings=booked, availability=stated)
        roles = roles_on(profile, now)
        offer = ExpertOffer(validated_for=roles, themes=profile.themes, languages=profile.languages, free_days=free)
        return match_of(search.needs, offer)

    return [match(search) for search in searches]


def leads_elsewhere(session: Session, found: ExpertApplication) -> bool:
    """Whether the expert is chosen or appointed as lead expert of another network, and has not left it.

    No page of the programme that we know forbids it; so it is said, and whoever decides weighs it.
    """
    lead = select(Appointment.id).where(
        Appointment.profile_id == found.profile_id,
        Appointment.role == ExpertTrack.LEAD,
        Appointment.ended_on.is_(None),
        Appointment.network_id != found.search.network_id,
        Appointment.network.has(Network.state != NetworkState.COMPLETED),
    )
    return session.scalar(lead.limit(1)) is not None


def today_in_paris(now: datetime) -> date:
    """The day in Paris."""
    return now.astimezone(PARIS).date()


@takes_part
def _wants_to_join_its_network(instants: Instants) -> Select[Any, Any]:
    """Experts who applied to the network that came of an application, or were appointed."""
    return (
        select(Network.application_id, ExpertProfile.user_id)
        .join(ExpertSearch, ExpertSearch.network_id == Network.id)
        .join(ExpertApplication, ExpertApplication.search_id == ExpertSearch.id)
        .join(ExpertProfile, ExpertProfile.id == ExpertApplication.profile_id)
        .where(
            Network.application_id.is_not(None),
            ExpertApplication.state.in_(TAKES_PART),
        )
    )


def _in_own_networks(interests: Interests) -> Select[int]:
    own = Network.application_id.in_(interests.applications)
    candidates = select(ExpertApplication.id).join(ExpertApplication.search).join(ExpertSearch.network)
    return candidates.where(own)


def _of_network(network_id: int) -> Select[int]:
    of_search = select(ExpertApplication.id).join(ExpertApplication.search)
    return of_search.where(ExpertSearch.network_id == network_id)


register(
    SubjectKind.EXPERT_APPLICATION,
    involved=_in_own_networks,
    may_see=own_expert | lead_applicant | office | auditor,
    names=labelled(
        "Application to join ", ExpertApplication.id, ExpertApplication.id, "networks.candidate", "application_id"
    ),
    part_of={SubjectKind.NETWORK: _of_network},
)


@dataclass(frozen=True, slots=True)
class ExpertiseEnvelope:
    """What appointments of a network may cost. `unconfirmed` names the terms that the call leaves open.

    `envelope_cents` is None if it is not known, or confirmed as not limited; so is `days_max`.
    """

    envelope_cents: int | None
    committed_cents: int
    daily_fee_cents: int | None
    days_max: int | None
    committed_days: int
    unconfirmed: tuple[Text, ...]

    @property
    def envelope_is_unconfirmed(self) -> bool:
        return ENVELOPE in self.unconfirmed

    @property
    def fee_is_unconfirmed(self) -> bool:
        return DAILY_FEE in self.unconfirmed

    @property
    def left_cents(self) -> int | None:
        return None if self.envelope_cents is None else self.envelope_cents - self.committed_cents

    @property
    def left_days(self) -> int | None:
        return None if self.days_max is None else self.days_max - self.committed_days


def envelope_of(session: Session, network: Network, *, beside: int = 0) -> ExpertiseEnvelope:
    """The envelope and the fee come from the terms of the call; what was known at the founding stays. `beside` leaves
    out what one application takes of it."""
    terms = session.scalars(
        select(Call.terms)
        .join(Application, Application.call_id == Call.id)
        .where(Application.id == network.application_id)
    ).one()
    of_call = terms.expertise_envelope.cents if terms.expertise_envelope else None
    unconfirmed: list[Text] = []
    if network.envelope_cents is None and not terms.is_confirmed("expertise_envelope"):
        unconfirmed.append(ENVELOPE)
    # A fee that is "not limited" is no fee that days could be multiplied with.
    if terms.expert_daily_fee is None or not terms.is_confirmed("expert_daily_fee"):
        unconfirmed.append(DAILY_FEE)
    cents, days = committed(session, network.id, beside=beside)
    return ExpertiseEnvelope(
        envelope_cents=of_call if network.envelope_cents is None else network.envelope_cents,
        committed_cents=cents,
        daily_fee_cents=terms.expert_daily_fee.cents if terms.expert_daily_fee else None,
        days_max=terms.expert_days_max,
        committed_days=days,
        unconfirmed=tuple(unconfirmed),
    )
