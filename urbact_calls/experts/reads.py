"""Reads of expert profiles, for their owners and for the office."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from urbact_calls.accounts.models import User
from urbact_calls.database import existing, locked
from urbact_calls.domain.languages import language_words
from urbact_calls.domain.permissions import Actor, Relation, auditor, office, own_expert
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.themes import theme_words
from urbact_calls.domain.vocabulary import Expertise, ExpertProfileState, ExpertTrack, Role
from urbact_calls.domain.workflow.expert_profile import ROLES_OF, ExpertProfileFacts
from urbact_calls.experts.models import ExpertProfile
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


def facts_of(profile: ExpertProfile, validated: frozenset[Expertise] = frozenset()) -> ExpertProfileFacts:
    """What the guards may read; `validated` is what the office ticks now."""
    needed = {
        "what you want to be": profile.track,
        "kinds of expertise": profile.kinds,
        "themes": profile.themes,
        "languages": profile.languages,
        "years of experience": profile.years is not None,
        "skills": profile.skills,
        "curriculum vitae": profile.has_cv,
    }
    return ExpertProfileFacts(
        track=profile.track,
        missing=tuple(words for words, there in needed.items() if not there),
        validated=validated,
    )


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
}


@describes(SubjectKind.EXPERT_PROFILE)
def _field(name: str) -> FieldWords | None:
    return FieldWords(_LABELS[name]) if name in _LABELS else None
