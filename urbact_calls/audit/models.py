"""The record of what happened. Rows are added, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from urbact_calls.database import Model


class WorkflowEvent(Model):
    """A transition that was taken. `object_ref` names the object (`APN-DEMO-017`, `network:green-ports`),
    `number` counts its events from 1."""

    __tablename__ = "workflow_event"
    __table_args__ = (UniqueConstraint("object_ref", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    object_ref: Mapped[str] = mapped_column(String(80), index=True)
    number: Mapped[int]
    machine: Mapped[str] = mapped_column(String(24))
    transition: Mapped[str] = mapped_column(String(40))
    source: Mapped[str | None] = mapped_column(String(32))
    target: Mapped[str] = mapped_column(String(32))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]


class RefusedAttempt(Model):
    """A transition that was asked for and refused: the answer to "why could they not submit at 14:59?"."""

    __tablename__ = "refused_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    object_ref: Mapped[str] = mapped_column(String(80), index=True)
    transition: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    refusals: Mapped[list[Any]]
    at: Mapped[datetime]


class FieldChange(Model):
    """A field of an object got another value; `before` and `after` are what was stored."""

    __tablename__ = "field_change"
    __table_args__ = (Index("ix_field_change_object_ref_id", "object_ref", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    object_ref: Mapped[str] = mapped_column(String(80))
    field: Mapped[str] = mapped_column(String(120))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    at: Mapped[datetime]
