"""Commands on calls."""

from __future__ import annotations

from datetime import datetime, timedelta

from urbact_calls.calls import operations
from urbact_calls.calls.queries import for_update
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refusal, Refused


def close_demonstration(code: str, actor: Actor, now: datetime) -> None:
    """Closes a demonstration call, so that a newcomer sees what follows without waiting for its date.

    The second in which this happens still counts: what was submitted in it stays on time, and the call is closed
    from the next second on. Raises NotFound for an unknown code, Refused for a call that is real or not open.
    """
    with transaction() as session:
        call = for_update(session, code)
        if not call.is_demonstration:
            raise Refused(Refusal("call.not_a_demonstration", "Only a demonstration call can be closed by hand."))
        if not call.takes_applications(now) or call.closes_at <= now:
            raise Refused(Refusal("call.not_open", "This call is not open."))
        last_second = now.replace(microsecond=0)
        opens_at = min(call.opens_at, last_second - timedelta(seconds=1))
        operations.move_dates(session, call, opens_at=opens_at, closes_at=last_second, actor=actor, now=now)
