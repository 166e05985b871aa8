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
from urbact_calls.audit.operations import field_changed
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.record import to_json
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.slugs import free_slug, slug_of
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import Expertise, ExpertTrack, LanguageLevel, Role
from urbact_calls.domain.workflow.expert_profile import EXPERT_PROFILE
from urbact_calls.experts import queries
from urbact_calls.experts.models import ExpertProfile, ProfileMessage
from urbact_calls.workflow.lives import Life, Step, register

AGAIN = message("expert.again", "Somebody with your name registered just now. Save once more.")


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
            subject=profile.subject,
            field=field.name,
            before=to_json(getattr(profile, field.name)),
            after=to_json(value),
            actor=actor,
            now=now,
        )
        setattr(profile, field.name, value)
    profile.version += 1


@dataclass(frozen=True, slots=True)
class _TakenSlugs(Container[str]):
    session: Session

    def __contains__(self, slug: object) -> bool:
        return self.session.scalar(select(ExpertProfile.id).where(ExpertProfile.slug == slug)) is not None


def _keep_decision(session: Session, profile: ExpertProfile, step: Step) -> None:
    """What the office ticked, who decided, and why."""
    profile.validated_kinds = tuple(kind for kind in Expertise if kind in step.facts.validated)
    profile.decided_by, profile.reason = step.actor.user_id, step.event.reason


register(
    Life(
        kind=SubjectKind.EXPERT_PROFILE,
        machine=EXPERT_PROFILE,
        facts=lambda session, profile, now: queries.facts_of(profile),
        relation=lambda session, actor, profile: queries.relation_to(actor, profile),
        args=lambda profile, event: ProfileMessage(profile=profile.id),
        effects={"validation": _keep_decision},
    )
)
