"""Table of uploaded files that were not checked at once, or are to be scanned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from urbact_calls.database import Coded, Model
from urbact_calls.domain.text import Text
from urbact_calls.domain.vocabulary import FileState
from urbact_calls.jobs import Args
from urbact_calls.messages.models import MessageArgs
from urbact_calls.subjects import About

_STATES = ", ".join(repr(state.value) for state in FileState)


@dataclass(frozen=True, kw_only=True)
class FileArgs(Args):
    """The arguments of a job about an uploaded file: its key in the storage."""

    storage_key: str


@dataclass(frozen=True, kw_only=True)
class FileMessage(MessageArgs):
    """The arguments of a message about an uploaded file."""

    storage_key: str


class StoredFile(About, Model):
    """How far a file is that somebody brought. One without a row was checked when it came, and nothing scans here.

    `paper` is the `CheckedPdf` that it is to be, by its field; `refusal` says why nobody gets the file; `about` is what
    it was brought for.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", name="refusal"),
        CheckConstraint("(state IN ('passed', 'refused')) = (settled_at IS NOT NULL)", name="settled"),
    )

    storage_key: Mapped[str] = mapped_column(String(32), unique=True)
    paper: Mapped[str] = mapped_column(String(24))
    state: Mapped[FileState] = mapped_column(Coded(FileState, 12))
    refusal: Mapped[Text | None]
    received_at: Mapped[datetime]
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    settled_at: Mapped[datetime | None]

    @property
    def is_served(self) -> bool:
        """Whether those who may read the document get the file."""
        return self.state is FileState.PASSED

    @property
    def is_refused(self) -> bool:
        return self.state is FileState.REFUSED
