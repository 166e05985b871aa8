"""Commands on the life of an application: take a transition, and freeze what is submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session, joinedload

from urbact_calls.applications.models import Application, Document, Partner, StepTaken, SubmittedFile
from urbact_calls.applications.reads.applications import for_update, opened_for_update, require_not_handed_in
from urbact_calls.applications.reads.dossier import (
    answers_of,
    answers_of_each,
    assemble,
    led_by_the_same,
    led_by_the_same_each,
    numbered_documents,
    partners_of,
    partners_of_each,
)
from urbact_calls.applications.submission.models import KeptStep, Submission
from urbact_calls.applications.submission.reads.facts import NOTHING_KNOWN, Known, facts_of, relation_to
from urbact_calls.database import forget_traces, transaction
from urbact_calls.domain.dossier import Dossier, OtherApplication
from urbact_calls.domain.permissions import SYSTEM, Actor, Relation, applicant
from urbact_calls.domain.refusal import MovedOn, NotFound, Refusal, Refused
from urbact_calls.domain.serialization import Written, to_json
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.text import message
from urbact_calls.domain.workflow.application import APPLICATION, CLOSED, call_is_open
from urbact_calls.domain.workflow.machine import Transition
from urbact_calls.jobs import Effect, announce
from urbact_calls.workflow.lives import Life, Step, note_refusal, register, take


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What is handed in, as values: the dossier, what is stored of it, and the columns of its files. Read once for the
    guards and for what is kept, and by a worker before its transaction."""

    dossier: Dossier
    written: Written
    files: Sequence[Mapping[str, Any]]


def _handed_in(session: Session, application: Application, now: datetime) -> HandedIn:
    partners = partners_of(session, application)
    answers, others = answers_of(session, application), led_by_the_same(session, application)
    return _assembled(application, partners, answers, others, now)


def _assembled(
    application: Application,
    partners: Sequence[Partner],
    answers: Mapping[str, Mapping[str, str]],
    others: tuple[OtherApplication, ...],
    now: datetime,
) -> HandedIn:
    received_at = now.replace(microsecond=0)
    dossier = assemble(application, partners, answers, received_at=received_at, other_applications=others)
    files = [_file(number, each) for number, each in numbered_documents(partners)]
    return HandedIn(dossier, Written(to_json(dossier)), files)


def _file(partner: int, document: Document) -> Mapping[str, Any]:
    """The columns of `SubmittedFile` for a document of the partner of this number."""
    copied = ("kind", "storage_key", "filename", "media_type", "size", "sha256")
    return {"partner": partner, **{name: getattr(document, name) for name in copied}}


def _freeze(session: Session, application: Application, step: Step) -> None:
    """Keeps the dossier and its files as they are now under the next number; earlier submissions stay as they were."""
    handed_in: HandedIn = step.material or _handed_in(session, application, step.now)
    dossier = handed_in.dossier
    application.submission_count += 1
    row = {
        "application_id": application.id,
        "number": application.submission_count,
        "dossier": handed_in.written,
        "fingerprint": handed_in.written.fingerprint,
        "budget_cents": dossier.budget_total.cents if dossier.budget_total else None,
        "received_at": step.now.replace(microsecond=0),
        "submitted_by": step.actor.user_id,
    }
    submission_id = session.scalars(insert(Submission).returning(Submission.id), [row]).one()
    if handed_in.files:
        session.execute(insert(SubmittedFile), [{"submission_id": submission_id, **each} for each in handed_in.files])


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
    application: Application,
    name: str,
    actor: Actor,
    relation: Relation,
    now: datetime,
    reason: str | None = None,
    *,
    seen: int | None = None,
) -> None:
    """Keeps a step with the instant at which it was received, for a worker: two short statements, where taking it reads
    and writes everything that is handed in. Nothing of the application changes until it is taken. Whoever asks again
    meanwhile, or for what was done, asks for nothing.

    The worker asks again who may do it. Raises NotFound for a stranger.
    """
    transition = APPLICATION.known(name, actor, relation)
    if actor.user_id is None:
        return
    subject, reference = application.subject, application.reference
    kept = KeptStep(
        reference=reference, name=name, user_id=actor.user_id, received_at=now, seen=seen, reason=reason or ""
    )
    mark = (
        update(Application)
        .where(
            Application.id == subject.id,
            Application.handed_in_at.is_(None),
            Application.state.in_(transition.sources),
        )
        .values(handed_in_at=now)
        .returning(Application.id)
    )
    with transaction() as session:
        if session.execute(mark, execution_options={"synchronize_session": False}).one_or_none() is not None:
            announce(
                session,
                kind="applications.store",
                key=f"applications.store:{reference}:{now.timestamp()}",
                args=kept,
                now=now,
                actor_id=actor.user_id,
                subject=subject,
            )


def handed_in_by(session: Session, kept: Sequence[KeptStep]) -> Mapping[str, HandedIn]:
    """What the applications of kept steps hold, by reference, in as many statements however many they are.

    To be read before anything is locked: what is handed in cannot be changed until it is stored.
    """
    received = {each.reference: each.received_at for each in kept}
    applications = session.scalars(
        select(Application).where(Application.reference.in_(list(received))).options(joinedload(Application.call))
    ).all()
    ids = [each.id for each in applications]
    partners, answers = partners_of_each(session, ids), answers_of_each(session, ids)
    others = led_by_the_same_each(session, applications)
    return {
        each.reference: _assembled(each, partners[each.id], answers[each.id], others[each.id], received[each.reference])
        for each in applications
    }


def kept_step(session: Session, kept: KeptStep, actor: Actor, handed_in: HandedIn | None) -> None:
    """Takes a step that was kept, in the transaction of its job. One that is refused is kept with every reason."""
    opened = opened_for_update(session, actor, kept.reference)
    application = opened[0]
    application.handed_in_at = None
    refusals: tuple[Refusal, ...]
    try:
        # What changes of the application is written at once.
        with session.no_autoflush:
            _take(session, opened, kept.name, actor, kept.received_at, kept.reason, seen=kept.seen, material=handed_in)
    except (Refused, MovedOn) as problem:
        refusals = problem.refusals
    except NotFound:
        refusals = (Refusal(NOT_YOURS()),)
    else:
        return
    # Kept here, with the others that are stored at once, also if one of these fails and they are stored one by one.
    forget_traces(session)
    note_refusal(session, application.subject, kept.name, refusals, actor, kept.received_at)


def take_transition(  # noqa: PLR0913 -- what a step depends on; the last one is keyword-only
    reference: str, name: str, actor: Actor, now: datetime, reason: str | None = None, *, seen: int | None = None
) -> None:
    """Takes one step of an application's life. `now` is when the request was received, `seen` how many events
    the actor knew of.

    Raises Refused with every reason and MovedOn, after keeping the attempt in the record; NotFound for a stranger.
    """
    with transaction() as session:
        _take(session, opened_for_update(session, actor, reference), name, actor, now, reason, seen=seen)


def _take(  # noqa: PLR0913 -- as `take_transition`
    session: Session,
    opened: tuple[Application, Relation],
    name: str,
    actor: Actor,
    now: datetime,
    reason: str | None,
    *,
    seen: int | None,
    material: HandedIn | None = None,
) -> None:
    application, as_applicant = opened
    relation = relation_to(session, actor, application, as_applicant)
    transition = APPLICATION.known(name, actor, relation)
    require_not_handed_in(application)
    known = NOTHING_KNOWN
    if transition.freezes and application.state in transition.sources:
        material = material or _handed_in(session, application, now)
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
