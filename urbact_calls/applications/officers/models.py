"""Tables of officers: handlers and internal notes. Nothing of this is shown outside the office."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application
from urbact_calls.database import Model


class Handler(Model):
    """The officer who handles an application; an application without a row is nobody's.

    `Application.handled_by` says the same where lists count and filter.
    """

    __tablename__ = "handler"
    __table_args__ = (Index("ix_handler_user_id_assigned_at_id", "user_id", "assigned_at", "id"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    assigned_at: Mapped[datetime]
    assigned_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))

    application: Mapped[Application] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])


class InternalNote(Model):
    """What an officer noted about an application, for colleagues only. Notes are added and never changed."""

    __tablename__ = "internal_note"
    __table_args__ = (Index("ix_internal_note_application_id_id", "application_id", "id"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]

    author: Mapped[User | None] = relationship()


@event.listens_for(InternalNote, "before_update")
@event.listens_for(InternalNote, "before_delete")
def _refuse(_mapper: object, _connection: object, note: InternalNote) -> None:
    raise RuntimeError(f"internal note {note.id} is on record: it is neither changed nor deleted")
