"""What a person does about messages whose end the program does not know, and about those not wanted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select

from urbact_calls import jobs
from urbact_calls.database import Base, transaction
from urbact_calls.notifications.models import Delivery, DeliveryArgs, MutedEmail


def mark_delivered(job_id: int, now: datetime) -> None:
    """Says that an uncertain message has reached its recipient, so that it is not sent again.

    Raises NotFound, and Refused for a message whose end is known.
    """
    with transaction() as session:
        row = jobs.settle(session, job_id, now)
        args = jobs.args_of(row)
        if isinstance(args, DeliveryArgs):
            session.get_one(Delivery, args.delivery).sent_at = now


def choose_muted(user_id: int, keys: Collection[str], now: datetime) -> None:
    """Keeps exactly these kinds of message switched off for a person."""
    with transaction() as session:
        session.execute(
            delete(MutedEmail).where(MutedEmail.user_id == user_id, MutedEmail.email_key.not_in(list(keys)))
        )
        known = set(session.scalars(select(MutedEmail.email_key).where(MutedEmail.user_id == user_id)))
        session.add_all(MutedEmail(user_id=user_id, email_key=key, muted_at=now) for key in sorted(set(keys) - known))


def mute(user_id: int, key: str, now: datetime) -> None:
    """Switches one kind of message off; nothing happens if it is off, or if the person is gone."""
    with transaction() as session:
        known = select(MutedEmail.id).where(MutedEmail.user_id == user_id, MutedEmail.email_key == key)
        person = Base.metadata.tables["user_account"].c
        exists = select(person.id).where(person.id == user_id)
        if session.scalar(known) is None and session.scalar(exists) is not None:
            session.add(MutedEmail(user_id=user_id, email_key=key, muted_at=now))
