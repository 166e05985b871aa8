"""The table of subscriptions to calls."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from urbact_calls.calls.models import Call
from urbact_calls.database import Model


class CallSubscription(Model):
    """An address that wants to hear when a call opens. Nothing is sent to it before its owner has confirmed it.

    `key` stands in the links of its messages, to confirm and to leave. Whoever leaves is deleted.
    """

    __tablename__ = "call_subscription"
    __table_args__ = (UniqueConstraint("call_id", "address"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    address: Mapped[str] = mapped_column(String(254))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]

    call: Mapped[Call] = relationship()
