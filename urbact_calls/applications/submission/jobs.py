"""Jobs that take transitions of applications: what was handed in while many did is stored, and a clarification lapses
when its time to answer has passed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from urbact_calls.applications.models import Application
from urbact_calls.applications.reads.applications import by_reference
from urbact_calls.applications.reads.interests import actors_of
from urbact_calls.applications.submission.commands import handed_in_by, kept_step, step_of_a_worker
from urbact_calls.applications.submission.models import KeptStep
from urbact_calls.applications.submission.reads.facts import facts_of
from urbact_calls.calls.models import Call
from urbact_calls.database import db
from urbact_calls.domain.eligibility.clarification import clarification_due
from urbact_calls.domain.refusal import NotFound
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.domain.workflow.application import APPLICATION, CLARIFICATION_ROUND, LET_CLARIFICATION_LAPSE
from urbact_calls.job_sets import JobForEach, due_for_each
from urbact_calls.jobs import Claim, Effect, OfApplication, Outcome, job
from urbact_calls.record.models import WorkflowEvent
from urbact_calls.subjects import is_about

# About a fifth of a second of work: what a killed worker had in its hands is not much, and on SQLite nobody else writes
# while they are written.
_STORED_AT_ONCE = 10
_QUESTIONS = APPLICATION.names(lambda act: act.uses_up == CLARIFICATION_ROUND)


@dataclass(frozen=True, kw_only=True)
class EndOfAnswer(OfApplication):
    """The arguments of the end of a time to answer; it says nothing when the day was moved meanwhile."""

    due: datetime


def announce_lapsed_clarifications(session: Session, now: datetime) -> Effect | None:
    """Asks to go on with every application whose time to answer has passed."""
    asked = (
        select(Application.id, Call.terms, func.max(WorkflowEvent.at))
        .join(Application.call)
        .join(WorkflowEvent, is_about(WorkflowEvent, SubjectKind.APPLICATION, Application.id))
        .where(Application.state == ApplicationState.CLARIFICATION, WorkflowEvent.transition.in_(_QUESTIONS))
        .group_by(Application.id, Call.id)
    )
    # A time to answer ends with a day, so that many end together.
    passed = defaultdict(list)
    for application_id, terms, asked_at in session.execute(asked):
        due = clarification_due(asked_at, terms)
        if now > due:
            passed[due].append(application_id)
    ends = [
        JobForEach(
            kind="applications.lapse_clarification",
            rows=select(Application.id).where(Application.id.in_(ids)).order_by(Application.id),
            key="applications.lapse_clarification:" + Application.reference + f":{due:%Y%m%dT%H%M%S}",
            args=EndOfAnswer(reference="", due=due),
            varying={"reference": Application.reference},
            subject=(SubjectKind.APPLICATION, Application.id),
        )
        for due, ids in passed.items()
    ]
    return due_for_each(session, ends, now)


@job("applications.store", args=KeptStep, batch=_STORED_AT_ONCE, goes_first=True)
def store(claims: Sequence[Claim[KeptStep]]) -> list[Outcome]:
    """Takes steps as their senders would have, as if at the instants at which they were received.

    What they hand in is read for all of them, and before anything is locked: others want to hand in meanwhile.
    """
    session, steps = db.session(), [claim.args for claim in claims]
    actors, handed_in = (
        actors_of(session, [(each.user_id, each.received_at) for each in steps]),
        handed_in_by(session, steps),
    )
    return [
        partial(kept_step, kept=each, actor=actor, handed_in=handed_in.get(each.reference))
        if actor is not None
        else NotFound(f"account {each.user_id}")
        for each, actor in zip(steps, actors, strict=True)
    ]


@job("applications.lapse_clarification", args=EndOfAnswer)
def lapse_clarification(claim: Claim[EndOfAnswer]) -> Effect | None:
    """Nobody answered in time: the check goes on with what there is. Nothing to do if the answer came after all, or
    if the day was moved meanwhile: another job comes with the new one."""
    application = by_reference(db.session(), claim.args.reference)
    due = facts_of(db.session(), application, claim.now).clarification_due
    if due != claim.args.due:
        return None
    return step_of_a_worker(application, LET_CLARIFICATION_LAPSE, claim.now)
