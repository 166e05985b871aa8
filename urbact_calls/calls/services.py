"""Commands on calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from urbact_calls.calls import operations
from urbact_calls.calls.models import Call
from urbact_calls.calls.queries import for_update
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refusal, Refused
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import CallPhase


def close_demonstration(code: str, actor: Actor, now: datetime) -> None:
    """Closes a demonstration call, so that a newcomer sees what follows without waiting for its date.

    The second in which this happens still counts: what was submitted in it stays on time, and the call is closed
    from the next second on. Raises NotFound for an unknown code, Refused for a call that is real or not open.
    """
    with transaction() as session:
        call = _demonstration(session, code)
        if not call.takes_applications(now) or call.closes_at <= now:
            raise Refused(Refusal("call.not_open", "This call is not open."))
        last_second = now.replace(microsecond=0)
        opens_at = min(call.opens_at, last_second - timedelta(seconds=1))
        terms = replace(CallTerms.from_json(call.terms), opens_at=opens_at, closes_at=last_second)
        operations.change_terms(session, call, terms, actor, now)


def reopen_demonstration(code: str, actor: Actor, now: datetime) -> None:
    """Opens a closed demonstration call again, from today for 60 days. What was handed in stays where it stands.

    Raises NotFound for an unknown code, Refused for a call that is real or not closed.
    """
    with transaction() as session:
        call = _demonstration(session, code)
        if call.phase(now) is not CallPhase.CLOSED:
            raise Refused(Refusal("call.not_closed", "This call is not closed."))
        operations.change_terms(session, call, operations.demonstration_terms(now, call.code), actor, now)


def _demonstration(session: Session, code: str) -> Call:
    call = for_update(session, code)
    if not call.is_demonstration:
        raise Refused(
            Refusal("call.not_a_demonstration", "Only the dates of a demonstration call can be moved by hand.")
        )
    return call
