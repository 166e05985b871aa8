"""Record of what happened: workflow events, refused attempts, changes of fields. Rows are added, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from urbact_calls.database import Model
from urbact_calls.subjects import About


class WorkflowEvent(About, Model):
    """A step that was taken. `number` counts the events of its subject from 1, `version` is that of the subject
    afterwards, `seen` what its sender had seen before (`workflow.lives.seen_by`)."""

    __tablename__ = "workflow_event"
    __table_args__ = (UniqueConstraint("subject_kind", "subject_id", "number"),)

    number: Mapped[int]
    transition: Mapped[str] = mapped_column(String(40))
    source: Mapped[str | None] = mapped_column(String(32))
    target: Mapped[str] = mapped_column(String(32))
    version: Mapped[int]
    seen: Mapped[int | None]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]


class RefusedAttempt(About, Model):
    """A transition that was asked for and refused: the answer to "why could they not submit at 14:59?"."""

    __tablename__ = "refused_attempt"
    __table_args__ = (Index("ix_refused_attempt_subject_kind_subject_id", "subject_kind", "subject_id"),)

    transition: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    refusals: Mapped[list[Any]]
    at: Mapped[datetime]


class FieldChange(About, Model):
    """A field of a subject got another value; `before` and `after` are what was stored."""

    __tablename__ = "field_change"
    __table_args__ = (
        Index("ix_field_change_subject_kind_subject_id_id", "subject_kind", "subject_id", "id"),
        # What was changed on a day is looked for among all.
        Index("ix_field_change_subject_kind_at", "subject_kind", "at"),
    )

    field: Mapped[str] = mapped_column(String(120))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    at: Mapped[datetime]
