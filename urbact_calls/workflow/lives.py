"""The engine of every life: what a feature registers, the one way to take a step, and the timeline of what happened.

The only place that assigns a state, records an event and announces what follows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from urbact_calls import jobs
from urbact_calls.database import after_rollback, transaction
from urbact_calls.domain.permissions import Actor, Predicate, Relation, anyone
from urbact_calls.domain.refusal import MovedOn, Refusal, Refused
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.vocabulary import Word
from urbact_calls.domain.workflow.machine import Act, Machine, Offer, Transition
from urbact_calls.jobs import announce
from urbact_calls.record.models import RefusedAttempt, WorkflowEvent
from urbact_calls.record.reads.entries import knows_life
from urbact_calls.subjects import POLICIES, is_about

MOVED = message("workflow.moved_on", "Something has happened here since you opened the page. {now}")
NOW = message("workflow.moved_on/now", "It is now “{state}”.")
BEFORE = message("workflow.moved_on/before", "You saw it as “{before}”. It is now “{state}”.")
SINCE = message("workflow.moved_on/since", "{now} Since then: {acts:comma}.")


class Living(Protocol):
    """A row with a state of its own."""

    state: Any
    version: Any

    @property
    def subject(self) -> Subject: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step that was taken, for what follows from it: the event, the facts that the guards have read, and what the
    caller has read for the effects, so that they need not."""

    transition: Transition[Any, Any]
    event: WorkflowEvent
    facts: Any
    actor: Actor
    now: datetime
    material: Any = None


Effect = Callable[[Session, Any, Step], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """How the engine reads one kind of row, and what the feature does beside the state.

    `facts` is what the guards may read, `relation` what an actor is to the row, `args` what each announced job gets.
    `effects` has a function for each word under which a transition freezes, opens or ends something. `version` is what
    a reader says to have seen; None where that is how many events he or she knows of. `sees_internal` decides who
    knows of internal acts.
    """

    kind: SubjectKind
    machine: Machine[Any, Any]
    facts: Callable[[Session, Any, datetime], Any]
    relation: Callable[[Session, Actor, Any], Relation]
    args: Callable[[Any, WorkflowEvent], jobs.Args]
    effects: Mapping[str, Effect] = field(default_factory=dict)
    version: Callable[[Any], int] | None = attrgetter("version")
    sees_internal: Predicate = anyone


LIVES: dict[SubjectKind, Life] = {}


def register(life: Life) -> None:
    """Makes a life known. Raises ValueError for a second one of its kind, and for an effect that is missing or that no
    transition asks for."""
    if life.kind in LIVES:
        raise ValueError(f"two features register the life of {life.kind}")
    asked = {word for transition in life.machine.transitions for word in transition.effects}
    if asked != set(life.effects):
        wrong = ", ".join(sorted(asked ^ set(life.effects)))
        raise ValueError(f"{life.machine.name}: effects and transitions do not name the same: {wrong}")
    LIVES[life.kind] = life
    knows_life(life.kind, life.machine, life.sees_internal)


def life_of(row: Living) -> Life:
    """The life of a row."""
    return LIVES[row.subject.kind]


def check() -> None:
    """Raises ValueError for a job that a transition announces and that nobody does."""
    for life in LIVES.values():
        for transition in life.machine.transitions:
            unknown = [kind for kind in transition.announces if kind not in jobs.JOB_KINDS]
            if unknown:
                raise ValueError(f"{life.machine.name}.{transition.name} announces {', '.join(unknown)}: no such job")


def take(  # noqa: PLR0913 -- what a step depends on; what was seen, said and read is keyword-only
    session: Session,
    row: Living,
    name: str,
    actor: Actor,
    now: datetime,
    *,
    seen: int | None = None,
    reason: str | None = None,
    relation: Relation | None = None,
    facts: Any = None,
    material: Any = None,
) -> WorkflowEvent:
    """Takes the transition `name` of a row that the caller has locked; gives its event.

    `seen` is what the sender saw (`seen_by`), None for the program itself. The same request of the same person a second
    time gives the event of the first. `relation` and `facts` are read here unless the caller has read them; `material`
    is for the effects. Raises NotFound for a transition that is not for this actor, MovedOn for a request that comes
    late, Refused with every reason; both are kept once the transaction was given up.
    """
    life = life_of(row)
    relation = life.relation(session, actor, row) if relation is None else relation
    life.machine.known(name, actor, relation)
    if seen is not None and seen != seen_by(session, row, actor, relation):
        first = _taken_before(session, row.subject, name, actor, seen)
        if first is not None:
            return first
        late = _moved_on(session, life, row, actor, relation, seen)
        keep_refusal(session, row.subject, name, late.refusals, actor, now)
        raise late

    facts = life.facts(session, row, now) if facts is None else facts
    try:
        transition = life.machine.require(
            name, state=row.state, facts=facts, actor=actor, relation=relation, now=now, reason=reason
        )
    except Refused as problem:
        keep_refusal(session, row.subject, name, problem.refusals, actor, now)
        raise

    source = row.state
    row.state = transition.target
    row.version += 1
    if transition.stamps:
        setattr(row, transition.stamps, now)
    if transition.clears:
        setattr(row, transition.clears, None)
    event = _record(session, row, transition, actor, now, source=source, seen=seen, reason=reason)
    step = Step(transition=transition, event=event, facts=facts, actor=actor, now=now, material=material)
    for word in transition.effects:
        life.effects[word](session, row, step)
    session.flush()

    for kind in transition.announces:
        announce(
            session,
            kind=kind,
            key=f"{kind}:{row.subject.kind}:{row.subject.id}:{event.number}",
            args=life.args(row, event),
            now=now,
            actor_id=actor.user_id,
            subject=row.subject,
        )
    return event


def begin(session: Session, row: Living, actor: Actor, now: datetime, *, at: Word | None = None) -> WorkflowEvent:
    """Records that a life begins; the row is new and stands in the first state of its table.

    What is made up for the demonstration may begin `at` a later one, as if every step had been taken.
    """
    if at is not None:
        row.state = at
    session.flush()
    return _record(session, row, life_of(row).machine.begins, actor, now, source=None)


def note_act(session: Session, row: Living, act: Act, actor: Actor, now: datetime) -> WorkflowEvent:
    """Records something that happened and moved nothing."""
    return _record(session, row, act, actor, now, source=row.state)


def seen_by(session: Session, row: Living, actor: Actor, relation: Relation) -> int:
    """What a form says to have seen of a row, for `take`: its version, or how many events its reader knows of."""
    life = life_of(row)
    if life.version is not None:
        return life.version(row)
    return count_known(session, row.subject, actor, relation)


def offers(  # noqa: PLR0913 -- what was read already is keyword-only
    session: Session,
    row: Living,
    actor: Actor,
    now: datetime,
    *,
    relation: Relation | None = None,
    facts: Any = None,
) -> tuple[Offer, ...]:
    """The transitions that this actor may know of now, with what closes them; nothing that is given is read again."""
    life = life_of(row)
    relation = life.relation(session, actor, row) if relation is None else relation
    facts = life.facts(session, row, now) if facts is None else facts
    return life.machine.offers(row.state, facts, actor, relation, now)


def keep_refusal(  # noqa: PLR0913 -- who asked for what, when, and why it was refused
    session: Session, subject: Subject, name: str, refusals: tuple[Refusal, ...], actor: Actor, now: datetime
) -> None:
    """Has the attempt of a person kept in a transaction of its own, once the one that was refused is given up.

    What a worker finds done by another one is nobody's attempt.
    """
    if actor.user_id is None:
        return

    def keep() -> None:
        with transaction() as fresh:
            note_refusal(fresh, subject, name, refusals, actor, now)

    after_rollback(session, keep)


def note_refusal(  # noqa: PLR0913 -- as `keep_refusal`
    session: Session, subject: Subject, name: str, refusals: tuple[Refusal, ...], actor: Actor, now: datetime
) -> None:
    """Keeps an attempt that was refused in the current transaction, which goes on."""
    session.add(
        RefusedAttempt(
            about=subject,
            transition=name,
            refusals=[refusal.message.to_json() for refusal in refusals],
            actor_id=actor.user_id,
            at=now,
        )
    )


def _taken_before(session: Session, subject: Subject, name: str, actor: Actor, seen: int) -> WorkflowEvent | None:
    """The event of the same request of the same person."""
    return session.scalar(
        select(WorkflowEvent).where(
            is_about(WorkflowEvent, subject.kind, subject.id),
            WorkflowEvent.transition == name,
            WorkflowEvent.actor_id == actor.user_id,
            WorkflowEvent.seen == seen,
        )
    )


def _moved_on(session: Session, life: Life, row: Living, actor: Actor, relation: Relation, seen: int) -> MovedOn:  # noqa: PLR0913
    """What the sender of a late request saw, and what is now."""
    known = told(events_of(session, row.subject), actor, relation)
    if life.version is None:
        before = known[:seen] if seen > 0 else []
    else:
        before = [event for event in known if event.version <= seen]
    states = type(life.machine.start)
    now: Text = NOW(state=row.state.text)
    if before:
        now = BEFORE(before=states(before[-1].target).text, state=row.state.text)
    if since := tuple(act_of(event).told for event in known[len(before) :]):
        now = SINCE(now=now, acts=since)
    return MovedOn(row.subject, Refusal(MOVED(now=now)))


def _record(  # noqa: PLR0913 -- an event has these columns
    session: Session,
    row: Living,
    act: Act,
    actor: Actor,
    now: datetime,
    *,
    source: str | None,
    seen: int | None = None,
    reason: str | None = None,
) -> WorkflowEvent:
    """Adds the next event. The caller holds the lock of the row, so numbers do not collide."""
    subject = row.subject
    last = session.scalar(
        select(func.max(WorkflowEvent.number)).where(is_about(WorkflowEvent, subject.kind, subject.id))
    )
    event = WorkflowEvent(
        about=subject,
        number=(last or 0) + 1,
        transition=act.name,
        source=source,
        target=row.state,
        version=row.version,
        seen=seen,
        actor_id=actor.user_id,
        reason=(reason or "").strip() or None,
        at=now,
    )
    session.add(event)
    session.flush()
    return event


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
