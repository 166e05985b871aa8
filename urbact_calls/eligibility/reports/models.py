"""Tables of eligibility reports and their findings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column, relationship

from urbact_calls.applications.models import Application
from urbact_calls.applications.submission.models import Submission
from urbact_calls.database import Coded, Model, Recorded
from urbact_calls.domain.dossier import Dossier
from urbact_calls.domain.text import Text
from urbact_calls.domain.vocabulary import FindingOutcome, ReportKind, Verdict
from urbact_calls.eligibility.closing_lists.models import ClosingList


class StoredReport(Model):
    """One run of the rule book on one submission; `dossier` is what was judged, so it can be read again years later.

    An official one has read of the other applications in the closing list; one of before has them in its dossier.
    """

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("submission_id", "kind", "rulebook_version"),
        CheckConstraint("kind IN ('provisional', 'official')", name="kind"),
        # Which applications were examined by a list is read from the index alone: the rows behind it are long.
        Index("ix_report_closing_list_id_application_id", "closing_list_id", "application_id"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    kind: Mapped[ReportKind] = mapped_column(Coded(ReportKind, 12))
    rulebook_version: Mapped[str] = mapped_column(String(20))
    verdict: Mapped[Verdict] = mapped_column(Coded(Verdict, 12))
    dossier: Mapped[Dossier] = mapped_column(Recorded(Dossier, are_alike=False))
    made_at: Mapped[datetime]
    closing_list_id: Mapped[int | None] = mapped_column(ForeignKey(ClosingList.id, ondelete="SET NULL"))

    application: Mapped[Application] = relationship()
    submission: Mapped[Submission] = relationship()
    findings: Mapped[list[ReportFinding]] = relationship(
        back_populates="report", order_by="ReportFinding.position", cascade="all, delete-orphan"
    )


class ReportFinding(Model):
    """One rule's answer in a report. An officer settles it: `settled_outcome`, by whom, when and why."""

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("report_id", "code"),
        CheckConstraint("outcome IN ('met', 'not_met', 'to_be_checked', 'not_enforced')", name="outcome"),
        CheckConstraint("settled_outcome IS NULL OR settled_outcome IN ('met', 'not_met')", name="settled_outcome"),
    )

    report_id: Mapped[int] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(60))
    title: Mapped[Text]
    outcome: Mapped[FindingOutcome] = mapped_column(Coded(FindingOutcome, 16))
    message: Mapped[Text]
    fix: Mapped[Text | None]
    source: Mapped[str] = mapped_column(String(250))
    is_blocking: Mapped[bool]
    is_curable: Mapped[bool]
    settled_outcome: Mapped[FindingOutcome | None] = mapped_column(Coded(FindingOutcome, 16))
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    settled_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(LongText)

    report: Mapped[StoredReport] = relationship(back_populates="findings")

    @property
    def current_outcome(self) -> FindingOutcome:
        """What stands now: an officer's word, else the program's."""
        return self.settled_outcome or self.outcome
