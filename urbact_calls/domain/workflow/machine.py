"""Workflow as a table of transitions: buttons, permissions, e-mails, record and API read the same table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Literal, TypeVar

from urbact_calls.domain.permissions import Actor, Predicate, Relation
from urbact_calls.domain.refusal import NotFound, Refusal, Refused
from urbact_calls.domain.text import Message, Text, message, say
from urbact_calls.domain.vocabulary import Word

Facts = TypeVar("Facts")
State = TypeVar("State", bound=Word)

Guard = Callable[[Facts, Actor, datetime], Refusal | None]
Emphasis = Literal["primary", "secondary", "warning"]


def guard(said: Message, is_met: Callable[[Facts], object], field: str | None = None) -> Guard[Facts]:
    """The guard that refuses with a message unless the facts meet a condition.

    The facts have what the message names, under the same names.
    """

    def check(facts: Facts, actor: Actor, now: datetime) -> Refusal | None:
        if is_met(facts):
            return None
        return Refusal(said(**{name: getattr(facts, name) for name in said.names}), field)

    return check


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that happens to a subject and is recorded as an event, with all that the event means afterwards.

    `label` is the English of its button, `happened` that of its line in the timeline (the label where there is none):
    the machine declares them as the messages `text` and `told`. `internal` keeps it among the office. `freezes`,
    `opens` and `ends` name what it does beside the state: the feature registers an effect for each of these words.
    `uses_up` names what there is only once, `proposes` what another person has to confirm, `ends_proposals` says that
    what was proposed before does not stand any more. `decides` marks what a person decides about the subject: it stays
    readable with its reason and with who declared it.
    """

    name: str
    label: str
    happened: str = ""
    internal: bool = False
    freezes: str = ""
    opens: str = ""
    ends: str = ""
    uses_up: str = ""
    proposes: str = ""
    ends_proposals: bool = False
    decides: bool = False
    text: Text = field(init=False, compare=False)
    told: Text = field(init=False, compare=False)

    def declare(self, machine: str) -> None:
        """Declares what the act says as messages of its machine."""
        code = f"{machine}.{self.name}"
        object.__setattr__(self, "text", message(code, self.label)())
        told = message(f"{code}/happened", self.happened)() if self.happened else self.text
        object.__setattr__(self, "told", told)

    @property
    def effects(self) -> tuple[str, ...]:
        """The words for which the feature has registered what to do, in the order in which it is done."""
        return tuple(word for word in (self.freezes, self.opens, self.ends) if word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition(Act, Generic[State, Facts]):
    """One step of a life: from where, to where, by whom, under which guards, and who hears about it.

    `done` is said to whoever took it (as the message `success`), `note` stands beside its button (`advice`).
    `announces` names kinds of jobs, `stamps` the column that remembers when, `clears` one that is emptied. A transition
    whose target is one of its sources records an act without moving (a first officer's proposal). `carries_out` is the
    outcome of a decision that it makes true. `reviewed` puts a page before its button on which one looks once more.
    """

    sources: frozenset[State]
    target: State
    permission: Predicate
    guards: tuple[Guard[Facts], ...] = ()
    announces: tuple[str, ...] = ()
    stamps: str | None = None
    clears: str | None = None
    emphasis: Emphasis = "secondary"
    reason_required: bool = False
    reviewed: bool = False
    done: str = "Done."
    note: str = ""
    carries_out: Word | None = None
    success: Text = field(init=False, compare=False)
    advice: Text | None = field(init=False, compare=False, default=None)

    def declare(self, machine: str) -> None:
        # Not `super()`: a dataclass with slots is made anew, and the zero-argument form would look for the old class.
        Act.declare(self, machine)
        code = f"{machine}.{self.name}"
        object.__setattr__(self, "success", message(f"{code}/done", self.done)())
        object.__setattr__(self, "advice", message(f"{code}/note", self.note)() if self.note else None)


@dataclass(frozen=True, slots=True)
class Offer:
    """A transition as one actor sees it now: open, or closed with the reasons that close it."""

    name: str
    text: Text
    emphasis: Emphasis
    reason_required: bool
    refusals: tuple[Refusal, ...] = ()
    advice: Text | None = None
    is_reviewed: bool = False

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

    `start` is the first state, `begins` the act that leads to it, `ends` are the states a life may rest in; `notes`
    are acts that are recorded without being steps. Raises ValueError for a table with a
    repeated name, a state that cannot be reached, or a state that is no end and has no way out.
    """

    name: str
    start: State
    ends: frozenset[State]
    transitions: tuple[Transition[State, Facts], ...]
    begins: Act
    notes: tuple[Act, ...] = ()
    by_name: dict[str, Transition[State, Facts]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        repeated = [name for name, count in Counter(act.name for act in self.acts).items() if count > 1]
        if repeated:
            raise ValueError(f"{self.name}: transitions declared twice: {', '.join(repeated)}")
        unreachable = sorted(set(type(self.start)) - self._reachable())
        if unreachable:
            raise ValueError(f"{self.name}: no way leads to {', '.join(unreachable)}")
        left = {state for t in self.transitions for state in t.sources if state != t.target}
        dead_ends = sorted(set(type(self.start)) - left - self.ends)
        if dead_ends:
            raise ValueError(f"{self.name}: no way leads out of {', '.join(dead_ends)}")
        for act in self.acts:
            act.declare(self.name)
        object.__setattr__(self, "by_name", {t.name: t for t in self.transitions})

    @property
    def acts(self) -> tuple[Act, ...]:
        """Everything that can stand in the record of this life."""
        return (self.begins, *self.transitions, *self.notes)

    def act(self, name: str) -> Act:
        """What an event was. Raises KeyError for a name that this life does not know."""
        return self.by_name.get(name) or {act.name: act for act in (self.begins, *self.notes)}[name]

    def names(self, is_meant: Callable[[Act], object]) -> frozenset[str]:
        """The names of the acts that are meant, for a query about events."""
        return frozenset(act.name for act in self.acts if is_meant(act))

    def _reachable(self) -> set[State]:
        reached = {self.start}
        while more := {t.target for t in self.transitions if t.sources & reached} - reached:
            reached |= more
        return reached

    def offers(self, state: State, facts: Facts, actor: Actor, relation: Relation, now: datetime) -> tuple[Offer, ...]:
        """The transitions out of `state` that this actor may know of, in table order, with what closes them."""
        return tuple(
            Offer(t.name, t.text, t.emphasis, t.reason_required, _refusals(t, facts, actor, now), t.advice, t.reviewed)
            for t in self.transitions
            if state in t.sources and t.permission(actor, relation)
        )

    def known(self, name: str, actor: Actor, relation: Relation) -> Transition[State, Facts]:
        """The transition `name`. Raises NotFound for one that does not exist or that this actor may not know of."""
        transition = self.by_name.get(name)
        if transition is None or not transition.permission(actor, relation):
            raise NotFound(f"{self.name} has no transition {name} for this person")
        return transition

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
        transition = self.known(name, actor, relation)
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
