"""What was decided on an application: why, and who proposed, declared, recorded and announced it.

What officers declare is read from the record of events; what else was decided, and the reasons that are kept elsewhere,
is contributed by the features that know them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from sqlalchemy.orm import Session

from urbact_calls.accounts.reads import names_of
from urbact_calls.applications.models import Application
from urbact_calls.domain.permissions import auditor, competes, lead_applicant, office
from urbact_calls.domain.text import Message, Text, message
from urbact_calls.domain.vocabulary import ApplicationState
from urbact_calls.record.models import WorkflowEvent
from urbact_calls.workflow.lives import act_of

# Who competes in the call does not learn what was decided on a rival.
may_read_decisions = lead_applicant | ((office | auditor) & ~competes)

PROPOSED_BY = message("decided.proposed_by", "Proposed by {name}, {at}.")
DECLARED_BY = message("decided.declared_by", "Declared by {name}, {at}.")
REMOVED = message("decided.removed_account", "an account that was removed")()
BY_OFFICE = message("decided.by_office", "The Joint Secretariat")()
REASONS = message("decided.reasons", "Reasons")()

Heading = Text
Reason = tuple[Heading, Text | str]


@dataclass(frozen=True, slots=True)
class Share:
    """What one person did of a decision, and when; `words` names both."""

    words: Message
    user_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDecision:
    """A decision for `applications/decided.html`: its outcome, by whom, why, and what each person did of it.

    `said` is what `shares` say with the names of the people.
    """

    title: Text
    by: Text
    at: datetime
    reasons: tuple[Reason, ...]
    shares: tuple[Share, ...]
    said: tuple[Text, ...] = ()


ReadDecisions = Callable[[Session, Application], Iterable[ShownDecision]]
ReadGrounds = Callable[[Session, Application], Iterable[Reason]]

DECISIONS: list[ReadDecisions] = []
GROUNDS: dict[ApplicationState, ReadGrounds] = {}


def decides(read: ReadDecisions) -> ReadDecisions:
    """Adds a function that gives decisions on an application which its applicants may know."""
    DECISIONS.append(read)
    return read


def grounds(state: ApplicationState) -> Callable[[ReadGrounds], ReadGrounds]:
    """Makes a function the one that gives what a declaration rests on beside its reason, while an application is in the
    state to which it led. Raises ValueError where two features would."""

    def register(read: ReadGrounds) -> ReadGrounds:
        if state in GROUNDS:
            raise ValueError(f"two features give the grounds of {state}")
        GROUNDS[state] = read
        return read

    return register


def decisions_on(
    session: Session, application: Application, events: Sequence[WorkflowEvent]
) -> tuple[ShownDecision, ...]:
    """The decisions on an application, the last one first, from the events that their reader may know of."""
    found = [*_declared(session, application, events)]
    for read in DECISIONS:
        found += read(session, application)
    names = names_of(session, {share.user_id for each in found for share in each.shares if share.user_id is not None})
    found.sort(key=attrgetter("at"), reverse=True)
    return tuple(replace(each, said=tuple(_said(share, names) for share in each.shares)) for each in found)


def _said(share: Share, names: dict[int, str]) -> Text:
    name = names.get(share.user_id, REMOVED) if share.user_id is not None else REMOVED
    return share.words(name=name, at=share.at)


def _declared(session: Session, application: Application, events: Sequence[WorkflowEvent]) -> Iterable[ShownDecision]:
    """What officers have declared, oldest first: each with its reason, and with whoever had proposed it."""
    proposal: WorkflowEvent | None = None
    declared = [event for event in events if act_of(event).decides]
    for event in events:
        act = act_of(event)
        if act.proposes:
            proposal = event
        if act.decides:
            shares = [Share(DECLARED_BY, event.actor_id, event.at)]
            if proposal is not None:
                shares.insert(0, Share(PROPOSED_BY, proposal.actor_id, proposal.at))
            reasons: list[Reason] = [(REASONS, event.reason)] if event.reason else []
            if event is declared[-1] and event.target == application.state and application.state in GROUNDS:
                reasons += GROUNDS[application.state](session, application)
            yield ShownDecision(title=act.told, by=BY_OFFICE, at=event.at, reasons=tuple(reasons), shares=tuple(shares))
        if act.ends_proposals:
            proposal = None
