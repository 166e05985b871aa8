"""Experts for tests: profiles in the pool, searches of networks, applications."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from tests.factories.accounts import actor_of, person
from tests.factories.applications import pdf
from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application
from urbact_calls.database import db, transaction
from urbact_calls.domain.expert_match import SearchNeeds
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.vocabulary import Expertise, ExpertTrack, LanguageLevel, Role
from urbact_calls.experts import commands as experts
from urbact_calls.experts.commands import ProfileText
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.networks.expertise import commands as expertise
from urbact_calls.networks.expertise.reads import DaysAsked
from urbact_calls.networks.models import Agreement, ExpertApplication, ExpertSearch, Member, Network

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


def officer_actor() -> Actor:
    """Somebody new of the Joint Secretariat."""
    return actor_of(person(Role.PROGRAMME_OFFICER))


def read_by_two(profile: ExpertProfile, now: datetime, proven: Collection[Expertise] = tuple(Expertise)) -> Actor:
    """Two officers read each kind of expertise that a profile claims, and agree; gives the second of them."""
    readers, profile_id = (officer_actor(), officer_actor()), profile.id
    for kind in profile.kinds:
        for reader in readers:
            experts.read_expertise(
                profile_id, kind, is_proven=kind in proven, reason="The CV shows it.", actor=reader, now=now
            )
    return readers[1]


def validate(
    profile: ExpertProfile, now: datetime, track: ExpertTrack = ExpertTrack.LEAD, until: date | None = None
) -> None:
    """Two officers read the profile, and one of them validates it."""
    step = "validate_lead" if track is ExpertTrack.LEAD else "validate_ad_hoc"
    officer = read_by_two(profile, now)
    experts.take_transition(profile.id, step, officer, now, until=until)


def validated_expert(  # noqa: PLR0913 -- what a test may talk about
    now: datetime,
    *,
    track: ExpertTrack = ExpertTrack.LEAD,
    public: bool = True,
    name: str | None = None,
    skills: str = "Twelve networks in ten years.",
    until: date | None = None,
) -> ExpertProfile:
    """An expert of the pool, who consents to a public page unless told otherwise."""
    profile = submitted_expert(now, track=track, name=name, skills=skills)
    validate(profile, now, track, until)
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


def needs_of(now: datetime, role: ExpertTrack = ExpertTrack.LEAD, **changes: Any) -> SearchNeeds:
    """What a network looks for: a hundred days within two years from now on, unless told otherwise."""
    today = now.date()
    wanted: dict[str, Any] = {
        "task": TASK,
        "themes": ("mobility",),
        "languages": ("en",),
        "days": 100,
        "starts_on": today,
        "ends_on": today + timedelta(days=729),
    }
    return SearchNeeds(role=role, **(wanted | changes))


def open_search(slug: str, lead: Actor, now: datetime, role: ExpertTrack = ExpertTrack.LEAD, **changes: Any) -> int:
    """The id of a search that the lead partner opens."""
    expertise.open_expert_search(slug, needs_of(now, role, **changes), actor=lead, now=now)
    newest = select(ExpertSearch.id).join(Network).where(Network.slug == slug).order_by(ExpertSearch.id.desc())
    return db.session.scalars(newest).first() or 0


def choose(application_id: int, lead: Actor, now: datetime, days: int | None = 10) -> None:
    """The lead partner chooses an expert, in the period of the search."""
    found = db.session.get_one(ExpertApplication, application_id)
    asked = replace(DaysAsked.of(found), days=days)
    db.session.rollback()
    expertise.take_expert_transition(application_id, "choose", lead, now, asked=asked)


def appoint(application_id: int, lead: Actor, now: datetime, days: int | None = 10) -> None:
    """The lead partner chooses an expert, and an officer validates the choice."""
    choose(application_id, lead, now, days)
    expertise.take_expert_transition(application_id, "validate_choice", officer_actor(), now)


def leave(application_id: int, actor: Actor, now: datetime, *, days_used: int = 0, on: date | None = None) -> None:
    """An appointment ends, today unless told otherwise."""
    end = expertise.EndOfWork(on or now.date(), days_used)
    expertise.take_expert_transition(application_id, "leave", actor, now, reason="A new post elsewhere.", end=end)


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
