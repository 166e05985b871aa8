"""Experts for tests: profiles in the pool, searches of networks, applications."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy import select

from tests.factories.accounts import actor_of, person
from tests.factories.applications import pdf
from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application
from urbact_calls.database import db, transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import Expertise, ExpertTrack, LanguageLevel, Role
from urbact_calls.experts import commands as experts
from urbact_calls.experts.commands import ProfileText
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.networks.expertise import commands as expertise
from urbact_calls.networks.models import Agreement, ExpertSearch, Member, Network

TASK = "Help ten cities to learn from each other about quiet nights."


def said(*, track: ExpertTrack = ExpertTrack.LEAD, skills: str = "Twelve networks in ten years.") -> ProfileText:
    """A complete description of an expert."""
    return ProfileText(
        track=track,
        kinds=tuple(Expertise),
        themes=("mobility", "safety"),
        languages=(("en", LanguageLevel.C2),),
        country="PL",
        years=12,
        skills=skills,
        summary="I listen first.",
    )


def submitted_expert(  # noqa: PLR0913 -- what a test may talk about
    now: datetime,
    *,
    name: str | None = None,
    email: str | None = None,
    user: User | None = None,
    track: ExpertTrack = ExpertTrack.LEAD,
    skills: str = "Twelve networks in ten years.",
) -> ExpertProfile:
    """A complete profile with a CV that waits for the office."""
    user = user or person(name=name, email=email)
    actor = actor_of(user)
    experts.save(said(track=track, skills=skills), version=0, actor=actor, now=now)
    experts.keep_cv(content=pdf(), filename="cv.pdf", actor=actor, now=now, storage=current_app.extensions["storage"])
    experts.take_transition(profile_of(user.id).id, "submit", actor, now)
    return profile_of(user.id)


def validated_expert(
    now: datetime,
    *,
    track: ExpertTrack = ExpertTrack.LEAD,
    public: bool = True,
    name: str | None = None,
    skills: str = "Twelve networks in ten years.",
) -> ExpertProfile:
    """An expert of the pool, who consents to a public page unless told otherwise."""
    profile = submitted_expert(now, track=track, name=name, skills=skills)
    step = "validate_lead" if track is ExpertTrack.LEAD else "validate_ad_hoc"
    officer = actor_of(person(Role.PROGRAMME_OFFICER))
    experts.take_transition(profile.id, step, officer, now, validated=frozenset(Expertise))
    if public:
        experts.consent(actor=expert_actor(profile), now=now)
    return profile_of(profile.user_id)


def profile_of(user_id: int) -> ExpertProfile:
    """The profile as it is in the database now."""
    db.session.rollback()
    return db.session.scalars(select(ExpertProfile).where(ExpertProfile.user_id == user_id)).one()


def expert_actor(profile: ExpertProfile) -> Actor:
    return actor_of(db.session.get_one(User, profile.user_id))


def network_of(reference: str) -> Network:
    """The network that an application became."""
    db.session.rollback()
    found = select(Network).join(Application, Application.id == Network.application_id)
    return db.session.scalars(found.where(Application.reference == reference)).one()


def network_lead(slug: str) -> Actor:
    """Somebody of the lead partner of a network."""
    place = db.session.scalars(
        select(Member.organisation_id).join(Network).where(Network.slug == slug, Member.role == "lead")
    ).one()
    return actor_of(person(), place)


def open_search(slug: str, lead: Actor, now: datetime, role: ExpertTrack = ExpertTrack.LEAD) -> int:
    """The id of a search that the lead partner opens."""
    expertise.open_expert_search(slug, role=role, task=TASK, actor=lead, now=now)
    newest = select(ExpertSearch.id).join(Network).where(Network.slug == slug).order_by(ExpertSearch.id.desc())
    return db.session.scalars(newest).first() or 0


def applied(
    slug: str, search_id: int, profile: ExpertProfile, now: datetime, *, motivation: str = "I know these cities."
) -> int:
    """The id of the application of an expert."""
    return expertise.apply_to_join(slug, search_id, motivation=motivation, actor=expert_actor(profile), now=now)


def sign_agreements(slug: str, now: datetime) -> None:
    """The agreements of all members are here."""
    stored = current_app.extensions["storage"].put(pdf())
    with transaction() as session:
        places = session.scalars(select(Member.id).join(Network).where(Network.slug == slug)).all()
        for member_id in places:
            session.add(
                Agreement(
                    member_id=member_id,
                    storage_key=stored.key,
                    filename="agreement.pdf",
                    size=stored.size,
                    sha256=stored.sha256,
                    uploaded_at=now,
                )
            )
