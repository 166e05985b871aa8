"""Starting an application and taking a transition: the only place that assigns the state of an application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, ApplicationAccess, Partner, StepTaken
from urbact_calls.applications.operations import freeze_submission
from urbact_calls.audit.models import WorkflowEvent
from urbact_calls.audit.operations import record
from urbact_calls.calls.models import Call
from urbact_calls.casework import queries
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound, Refusal, Refused
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import PartnerRole, Role
from urbact_calls.domain.workflow.application import APPLICATION, CLOSED
from urbact_calls.jobs import announce

FREEZES = frozenset({"submit", "answer_clarification"})
"""The transitions that hand something in: the dossier is frozen as it is at that moment."""

MOVED_ON = message(
    "workflow.moved_on",
    "Something has happened to this application since you opened the page. See where it stands, then decide.",
)
NOT_YET_OPEN = message("call.closed/not_yet_open", "The call opens on {opens_at}.")
HISTORICAL = message("call.historical", "This call is a record of the past; nothing can be started in it.")
NOT_YOUR_ORGANISATION = message("application.not_your_organisation", "Choose an organisation that you work for.")


def apply(  # noqa: PLR0913 -- what a step depends on; the last three are keyword-only
    session: Session,
    application: Application,
    name: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
    seen: int | None = None,
    known: Mapping[str, Any] | None = None,
) -> WorkflowEvent:
    """Takes the transition `name` for an application that the caller has locked, and announces what follows.

    `seen` is `queries.events_known` as the actor saw it, None for the program itself: a request that comes late, or a
    second time after others have acted, is refused. `known` adds facts that only a feature above
    this one can know (a network that was just founded). Raises Refused with every reason, NotFound for a transition
    that is not for this actor.
    """
    relation = queries.relation_to(session, actor, application)
    facts = queries.facts_of(session, application, now)
    if known:
        facts = replace(facts, **known)
    transition = APPLICATION.require(
        name,
        state=application.state,
        facts=facts,
        actor=actor,
        relation=relation,
        now=now,
        reason=reason,
    )

    if seen is not None and seen != queries.events_known(session, application, actor, relation):
        raise Refused(Refusal(MOVED_ON()))

    if name in FREEZES:
        freeze_submission(session, application, received_at=now, now=now, actor=actor)
    event = record(
        session,
        object_ref=application.reference,
        machine=APPLICATION.name,
        transition=name,
        source=application.state,
        target=transition.target,
        actor=actor,
        now=now,
        reason=reason,
    )
    application.state = transition.target
    application.version += 1
    if transition.stamps:
        setattr(application, transition.stamps, now)
    session.flush()

    for kind in transition.announces:
        announce(
            session,
            kind=kind,
            key=f"{kind}:{application.reference}:{event.number}",
            args=StepTaken(reference=application.reference, event=event.id, submission=application.submission_count),
            now=now,
            actor_id=actor.user_id,
            object_ref=application.reference,
        )
    return event


def start(session: Session, call_code: str, organisation_id: int, actor: Actor, now: datetime) -> Application:
    """A draft of one of the actor's organisations in an open call, with its lead partner and its lead applicant.

    Raises NotFound for an unknown call, Refused when the call is not open or the actor does not work there.
    """
    # The row of the call is the lock under which numbers are given: they are never given twice.
    call = session.scalar(select(Call).where(Call.code == call_code).with_for_update())
    if call is None or call.published_at is None or actor.user_id is None:
        raise NotFound(f"call {call_code}")
    _may_start(call, organisation_id, actor, now)
    application = _draft(session, call, actor.user_id, now)
    session.add(
        Partner(application_id=application.id, organisation_id=organisation_id, role=PartnerRole.LEAD, position=1)
    )
    session.add(ApplicationAccess(application_id=application.id, user_id=actor.user_id, role=Role.LEAD, granted_at=now))
    record(
        session,
        object_ref=application.reference,
        machine=APPLICATION.name,
        transition="start",
        source=None,
        target=application.state,
        actor=actor,
        now=now,
    )
    return application


def _may_start(call: Call, organisation_id: int, actor: Actor, now: datetime) -> None:
    if call.is_historical:
        raise Refused(Refusal(HISTORICAL()))
    if now < call.opens_at and not call.takes_applications(now):
        raise Refused(Refusal(NOT_YET_OPEN(opens_at=call.opens_at)))
    if not call.takes_applications(now):
        raise Refused(Refusal(CLOSED(closes_at=call.closes_at)))
    if organisation_id not in actor.organisation_ids:
        raise Refused(Refusal(NOT_YOUR_ORGANISATION(), "organisation"))


def _draft(session: Session, call: Call, user_id: int, now: datetime) -> Application:
    last = session.scalar(select(func.max(Application.number)).where(Application.call_id == call.id)) or 0
    application = Application(
        reference=f"{call.code}-{last + 1:03d}",
        call_id=call.id,
        number=last + 1,
        state=APPLICATION.start,
        created_at=now,
        created_by=user_id,
    )
    session.add(application)
    session.flush()
    return application
