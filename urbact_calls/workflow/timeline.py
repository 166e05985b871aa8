"""The timeline of a subject: its events as each reader may know them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from urbact_calls.domain.permissions import Actor, Relation
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.workflow.machine import Act
from urbact_calls.record.models import WorkflowEvent
from urbact_calls.subjects import POLICIES, is_about
from urbact_calls.workflow.lives import LIVES


def events_of(session: Session, subject: Subject) -> Sequence[WorkflowEvent]:
    """All events of one subject, oldest first: for the program, not for a reader."""
    return events_by_id(session, subject.kind, [subject.id])[subject.id]


def events_by_id(session: Session, kind: SubjectKind, ids: Collection[int]) -> Mapping[int, list[WorkflowEvent]]:
    """All events of some subjects by their id, oldest first; one query."""
    found: dict[int, list[WorkflowEvent]] = {number: [] for number in ids}
    rows = select(WorkflowEvent).where(WorkflowEvent.subject_kind == kind, WorkflowEvent.subject_id.in_(list(ids)))
    for event in session.scalars(rows.order_by(WorkflowEvent.subject_id, WorkflowEvent.number)):
        found[event.subject_id].append(event)
    return found


def act_of(event: WorkflowEvent) -> Act:
    """What an event was, with all that its table says of it."""
    return LIVES[event.about.kind].machine.act(event.transition)


def told(events: Iterable[WorkflowEvent], actor: Actor, relation: Relation) -> list[WorkflowEvent]:
    """Those of the events that this reader may know of, in the same order."""
    return [event for event in events if _may_know(event, actor, relation)]


def _may_know(event: WorkflowEvent, actor: Actor, relation: Relation) -> bool:
    if not POLICIES[event.about.kind].may_see(actor, relation):
        return False
    return not act_of(event).internal or LIVES[event.about.kind].sees_internal(actor, relation)


def count_known(session: Session, subject: Subject, actor: Actor, relation: Relation) -> int:
    """How many events of a subject this actor may know of: it tells one moment of its life from another.

    What the office notes for itself is not counted for others; a number would tell them of it.
    """
    life = LIVES[subject.kind]
    events = select(func.count()).where(is_about(WorkflowEvent, subject.kind, subject.id))
    if not life.sees_internal(actor, relation):
        events = events.where(WorkflowEvent.transition.not_in(life.machine.names(lambda act: act.internal)))
    return session.scalar(events) or 0
