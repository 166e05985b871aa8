"""The log of messages: one row per message and recipient, written before it is sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from urbact_calls.database import Model


class Delivery(Model):
    """One message to one address. `event` is the key of the job that asked for it, `email_key` names the text
    (`application.submitted`); `message_id` is the same however often the message is tried. `leave_href` is
    where the address leaves the list that the message went to, if it went to one."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("event", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event: Mapped[str] = mapped_column(String(200))
    email_key: Mapped[str] = mapped_column(String(60))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(250))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    leave_href: Mapped[str | None] = mapped_column(String(300))
