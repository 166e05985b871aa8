"""Commands on the life of an application: to start one, and to take a transition."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, ApplicationAccess, Partner
from urbact_calls.applications.queries import for_update
from urbact_calls.audit.operations import record
from urbact_calls.audit.services import record_refusal
from urbact_calls.calls.models import Call
from urbact_calls.casework import operations
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import NotFound, Refusal, Refused
from urbact_calls.domain.vocabulary import PartnerRole, Role
from urbact_calls.domain.workflow.application import APPLICATION
from urbact_calls.web.filters import when


def start(call_code: str, organisation_id: int, actor: Actor, now: datetime) -> str:
    """Starts a draft of one of the actor's organisations in an open call; gives its reference.

    Raises NotFound for an unknown call, Refused when the call is not open or the actor does not work there.
    """
    with transaction() as session:
        # The row of the call is the lock under which numbers are given: they are never given twice.
        call = session.scalar(select(Call).where(Call.code == call_code).with_for_update())
        if call is None or call.published_at is None or actor.user_id is None:
            raise NotFound(f"call {call_code}")
        _may_start(call, organisation_id, actor, now)
        application = _draft(session, call, actor.user_id, now)
        session.add(
            Partner(application_id=application.id, organisation_id=organisation_id, role=PartnerRole.LEAD, position=1)
        )
        session.add(
            ApplicationAccess(application_id=application.id, user_id=actor.user_id, role=Role.LEAD, granted_at=now)
        )
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
        return application.reference


def take_transition(reference: str, name: str, actor: Actor, now: datetime, reason: str | None = None) -> None:
    """Takes one step of an application's life. `now` is when the request was received.

    Raises Refused with every reason, after keeping the attempt in the record; NotFound for a stranger.
    """
    try:
        with transaction() as session:
            operations.apply(session, for_update(session, reference), name, actor, now, reason=reason)
    except Refused as problem:
        record_refusal(object_ref=reference, transition=name, refusals=problem.refusals, actor=actor, now=now)
        raise


def _may_start(call: Call, organisation_id: int, actor: Actor, now: datetime) -> None:
    if call.is_historical:
        raise Refused(Refusal("call.historical", "This call is a record of the past; nothing can be started in it."))
    if not call.takes_applications(now):
        text = "opens" if now < call.opens_at else "closed"
        moment = call.opens_at if now < call.opens_at else call.closes_at
        raise Refused(Refusal("call.closed", f"The call {text} on {when(moment)}."))
    if organisation_id not in actor.organisation_ids:
        raise Refused(
            Refusal("application.not_your_organisation", "Choose an organisation that you work for.", "organisation")
        )


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
