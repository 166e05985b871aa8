"""Steps on profiles of experts that commands and the demonstration compose."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import urbact_calls.accounts.operations as accounts
from urbact_calls.accounts.models import User
from urbact_calls.audit.operations import field_changed, record
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.record import to_json
from urbact_calls.domain.refusal import Refusal, Refused, Stale
from urbact_calls.domain.slugs import free_slug, slug_of
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import Expertise, ExpertTrack, LanguageLevel, Role
from urbact_calls.domain.workflow.expert_profile import EXPERT_PROFILE
from urbact_calls.experts import queries
from urbact_calls.experts.models import ExpertProfile, ProfileMessage
from urbact_calls.jobs import announce

AGAIN = message("expert.again", "Somebody with your name registered just now. Save once more.")
EXPERT_STALE_BEFORE_DECIDING = message(
    "expert.stale_before_deciding", "The profile was changed since you opened it. Look at it as it is now, then decide."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What an expert says about himself or herself; what is not said yet is empty."""

    track: ExpertTrack | None = None
    kinds: tuple[Expertise, ...] = ()
    themes: tuple[str, ...] = ()
    languages: tuple[tuple[str, LanguageLevel], ...] = ()
    country: str | None = None
    years: int | None = None
    skills: str | None = None
    summary: str | None = None


def object_ref(profile: ExpertProfile) -> str:
    """How the record of what happened names a profile."""
    return f"expert:{profile.id}"


def create(session: Session, user: User, actor: Actor, now: datetime) -> ExpertProfile:
    """An empty profile; with it the person holds the role of an expert. The caller has locked the account."""
    taken = _TakenSlugs(session)
    profile = ExpertProfile(
        user_id=user.id, slug=free_slug(slug_of(user.name) or "expert", str(user.id), taken), created_at=now
    )
    try:
        with session.begin_nested():
            session.add(profile)
    except IntegrityError as problem:
        # A namesake registered in this second and has the address now.
        raise Refused(Refusal(AGAIN())) from problem
    accounts.grant(session, user, Role.EXPERT, now, by=actor)
    return profile


def describe(session: Session, profile: ExpertProfile, said: Described, actor: Actor, now: datetime) -> None:
    """Writes what the expert says. Recorded field by field."""
    for field in fields(said):
        value = getattr(said, field.name)
        field_changed(
            session,
            object_ref=object_ref(profile),
            field=field.name,
            before=to_json(getattr(profile, field.name)),
            after=to_json(value),
            actor=actor,
            now=now,
        )
        setattr(profile, field.name, value)
    profile.version += 1


def apply(  # noqa: PLR0913 -- the act, its reason and what the office ticked; keyword-only after the fifth
    session: Session,
    profile: ExpertProfile,
    name: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
    validated: frozenset[Expertise] = frozenset(),
    version: int | None = None,
) -> None:
    """Takes one step of a profile that the caller has locked: the only place that assigns its state.

    `version` is what the actor saw, None where nobody looks at a page; raises Stale when it was changed since.
    """
    transition = EXPERT_PROFILE.require(
        name,
        state=profile.state,
        facts=queries.facts_of(profile, validated),
        actor=actor,
        relation=queries.relation_to(actor, profile),
        now=now,
        reason=reason,
    )
    if version is not None and version != profile.version:
        raise Stale(EXPERT_STALE_BEFORE_DECIDING())
    event = record(
        session,
        object_ref=object_ref(profile),
        machine=EXPERT_PROFILE.name,
        transition=name,
        source=profile.state,
        target=transition.target,
        actor=actor,
        now=now,
        reason=reason,
    )
    profile.state = transition.target
    profile.version += 1
    profile.validated_kinds = tuple(kind for kind in Expertise if kind in validated)
    if transition.stamps:
        setattr(profile, transition.stamps, now)
    if transition.stamps == "decided_at":
        profile.decided_by, profile.reason = actor.user_id, event.reason
    for kind in transition.announces:
        announce(
            session,
            kind=kind,
            key=f"{kind}:{object_ref(profile)}:{event.number}",
            args=ProfileMessage(profile=profile.id),
            now=now,
            actor_id=actor.user_id,
            object_ref=object_ref(profile),
        )


@dataclass(frozen=True, slots=True)
class _TakenSlugs(Container[str]):
    session: Session

    def __contains__(self, slug: object) -> bool:
        return self.session.scalar(select(ExpertProfile.id).where(ExpertProfile.slug == slug)) is not None
