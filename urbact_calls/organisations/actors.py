"""Which organisations a person works for: the part of an actor that accounts cannot know."""

from __future__ import annotations

from sqlalchemy import select

from urbact_calls.database import db
from urbact_calls.organisations.models import Membership


def employers(user_id: int) -> frozenset[int]:
    """The organisations whose request of this person was accepted."""
    return frozenset(
        db.session.scalars(
            select(Membership.organisation_id).where(Membership.user_id == user_id, Membership.accepted_at.is_not(None))
        )
    )
