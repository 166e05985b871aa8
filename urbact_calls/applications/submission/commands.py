"""Commands on the life of an application: take a transition, and freeze what is submitted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, StepTaken, SubmittedFile
from urbact_calls.applications.reads.applications import for_update
from urbact_calls.applications.reads.dossier import build_dossier, numbered_documents, partners_of
from urbact_calls.applications.submission.models import Submission
from urbact_calls.applications.submission.reads.facts import facts_of, relation_to
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import SYSTEM, Actor, applicant
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.workflow.application import APPLICATION
from urbact_calls.domain.workflow.machine import Transition
from urbact_calls.jobs import Effect
from urbact_calls.workflow.lives import Life, Step, register, take


def _freeze(session: Session, application: Application, step: Step) -> None:
    """Keeps the dossier and its files as they are now under the next number; earlier submissions stay as they were."""
    received = step.now.replace(microsecond=0)
    dossier = build_dossier(session, application, received)
    application.submission_count += 1
    submission = Submission(
        application_id=application.id,
        number=application.submission_count,
        dossier=dossier,
        fingerprint=dossier.fingerprint,
        budget_cents=dossier.budget_total.cents if dossier.budget_total else None,
        received_at=received,
        submitted_by=step.actor.user_id,
    )
    session.add(submission)
    session.flush()
    session.add_all(
        SubmittedFile(
            submission_id=submission.id,
            partner=number,
            kind=each.kind,
            storage_key=each.storage_key,
            filename=each.filename,
            media_type=each.media_type,
            size=each.size,
            sha256=each.sha256,
        )
        for number, each in numbered_documents(partners_of(session, application))
    )


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


def step_of_a_worker(application: Application, transition: Transition[Any, Any], now: datetime) -> Effect | None:
    """The effect of a job by which an application takes a step; None if it does not stand where the step begins."""
    if application.state not in transition.sources:
        return None
    reference = application.reference

    def step(session: Session) -> None:
        take(session, for_update(session, reference), transition.name, SYSTEM, now)

    return step


def take_transition(  # noqa: PLR0913 -- what a step depends on; the last one is keyword-only
    reference: str, name: str, actor: Actor, now: datetime, reason: str | None = None, *, seen: int | None = None
) -> None:
    """Takes one step of an application's life. `now` is when the request was received, `seen` how many events
    the actor knew of.

    Raises Refused with every reason and MovedOn, after keeping the attempt in the record; NotFound for a stranger.
    """
    with transaction() as session:
        application = for_update(session, reference)
        relation, facts = relation_to(session, actor, application), facts_of(session, application, now)
        take(session, application, name, actor, now, seen=seen, reason=reason, relation=relation, facts=facts)
