"""Demonstration data: an open call of each type, people of every role, made-up cities and a started application.

Loading it again changes nothing but the dates of a call, once it has closed and nothing in it waits.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from urbact_calls.accounts.commands.accounts import create_step, grant_step
from urbact_calls.accounts.commands.passwords import hashed
from urbact_calls.accounts.models import User
from urbact_calls.accounts.reads import by_email
from urbact_calls.applications.models import Application
from urbact_calls.assessment.models import PanelMember
from urbact_calls.calls.definition.commands import add_call_step, change_terms_step, demonstration_terms, moved_terms
from urbact_calls.calls.models import Call
from urbact_calls.database import db, transaction
from urbact_calls.demonstration.draft import write_draft
from urbact_calls.demonstration.made_up_cities import CITIES, LEAD_CITY, MADE_UP, PARTNER_CITIES
from urbact_calls.demonstration.people import PASSWORD, PEOPLE, Person
from urbact_calls.demonstration.sample_expert import make_expert
from urbact_calls.domain.permissions import SYSTEM, Actor
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.slugs import slug_of
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import ApplicationState, CallPhase
from urbact_calls.organisations.commands import create_step as create_organisation
from urbact_calls.organisations.commands import join_step
from urbact_calls.organisations.models import Organisation
from urbact_calls.reference.known_calls import DEMO_BASES, DEMO_CODE

SUMMARIES = {
    "APN-DEMO": "Demonstration: eight to ten cities, one shared challenge, a plan for each. Nothing entered here has "
    "any effect.",
    "TN-DEMO": "Demonstration: a city passes its labelled Good Practice on to others. Nothing entered here has any "
    "effect.",
    "ITN-DEMO": "Demonstration: a city passes on what it learnt in its Urban Innovative Actions project. Nothing "
    "entered here has any effect.",
}
WAITING = (
    ApplicationState.SUBMITTED,
    ApplicationState.CLARIFICATION,
    ApplicationState.ELIGIBLE,
    ApplicationState.ASSESSED,
    ApplicationState.APPROVED,
)
"""States in which an application of the demonstration waits for somebody: opening the call again would disturb it."""


NOT_HERE = message("demonstration.not_here", "The demonstration is loaded with APP_ENV=demo only; it is {app_env}.")


def refuse_outside(app_env: str) -> None:
    """Raises Refused where real people work: the password of these accounts is public."""
    if app_env not in ("demo", "test"):
        raise Refused(Refusal(NOT_HERE(app_env=app_env)))


def load(now: datetime) -> tuple[str, ...]:
    """Makes what is missing of the demonstration; gives a sentence for each thing that was done."""
    with transaction() as session:
        done = [_call(session, code, now) for code in DEMO_BASES]
        done += [_cities(session, now), _people(session, now), make_expert(session, now)]
        _panels(session, now)
    if (reference := _draft(now)) is not None:
        done.append(f"Application {reference} started.")
    return tuple(sentence for sentence in done if sentence) or ("The demonstration is there already.",)


def _call(session: Session, code: str, now: datetime) -> str:
    call = session.scalar(select(Call).where(Call.code == code).with_for_update())
    terms = demonstration_terms(now, code)
    if call is None:
        add_call_step(
            session,
            terms=terms,
            summary=SUMMARIES[code],
            published_at=min(terms.opens_at, now),
            now=now,
            is_demonstration=True,
        )
        return f"Call {code} opened."
    waits = select(exists().where(Application.call_id == call.id, Application.state.in_(WAITING)))
    if call.phase(now) is not CallPhase.CLOSED or session.scalar(waits):
        return ""
    change_terms_step(session, call, moved_terms(call, now), SYSTEM, now)
    return f"Call {code} opened again."


def _cities(session: Session, now: datetime) -> str:
    known = set(session.scalars(select(Organisation.slug)))
    missing = [city for city in CITIES if slug_of(city.name) not in known]
    for city in missing:
        made = create_organisation(session, city, now)
        # Neither chosen by anybody nor read anywhere.
        made.region_basis, made.provenance = None, MADE_UP
    session.flush()
    return f"{len(missing)} made-up cities added." if missing else ""


def _people(session: Session, now: datetime) -> str:
    known = set(session.scalars(select(User.email).where(User.email.in_([person.email for person in PEOPLE]))))
    missing = [person for person in PEOPLE if person.email not in known]
    if not missing:
        return ""
    # One hash for all: Argon2 is slow on purpose, and the password is the same.
    password_hash = hashed(PASSWORD)
    for person in missing:
        _person(session, person, password_hash, now)
    return f"{len(missing)} accounts added."


def _person(session: Session, person: Person, password_hash: str, now: datetime) -> None:
    user = create_step(
        session, email=person.email, name=person.name, password_hash=password_hash, now=now, confirmed=True
    )
    if person.role is not None:
        grant_step(session, user, person.role, now, country=person.country)
    if person.works_for is not None:
        employer = session.scalars(select(Organisation).where(Organisation.slug == slug_of(person.works_for))).one()
        join_step(session, employer, user.id, now, is_manager=True).confirmed_at = now


def _panels(session: Session, now: datetime) -> None:
    """The same three people sit on the panel of each call, unless somebody was added to it or removed by hand."""
    has_panel = exists().where(PanelMember.call_id == Call.id)
    calls = session.scalars(select(Call.id).where(Call.code.in_(DEMO_BASES), ~has_panel)).all()
    people = {person.email: person for person in PEOPLE if person.is_on_panel}
    users = session.execute(select(User.email, User.id).where(User.email.in_(people)).order_by(User.id)).all()
    session.add_all(
        PanelMember(
            call_id=call_id,
            user_id=user_id,
            is_chair=people[email].is_chair,
            country=people[email].country,
            invited_at=now,
        )
        for call_id in calls
        for email, user_id in users
    )


def _draft(now: datetime) -> str | None:
    """Starts the application of the lead account, if nothing was ever started in the call."""
    session = db.session()
    call = session.scalars(select(Call).where(Call.code == DEMO_CODE)).one()
    lead = by_email(session, PEOPLE[0].email)
    was_used = session.scalar(select(exists().where(Application.call_id == call.id)))
    if was_used or lead is None or not call.takes_applications(now):
        return None
    lead_slug = slug_of(LEAD_CITY.name)
    lead_id = session.scalars(select(Organisation.id).where(Organisation.slug == lead_slug)).one()
    actor = Actor(lead.id, lead.name, organisation_ids=frozenset({lead_id}))
    partner_slugs = [slug_of(city.name) for city in PARTNER_CITIES]
    return write_draft(DEMO_CODE, lead_id, partner_slugs, actor, now)
