"""Table of PDF documents of applications, made by a worker."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from urbact_calls.database import Model


class ApplicationDocument(Model):
    """The application as PDF, made by a worker: wanted until it has a `storage_key`. The checksum is that of the
    content that it says, so that the same content is not made twice."""

    __tablename__ = "printed_document"
    __table_args__ = (
        UniqueConstraint("application_id", "content_sha256"),
        CheckConstraint("storage_key IS NULL OR (size IS NOT NULL AND made_at IS NOT NULL)", name="made_when_stored"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    content_sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    size: Mapped[int | None]
    requested_at: Mapped[datetime] = mapped_column(index=True)
    made_at: Mapped[datetime | None]
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"))
