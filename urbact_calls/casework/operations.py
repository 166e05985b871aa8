"""Taking a transition: the only place that assigns the state of an application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.applications.operations import freeze_submission
from urbact_calls.audit.models import WorkflowEvent
from urbact_calls.audit.operations import record
from urbact_calls.casework import queries
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.workflow.application import APPLICATION
from urbact_calls.jobs import announce

FREEZES = frozenset({"submit", "answer_clarification"})
"""The transitions that hand something in: the dossier is frozen as it is at that moment."""


def apply(  # noqa: PLR0913 -- what a step depends on; the last two are keyword-only
    session: Session,
    application: Application,
    name: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
    known: Mapping[str, Any] | None = None,
) -> WorkflowEvent:
    """Takes the transition `name` for an application that the caller has locked, and announces what follows.

    `known` adds facts that only a feature above this one can know (a network that was just founded). Raises
    Refused with every reason, NotFound for a transition that is not for this actor.
    """
    facts = queries.facts_of(session, application, now)
    if known:
        facts = replace(facts, **known)
    transition = APPLICATION.require(
        name,
        state=application.current_state,
        facts=facts,
        actor=actor,
        relation=queries.relation_to(session, actor, application),
        now=now,
        reason=reason,
    )

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
            args={
                "reference": application.reference,
                "event": event.id,
                "submission": application.submission_count,
            },
            now=now,
            actor_id=actor.user_id,
            object_ref=application.reference,
        )
    return event
