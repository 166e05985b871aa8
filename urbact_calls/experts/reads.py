"""Reads of expert profiles, for their owners and for the office."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from urbact_calls.accounts.models import User
from urbact_calls.database import existing, locked
from urbact_calls.domain.expertise_readings import (
    DECIDED,
    READERS,
    ReaderAnswer,
    proven_in,
    state_of,
    unread_in,
    why_not_read,
)
from urbact_calls.domain.languages import language_words
from urbact_calls.domain.permissions import Actor, Relation, auditor, office, own_expert
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.themes import theme_words
from urbact_calls.domain.vocabulary import Expertise, ExpertProfileState, ExpertTrack, ReadingState, Role
from urbact_calls.domain.workflow.expert_profile import ROLES_OF, ExpertProfileFacts, has_expired, readers
from urbact_calls.experts.models import ExpertiseReading, ExpertProfile
from urbact_calls.paging import Page, newest_first
from urbact_calls.record.reads.field_words import FieldWords, describes
from urbact_calls.reference.countries import country_name
from urbact_calls.subjects import labelled, register

PAGE_SIZE = 50


def of_user(session: Session, user_id: int) -> ExpertProfile | None:
    """The profile of a person, None if there is none."""
    return session.scalar(
        select(ExpertProfile).where(ExpertProfile.user_id == user_id).options(joinedload(ExpertProfile.user))
    )


def of_user_for_update(session: Session, user_id: int) -> ExpertProfile:
    """The profile of a person, locked until the end of the transaction. Raises NotFound."""
    query = select(ExpertProfile).where(ExpertProfile.user_id == user_id)
    return locked(session, query, f"expert profile of {user_id}")


def by_id(session: Session, profile_id: int) -> ExpertProfile:
    """One profile with its person. Raises NotFound."""
    return existing(
        session,
        select(ExpertProfile).where(ExpertProfile.id == profile_id).options(joinedload(ExpertProfile.user)),
        f"expert profile {profile_id}",
    )


def for_update(session: Session, profile_id: int) -> ExpertProfile:
    """One profile, locked until the end of the transaction. Raises NotFound."""
    return locked(session, select(ExpertProfile).where(ExpertProfile.id == profile_id), f"expert profile {profile_id}")


def for_the_office(session: Session, state: ExpertProfileState, before: int | None) -> Page[ExpertProfile]:
    """Profiles in a state, newest first; drafts are for their owners only."""
    query = (
        select(ExpertProfile)
        .where(ExpertProfile.state == state, ExpertProfile.state != ExpertProfileState.DRAFT)
        .options(joinedload(ExpertProfile.user))
    )
    return newest_first(session, query, ExpertProfile.id, before=before, size=PAGE_SIZE)


def counts_by_state(session: Session) -> Counter[str]:
    """How many profiles stand in each state."""
    rows = session.execute(select(ExpertProfile.state, func.count()).group_by(ExpertProfile.state))
    return Counter({state: count for state, count in rows})  # noqa: C416 -- rows are not typed pairs


def relation_to(actor: Actor, profile: ExpertProfile) -> Relation:
    is_own = actor.is_signed_in and profile.user_id == actor.user_id
    return Relation(frozenset({Role.EXPERT} if is_own else ()))


def facts_of(session: Session, profile: ExpertProfile, until: date | None = None) -> ExpertProfileFacts:
    """What the guards may read; `until` is the last day that the office gives now.

    While the profile waits, what is proven comes from its readings; later it is what was validated.
    """
    needed = {
        "what you want to be": profile.track,
        "kinds of expertise": profile.kinds,
        "themes": profile.themes,
        "languages": profile.languages,
        "years of experience": profile.years is not None,
        "skills": profile.skills,
        "curriculum vitae": profile.has_cv,
    }
    waits = profile.state is ExpertProfileState.SUBMITTED
    readings = answers_of(session, profile) if waits else ()
    return ExpertProfileFacts(
        track=profile.track,
        missing=tuple(words for words, there in needed.items() if not there),
        validated=proven_in(readings) if waits else frozenset(profile.validated_kinds),
        unread=unread_in(readings, profile.kinds) if waits else (),
        valid_until=profile.valid_until,
        until=until,
    )


def readings_of(session: Session, profile: ExpertProfile) -> Sequence[ExpertiseReading]:
    """The readings of the profile as it was submitted last, oldest first, with who read."""
    return session.scalars(
        select(ExpertiseReading)
        .where(ExpertiseReading.profile_id == profile.id, ExpertiseReading.round == profile.round)
        .order_by(ExpertiseReading.id)
        .options(joinedload(ExpertiseReading.reader))
    ).all()


def answers_of(session: Session, profile: ExpertProfile) -> Sequence[ReaderAnswer]:
    """What the readers of the profile found."""
    return [each.answer for each in readings_of(session, profile)]


def waits_for_reader(user_id: int | None) -> ColumnElement[bool]:
    """The condition on `ExpertProfile` that it waits, and that this person can still read a kind of it."""
    open_kinds = (_claims(kind) & ~_is_decided(kind) & ~exists(_read(kind, user_id)) for kind in Expertise)
    return and_(ExpertProfile.state == ExpertProfileState.SUBMITTED, or_(*open_kinds))


def waits_for_decision() -> ColumnElement[bool]:
    """The condition on `ExpertProfile` that it waits, and that each kind that it claims is read."""
    read_kinds = (~_claims(kind) | _is_decided(kind) for kind in Expertise)
    return and_(ExpertProfile.state == ExpertProfileState.SUBMITTED, *read_kinds)


def _claims(kind: Expertise) -> ColumnElement[bool]:
    # The list is stored as JSON on both databases: a code in quotes is one of the entries.
    return cast(ExpertProfile.kinds, Text).contains(f'"{kind.value}"', autoescape=True)


def _read(kind: Expertise, user_id: int | None = None) -> Select[Any]:
    """The readings of a kind of the profile as it was submitted last, of one person where one is given."""
    own = () if user_id is None else (ExpertiseReading.reader_id == user_id,)
    readings = select(ExpertiseReading.is_proven).where(
        ExpertiseReading.profile_id == ExpertProfile.id,
        ExpertiseReading.round == ExpertProfile.round,
        ExpertiseReading.kind == kind,
        *own,
    )
    return readings.correlate(ExpertProfile)


def _is_decided(kind: Expertise) -> ColumnElement[bool]:
    return exists(_read(kind).group_by(ExpertiseReading.is_proven).having(func.count() >= READERS))


@dataclass(frozen=True, slots=True)
class ReadKind:
    """One kind of expertise as a reader sees it: `shown` are the readings that he or she may know of."""

    kind: Expertise
    state: ReadingState
    shown: tuple[ExpertiseReading, ...]
    is_mine_to_read: bool


def kinds_for(session: Session, profile: ExpertProfile, actor: Actor) -> Sequence[ReadKind]:
    """The kinds that a profile claims, each with its readings.

    What others found is shown once the kind is decided: until then everybody reads for himself or herself.
    """
    readings = readings_of(session, profile)
    answers = [each.answer for each in readings]
    relation = relation_to(actor, profile)
    may_know = readers(actor, relation)
    reads = profile.state is ExpertProfileState.SUBMITTED and may_know and office(actor, relation)
    found = []
    for kind in profile.kinds:
        state = state_of(answers, kind)
        shown = (
            each
            for each in readings
            if each.kind is kind and may_know and (state in DECIDED or each.reader_id == actor.user_id)
        )
        refused = any(why_not_read(kind, profile.kinds, answers, actor.user_id or 0))
        found.append(ReadKind(kind, state, tuple(shown), reads and not refused))
    return found


def words_of(profile: ExpertProfile) -> dict[str, object]:
    """The codes of a profile in words, under the names that its pages use."""
    return {
        "kinds": [kind.label for kind in profile.kinds],
        "validated_kinds": [kind.label for kind in profile.validated_kinds],
        "themes": theme_words(profile.themes),
        "languages": language_words(profile.languages),
        "country": country_name(profile.country) if profile.country else None,
    }


def validated_roles(profile: ExpertProfile | None) -> frozenset[ExpertTrack]:
    """The roles in a network that the office validated this expert for."""
    return ROLES_OF.get(profile.state, frozenset()) if profile else frozenset()


def roles_on(profile: ExpertProfile | None, now: datetime) -> frozenset[ExpertTrack]:
    """As `validated_roles`, and none once the last day of the validation has passed, before the clock has seen it."""
    return frozenset() if profile is None or has_expired(profile.valid_until, now) else validated_roles(profile)


def public_lead_experts(session: Session) -> Sequence[ExpertProfile]:
    """The validated lead experts who allow their public page, by name; each with its person."""
    states = [state for state, roles in ROLES_OF.items() if ExpertTrack.LEAD in roles]
    return session.scalars(
        select(ExpertProfile)
        .join(ExpertProfile.user)
        .where(ExpertProfile.state.in_(states), ExpertProfile.consented_at.is_not(None), User.disabled_at.is_(None))
        .order_by(User.name, ExpertProfile.id)
        .options(joinedload(ExpertProfile.user))
    ).all()


register(
    SubjectKind.EXPERT_PROFILE,
    may_see=office | auditor | own_expert,
    names=labelled("Expert profile ", ExpertProfile.id, ExpertProfile.id, "experts.show", "profile_id"),
    part_of={SubjectKind.ACCOUNT: lambda user_id: select(ExpertProfile.id).where(ExpertProfile.user_id == user_id)},
)


_LABELS = {
    "track": "Role",
    "kinds": "Kinds of expertise",
    "themes": "Themes",
    "languages": "Languages",
    "country": "Country",
    "years": "Years of experience",
    "skills": "Skills",
    "summary": "Summary",
    "cv": "CV (fingerprint)",
    "consent": "Agrees to the public page",
    "availability": "Availability",
    "valid_until": "Last day of the validation",
}


@describes(SubjectKind.EXPERT_PROFILE)
def _field(name: str) -> FieldWords | None:
    return FieldWords(_LABELS[name]) if name in _LABELS else None
