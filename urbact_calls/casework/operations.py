"""Starting an application, and what its steps do beside its state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, ApplicationAccess, Partner, StepTaken
from urbact_calls.applications.operations import freeze_submission
from urbact_calls.applications.queries import for_update
from urbact_calls.calls.models import Call
from urbact_calls.casework.facts import facts_of, relation_to
from urbact_calls.domain.permissions import SYSTEM, Actor, applicant
from urbact_calls.domain.refusal import NotFound, Refusal, Refused
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.vocabulary import PartnerRole, Role
from urbact_calls.domain.workflow.application import APPLICATION, CLOSED
from urbact_calls.domain.workflow.machine import Transition
from urbact_calls.jobs import Effect
from urbact_calls.workflow.lives import Life, Step, register
from urbact_calls.workflow.take import begin, take

NOT_YET_OPEN = message("call.closed/not_yet_open", "The call opens on {opens_at}.")
HISTORICAL = message("call.historical", "This call is a record of the past; nothing can be started in it.")
NOT_YOUR_ORGANISATION = message("application.not_your_organisation", "Choose an organisation that you work for.")


def _freeze(session: Session, application: Application, step: Step) -> None:
    freeze_submission(session, application, received_at=step.now, now=step.now, actor=step.actor)


register(
    Life(
        kind=SubjectKind.APPLICATION,
        machine=APPLICATION,
        facts=facts_of,
        relation=relation_to,
        args=lambda application, event: StepTaken(
            reference=application.reference, event=event.id, submission=application.submission_count
        ),
        effects={"submission": _freeze},
        version=None,
        sees_internal=~applicant,
    )
)


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
    begin(session, application, actor, now)
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


def step_of_a_worker(application: Application, transition: Transition[Any, Any], now: datetime) -> Effect | None:
    """The effect of a job by which an application takes a step; None if it does not stand where the step begins."""
    if application.state not in transition.sources:
        return None
    reference = application.reference

    def step(session: Session) -> None:
        take(session, for_update(session, reference), transition.name, SYSTEM, now)

    return step
