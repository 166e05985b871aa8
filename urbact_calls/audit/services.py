"""Recording what was refused, in a transaction of its own: the act it belongs to was rolled back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from urbact_calls.audit.models import RefusedAttempt
from urbact_calls.database import transaction
from urbact_calls.domain.permissions import Actor
from urbact_calls.domain.refusal import Refusal


def record_refusal(
    *, object_ref: str, transition: str, refusals: Iterable[Refusal], actor: Actor, now: datetime
) -> None:
    """Keeps who asked for what, when, and why it was refused."""
    with transaction() as session:
        session.add(
            RefusedAttempt(
                object_ref=object_ref,
                transition=transition,
                refusals=[refusal.message.to_json() for refusal in refusals],
                actor_id=actor.user_id,
                at=now,
            )
        )
