"""Table of meetings of the Monitoring Committee."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from urbact_calls.database import Model


class Meeting(Model):
    """A meeting, or a written procedure, in which the committee decided on the applications of a call."""

    __tablename__ = "meeting"
    __table_args__ = (UniqueConstraint("reference"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    reference: Mapped[str] = mapped_column(String(60))
    held_on: Mapped[date]
    is_written_procedure: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
