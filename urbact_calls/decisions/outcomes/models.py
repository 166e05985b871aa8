"""Table of decisions: what the Monitoring Committee decided, and when it was made known."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from urbact_calls.applications.models import Application
from urbact_calls.database import Coded
from urbact_calls.decisions.meetings.models import Meeting
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import DecisionOutcome
from urbact_calls.subjects import HasSubject


class Decision(HasSubject):
    """The committee's decision on one application. Recorded first, seen by the Joint Secretariat and the committee
    only; then part of an announcement (`announcement_id`), with which it stays as it is.

    It is known from the commit on in which its application takes the step, the event `event_number` of its life; None
    if there was none to take. `announced_at` is then the instant of the announcement, the same for all; while it is
    None nobody else may learn what was decided."""

    SUBJECT = SubjectKind.DECISION
    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("application_id", "meeting_id"),
        Index("ix_decision_meeting_id_outcome", "meeting_id", "outcome"),
        Index("ix_decision_announced_at", "announced_at"),
        # How far an announcement has come is counted in it.
        Index("ix_decision_announcement_id_announced_at", "announcement_id", "announced_at"),
        CheckConstraint(
            "outcome IN ('approved', 'approved_with_conditions', 'reserve', 'not_approved', 'postponed')",
            name="outcome",
        ),
        CheckConstraint(
            "outcome <> 'approved_with_conditions' OR conditions <> ''", name="conditions_when_approved_with_conditions"
        ),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    outcome: Mapped[DecisionOutcome] = mapped_column(Coded(DecisionOutcome, 28))
    reasons: Mapped[str] = mapped_column(Text, default="")
    conditions: Mapped[str] = mapped_column(Text, default="")
    conditions_due_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    announced_at: Mapped[datetime | None]
    announced_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    announcement_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id"))
    event_number: Mapped[int | None]

    application: Mapped[Application] = relationship()
    meeting: Mapped[Meeting] = relationship()
