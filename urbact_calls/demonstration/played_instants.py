"""Instants, people and applications of the play: when something was done, by whom, and what there is already."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from datetime import time as hour_of_day

from sqlalchemy import select

from urbact_calls import jobs
from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application, Partner
from urbact_calls.applications.reads.interests import actor_of
from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.demonstration.made_up_cities import LEAD_CITY
from urbact_calls.demonstration.people import PEOPLE
from urbact_calls.demonstration.played_applications import (
    PlayedApplication,
    PlayedCall,
)
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.slugs import slug_of
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import (
    JobState,
)
from urbact_calls.domain.words import PARIS, instant_of
from urbact_calls.organisations.models import Organisation
from urbact_calls.record.models import WorkflowEvent
from urbact_calls.subjects import is_about

# What a job of these kinds does belongs to the time that is played; messages leave when the workers come to them.
AT_THE_TIME = ("eligibility.", "assessment.", "decisions.take_steps", "network.")
LOOK_EVERY = 0.2
MOST_LOOKS = 500


def day_of(call: PlayedCall | None, days: int, hour: int = 10) -> datetime:
    """An hour in Paris, so many days after the day on which the demonstration was first loaded."""
    loaded = db.session.execute(select(User.created_at).where(User.email == PEOPLE[0].email)).scalar_one()
    return instant_of(loaded.astimezone(PARIS).date() + timedelta(days=days), hour_of_day(hour))


def closing_of(call: PlayedCall) -> datetime:
    return day_of(call, call.closes, 15)


def email_of(name: str) -> str:
    return f"{slug_of(name)}@demonstration.example.org"


def actor_at(email: str, now: datetime) -> Actor:
    session = db.session()
    user = session.scalars(select(User).where(User.email == email)).one()
    return actor_of(session, user.id, user.name, frozenset(grant.role for grant in user.grants), now)


def lead_of(application: PlayedApplication, now: datetime) -> Actor:
    lead = application.towns[0]
    return actor_at(PEOPLE[0].email if lead == LEAD_CITY.name else email_of(lead), now)


def officers_at(now: datetime) -> tuple[Actor, Actor]:
    return actor_at("officer1@example.org", now), actor_at("officer2@example.org", now)


def call_of(call: PlayedCall) -> Call:
    """Raises NoResultFound before the call was made."""
    return db.session.scalars(select(Call).where(Call.code == call.code)).one()


def application_of(played_one: PlayedApplication) -> Application | None:
    session = db.session()
    lead = (
        select(Partner.application_id)
        .join(Partner.organisation)
        .where(Partner.position == 1, Organisation.name == played_one.towns[0])
    )
    return session.scalar(
        select(Application).join(Application.call).where(Call.code == played_one.call.code, Application.id.in_(lead))
    )


def row_of(reference: str) -> Application:
    db.session.rollback()
    return db.session.scalars(select(Application).where(Application.reference == reference)).one()


def work_off(now: datetime) -> None:
    """Does what is due of the kinds that belong to the time that is played, and what comes of it; waits for what the
    clock has asked the workers for meanwhile. Raises TimeoutError if they do not come to an end with it."""
    is_ours = ((jobs.Job.state == JobState.READY) & (jobs.Job.next_at <= now)).label("is_ours")
    unfinished = select(jobs.Job.id, jobs.Job.kind, is_ours).where(
        jobs.Job.state.in_((JobState.READY, JobState.RUNNING))
    )
    for _ in range(MOST_LOOKS):
        found = [row for row in db.session.execute(unfinished).all() if row.kind.startswith(AT_THE_TIME)]
        db.session.rollback()
        if not found:
            return
        ours = [row.id for row in found if row.is_ours]
        for job_id in ours:
            jobs.run(job_id, owner="the demonstration", clock=lambda: now)
        if not ours:
            time.sleep(LOOK_EVERY)
    raise TimeoutError("the workers do not come to an end with what the demonstration waits for")


def has_happened(reference: str, name: str) -> bool:
    """Whether this step was taken already."""
    taken = select(WorkflowEvent.id).where(
        is_about(WorkflowEvent, SubjectKind.APPLICATION, row_of(reference).id), WorkflowEvent.transition == name
    )
    return db.session.scalar(taken) is not None
