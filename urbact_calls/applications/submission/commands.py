"""Commands on the life of an application: take a transition, and freeze what is submitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application, Partner, StepTaken, SubmittedFile
from urbact_calls.applications.reads.applications import for_update, opened_for_update, require_not_handed_in
from urbact_calls.applications.reads.dossier import (
    answers_of,
    assemble,
    led_by_the_same,
    numbered_documents,
    partners_of,
)
from urbact_calls.applications.submission.models import KeptStep, Submission
from urbact_calls.applications.submission.reads.facts import NOTHING_KNOWN, Known, facts_of, relation_to
from urbact_calls.database import transaction
from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.permissions import SYSTEM, Actor, Relation, applicant
from urbact_calls.domain.refusal import MovedOn, NotFound, Refusal, Refused
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.workflow.application import APPLICATION, CLOSED, call_is_open
from urbact_calls.domain.workflow.machine import Transition
from urbact_calls.jobs import Effect, announce
from urbact_calls.workflow.lives import Life, Step, note_refusal, register, take


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


NOT_YOURS = message("application.not_yours", "Only the lead applicant can do this.")


def lateness(application: Application, name: str, actor: Actor, relation: Relation, now: datetime) -> Refusal | None:
    """Why a step that was received at `now` is refused before anything is read or locked for it: the call had closed.
    As many can come after that hour as before it. Whatever else is wrong with a step is left to `take_transition`."""
    transition = APPLICATION.by_name.get(name)
    if transition is None or call_is_open not in transition.guards or not transition.permission(actor, relation):
        return None
    if application.state not in transition.sources or application.call.takes_applications(now):
        return None
    return Refusal(CLOSED(closes_at=application.call.closes_at))


def keep_late(subject: Subject, name: str, refusal: Refusal, actor: Actor, now: datetime) -> None:
    """Keeps in the record that somebody came too late."""
    with transaction() as session:
        note_refusal(session, subject, name, (refusal,), actor, now)


def keep_step(  # noqa: PLR0913 -- as `take_transition`
    reference: str, name: str, actor: Actor, now: datetime, reason: str | None = None, *, seen: int | None = None
) -> None:
    """Keeps a step with the instant at which it was received, for a worker: two short statements, where taking it reads
    and writes everything that is handed in. Nothing of the application changes until it is taken. Whoever asks again
    meanwhile, or for what was done, asks for nothing.

    Raises NotFound for a stranger.
    """
    with transaction() as session:
        application, as_applicant = opened_for_update(session, actor, reference)
        transition = APPLICATION.known(name, actor, relation_to(session, actor, application, as_applicant))
        if application.handed_in_at is None and application.state in transition.sources and actor.user_id is not None:
            application.handed_in_at = now
            kept = KeptStep(
                reference=reference,
                name=name,
                user_id=actor.user_id,
                received_at=now,
                seen=seen,
                reason=reason or "",
            )
            announce(
                session,
                kind="applications.store",
                key=f"applications.store:{reference}:{now.timestamp()}",
                args=kept,
                now=now,
                actor_id=actor.user_id,
                subject=application.subject,
            )


def kept_step(session: Session, kept: KeptStep, actor: Actor) -> None:
    """Takes a step that was kept, in the transaction of its job. One that is refused is kept with every reason."""
    application = for_update(session, kept.reference)
    application.handed_in_at = None
    refusals: tuple[Refusal, ...]
    try:
        _take(session, kept.reference, kept.name, actor, kept.received_at, kept.reason, seen=kept.seen)
    except (Refused, MovedOn) as problem:
        refusals = problem.refusals
    except NotFound:
        refusals = (Refusal(NOT_YOURS()),)
    else:
        return
    note_refusal(session, application.subject, kept.name, refusals, actor, kept.received_at)


def take_transition(  # noqa: PLR0913 -- what a step depends on; the last one is keyword-only
    reference: str, name: str, actor: Actor, now: datetime, reason: str | None = None, *, seen: int | None = None
) -> None:
    """Takes one step of an application's life. `now` is when the request was received, `seen` how many events
    the actor knew of.

    Raises Refused with every reason and MovedOn, after keeping the attempt in the record; NotFound for a stranger.
    """
    with transaction() as session:
        _take(session, reference, name, actor, now, reason, seen=seen)


def _take(  # noqa: PLR0913 -- as `take_transition`
    session: Session, reference: str, name: str, actor: Actor, now: datetime, reason: str | None, *, seen: int | None
) -> None:
    application, as_applicant = opened_for_update(session, actor, reference)
    relation = relation_to(session, actor, application, as_applicant)
    transition = APPLICATION.known(name, actor, relation)
    require_not_handed_in(application)
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
