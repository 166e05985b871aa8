"""Commands on the life of an application: take a transition, and freeze what is submitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, Partner, StepTaken, SubmittedFile
from urbact_calls.applications.reads.applications import for_update, opened_for_update
from urbact_calls.applications.reads.dossier import (
    answers_of,
    assemble,
    led_by_the_same,
    numbered_documents,
    partners_of,
)
from urbact_calls.applications.submission.models import Submission
from urbact_calls.applications.submission.reads.facts import NOTHING_KNOWN, Known, facts_of, relation_to
from urbact_calls.database import transaction
from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.permissions import SYSTEM, Actor, applicant
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.workflow.application import APPLICATION
from urbact_calls.domain.workflow.machine import Transition
from urbact_calls.jobs import Effect
from urbact_calls.workflow.lives import Life, Step, register, take


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What is handed in, read once for the guards and for what is kept."""

    dossier: Dossier
    partners: Sequence[Partner]


def _handed_in(session: Session, application: Application, now: datetime) -> HandedIn:
    partners = partners_of(session, application)
    dossier = assemble(
        application,
        partners,
        answers_of(session, application),
        received_at=now.replace(microsecond=0),
        other_applications=led_by_the_same(session, application),
    )
    return HandedIn(dossier, partners)


def _freeze(session: Session, application: Application, step: Step) -> None:
    """Keeps the dossier and its files as they are now under the next number; earlier submissions stay as they were."""
    handed_in: HandedIn = step.material or _handed_in(session, application, step.now)
    dossier = handed_in.dossier
    application.submission_count += 1
    submission = Submission(
        application_id=application.id,
        number=application.submission_count,
        dossier=dossier,
        fingerprint=dossier.fingerprint,
        budget_cents=dossier.budget_total.cents if dossier.budget_total else None,
        received_at=step.now.replace(microsecond=0),
        submitted_by=step.actor.user_id,
    )
    session.add(submission)
    session.flush()
    files = [
        {
            "submission_id": submission.id,
            "partner": number,
            "kind": each.kind,
            "storage_key": each.storage_key,
            "filename": each.filename,
            "media_type": each.media_type,
            "size": each.size,
            "sha256": each.sha256,
        }
        for number, each in numbered_documents(handed_in.partners)
    ]
    if files:
        session.execute(insert(SubmittedFile), files)


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
        application, as_applicant = opened_for_update(session, actor, reference)
        relation = relation_to(session, actor, application, as_applicant)
        transition = APPLICATION.known(name, actor, relation)
        material, known = None, NOTHING_KNOWN
        if transition.freezes and application.state in transition.sources:
            material = _handed_in(session, application, now)
            known = Known(sections_missing=material.dossier.sections_missing or ())
        facts = facts_of(session, application, now, known)
        take(
            *(session, application, name, actor, now),
            seen=seen,
            reason=reason,
            relation=relation,
            facts=facts,
            material=material,
        )
