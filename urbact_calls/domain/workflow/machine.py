"""A workflow is a table of transitions; buttons, permissions, e-mails, audit and API read the same table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Literal, TypeVar

from urbact_calls.domain.permissions import Actor, Predicate, Relation
from urbact_calls.domain.refusal import NotFound, Refusal, Refused
from urbact_calls.domain.text import Text, message, say
from urbact_calls.domain.vocabulary import Word

Facts = TypeVar("Facts")
State = TypeVar("State", bound=Word)

Guard = Callable[[Facts, Actor, datetime], Refusal | None]
Emphasis = Literal["primary", "secondary", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition(Generic[State, Facts]):
    """One step of a life: from where, to where, by whom, under which guards, and who hears about it.

    `label` is the English of its button, which the machine declares as the message `text`. `announces` names kinds of
    jobs, `stamps` the column that remembers when. A transition whose target is one of its sources records an act
    without moving (a first officer's proposal).
    """

    name: str
    label: str
    sources: frozenset[State]
    target: State
    permission: Predicate
    guards: tuple[Guard[Facts], ...] = ()
    announces: tuple[str, ...] = ()
    stamps: str | None = None
    emphasis: Emphasis = "secondary"
    reason_required: bool = False
    text: Text = field(init=False, compare=False)


@dataclass(frozen=True, slots=True)
class Offer:
    """A transition as one actor sees it now: open, or closed with the reasons that close it."""

    name: str
    text: Text
    emphasis: Emphasis
    reason_required: bool
    refusals: tuple[Refusal, ...] = ()

    @property
    def label(self) -> str:
        return say(self.text)

    @property
    def is_open(self) -> bool:
        return not self.refusals


STATE = message("workflow.state", "“{transition}” is not possible: it is now “{state}”.")
REASON = message("workflow.reason", "Give the reason in a few words.")


@dataclass(frozen=True, slots=True)
class Machine(Generic[State, Facts]):
    """All transitions of one kind of object. Checks itself at import.

    `start` is the first state, `ends` are the states a life may rest in. Raises ValueError for a table with a
    repeated name, a state that cannot be reached, or a state that is no end and has no way out.
    """

    name: str
    start: State
    ends: frozenset[State]
    transitions: tuple[Transition[State, Facts], ...]
    by_name: dict[str, Transition[State, Facts]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        repeated = [name for name, count in Counter(t.name for t in self.transitions).items() if count > 1]
        if repeated:
            raise ValueError(f"{self.name}: transitions declared twice: {', '.join(repeated)}")
        unreachable = sorted(set(type(self.start)) - self._reachable())
        if unreachable:
            raise ValueError(f"{self.name}: no way leads to {', '.join(unreachable)}")
        left = {state for t in self.transitions for state in t.sources if state != t.target}
        dead_ends = sorted(set(type(self.start)) - left - self.ends)
        if dead_ends:
            raise ValueError(f"{self.name}: no way leads out of {', '.join(dead_ends)}")
        for t in self.transitions:
            object.__setattr__(t, "text", message(f"{self.name}.{t.name}", t.label)())
        object.__setattr__(self, "by_name", {t.name: t for t in self.transitions})

    def _reachable(self) -> set[State]:
        reached = {self.start}
        while more := {t.target for t in self.transitions if t.sources & reached} - reached:
            reached |= more
        return reached

    def offers(self, state: State, facts: Facts, actor: Actor, relation: Relation, now: datetime) -> tuple[Offer, ...]:
        """The transitions out of `state` that this actor may know of, in table order, with what closes them."""
        return tuple(
            Offer(t.name, t.text, t.emphasis, t.reason_required, _refusals(t, facts, actor, now))
            for t in self.transitions
            if state in t.sources and t.permission(actor, relation)
        )

    def require(  # noqa: PLR0913 -- the six things a step depends on, all keyword-only
        self,
        name: str,
        *,
        state: State,
        facts: Facts,
        actor: Actor,
        relation: Relation,
        now: datetime,
        reason: str | None = None,
    ) -> Transition[State, Facts]:
        """The transition `name`, if it may be taken now.

        Raises NotFound for a name that does not exist or that this actor may not know of, Refused with every
        reason otherwise.
        """
        transition = self.by_name.get(name)
        if transition is None or not transition.permission(actor, relation):
            raise NotFound(f"{self.name} has no transition {name} for this person")
        if state not in transition.sources:
            raise Refused(Refusal(STATE(transition=transition.text, state=state.text)))
        refusals = _refusals(transition, facts, actor, now)
        if transition.reason_required and not (reason or "").strip():
            refusals += (Refusal(REASON(), field="reason"),)
        if refusals:
            raise Refused(*refusals)
        return transition

    def diagram(self) -> str:
        """The table as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.start}"]
        for t in self.transitions:
            lines += [f"    {source} --> {t.target}: {t.name}" for source in sorted(t.sources) if source != t.target]
        lines += [f"    {end} --> [*]" for end in sorted(self.ends)]
        return "\n".join(lines)


def _refusals(transition: Transition[State, Facts], facts: Facts, actor: Actor, now: datetime) -> tuple[Refusal, ...]:
    answers = (guard(facts, actor, now) for guard in transition.guards)
    return tuple(answer for answer in answers if answer is not None)
