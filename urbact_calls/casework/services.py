"""Commands on the life of an application: to start one, and to take a transition."""

from __future__ import annotations

from datetime import datetime

from urbact_calls.applications.queries import for_update
from urbact_calls.casework import operations
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.workflow.take import take


def start(call_code: str, organisation_id: int, actor: Actor, now: datetime) -> str:
    """Starts a draft of one of the actor's organisations in an open call; gives its reference.

    Raises NotFound for an unknown call, Refused when the call is not open or the actor does not work there.
    """
    with transaction() as session:
        return operations.start(session, call_code, organisation_id, actor, now).reference


def take_transition(  # noqa: PLR0913 -- what a step depends on; the last one is keyword-only
    reference: str, name: str, actor: Actor, now: datetime, reason: str | None = None, *, seen: int | None = None
) -> None:
    """Takes one step of an application's life. `now` is when the request was received, `seen` how many events
    the actor knew of.

    Raises Refused with every reason and MovedOn, after keeping the attempt in the record; NotFound for a stranger.
    """
    with transaction() as session:
        take(session, for_update(session, reference), name, actor, now, seen=seen, reason=reason)
