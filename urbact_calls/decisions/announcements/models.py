"""Table of announcements: who made the decisions of a call known, when, and what exactly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from urbact_calls.domain.subject import SubjectKind
from urbact_calls.jobs import Args
from urbact_calls.subjects import HasSubject


class Announcement(HasSubject):
    """Somebody announced all decisions of a call that waited: how many, and their `fingerprint` as it was read before
    (`announcements.reads.waiting`). Workers carry it out; how far they are stands in the decisions themselves."""

    SUBJECT = SubjectKind.ANNOUNCEMENT
    __tablename__ = "announcement"
    __table_args__ = (Index("ix_announcement_call_id_id", "call_id", "id"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"))
    announced_at: Mapped[datetime]
    announced_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    decisions: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, kw_only=True)
class Piece(Args):
    """The arguments of a job about some decisions of an announcement: those with these ids, both ends included."""

    announcement: int
    first: int
    last: int
