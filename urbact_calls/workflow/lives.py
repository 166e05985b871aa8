"""The registry of lives: a feature registers what it keeps a state of, and how its facts and people are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, Protocol

from sqlalchemy.orm import Session

from urbact_calls import jobs
from urbact_calls.domain.permissions import Actor, Predicate, Relation, anyone
from urbact_calls.domain.subject import Subject, SubjectKind
from urbact_calls.domain.workflow.machine import Machine, Transition
from urbact_calls.record.models import WorkflowEvent


class Living(Protocol):
    """A row with a state of its own."""

    state: Any
    version: Any

    @property
    def subject(self) -> Subject: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step that was taken, for what follows from it: the event, and the facts that the guards have read."""

    transition: Transition[Any, Any]
    event: WorkflowEvent
    facts: Any
    actor: Actor
    now: datetime


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


def of(row: Living) -> Life:
    """The life of a row."""
    return LIVES[row.subject.kind]


def check() -> None:
    """Raises ValueError for a job that a transition announces and that nobody does."""
    for life in LIVES.values():
        for transition in life.machine.transitions:
            unknown = [kind for kind in transition.announces if kind not in jobs.JOB_KINDS]
            if unknown:
                raise ValueError(f"{life.machine.name}.{transition.name} announces {', '.join(unknown)}: no such job")
