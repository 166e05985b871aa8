"""Tables of the External Assessment Panel: members, allocations, sheets with points, signatures, rankings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from urbact_calls.accounts.models import User
from urbact_calls.applications.models import Application
from urbact_calls.database import Coded, Model
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import ConflictAnswer, ConsensusSheetState, IndividualSheetState
from urbact_calls.jobs import OfApplication
from urbact_calls.messages.models import MessageArgs
from urbact_calls.subjects import HasSubject


@dataclass(frozen=True, kw_only=True)
class AllocationMessage(OfApplication, MessageArgs):
    """The arguments of the message to an assessor, `user`, about an application."""

    user: int


@dataclass(frozen=True, kw_only=True)
class SheetMessage(AllocationMessage):
    """The arguments of the reminder of a sheet; it says nothing when the day was moved meanwhile."""

    due_on: date


class PanelMember(Model):
    """An assessor, or the chair, on the panel of one call."""

    __tablename__ = "panel_member"
    __table_args__ = (UniqueConstraint("call_id", "user_id"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    is_chair: Mapped[bool] = mapped_column(default=False)
    country: Mapped[str | None] = mapped_column(String(2))
    invited_at: Mapped[datetime]

    user: Mapped[User] = relationship()


class GivenPoints:
    """Points and reasons for one criterion of the grid."""

    criterion: Mapped[str] = mapped_column(String(12))
    points: Mapped[int | None]
    comment: Mapped[str] = mapped_column(Text, default="")


class CriterionPoints(GivenPoints, Model):
    """What an assessor gives on an individual sheet."""

    __tablename__ = "criterion_points"
    __table_args__ = (UniqueConstraint("sheet_id", "criterion"),)

    sheet_id: Mapped[int] = mapped_column(ForeignKey("individual_sheet.id", ondelete="CASCADE"))


class IndividualSheet(HasSubject):
    """An assessor's own sheet. `total_points` is the sum of weight x points, an integer, once every criterion is
    scored; 500 is the most that a grid of 100 percent on a scale of 5 can give."""

    SUBJECT = SubjectKind.INDIVIDUAL_SHEET
    __tablename__ = "individual_sheet"
    __table_args__ = (CheckConstraint("state IN ('open', 'submitted')", name="state"),)

    allocation_id: Mapped[int] = mapped_column(ForeignKey("allocation.id", ondelete="CASCADE"), unique=True)
    state: Mapped[IndividualSheetState] = mapped_column(Coded(IndividualSheetState, 12))
    version: Mapped[int] = mapped_column(default=1)
    recommendation: Mapped[str] = mapped_column(Text, default="")
    total_points: Mapped[int | None]
    updated_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]

    allocation: Mapped[Allocation] = relationship(back_populates="sheet")
    points: Mapped[list[CriterionPoints]] = relationship(cascade="all, delete-orphan")

    @property
    def text_version(self) -> int:
        """The version that its form shows, as of a consensus sheet."""
        return self.version


class Allocation(HasSubject):
    """An application given to an assessor. `conflict` is what he or she declared; a conflict ends the allocation
    (`released_at`) and takes every right to the application away."""

    SUBJECT = SubjectKind.ALLOCATION
    __tablename__ = "allocation"
    __table_args__ = (
        UniqueConstraint("application_id", "user_id"),
        CheckConstraint("conflict IS NULL OR conflict IN ('none', 'conflict')", name="conflict"),
        Index("ix_allocation_user_id_released_at", "user_id", "released_at"),
        Index("ix_allocation_application_id_released_at", "application_id", "released_at"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    due_on: Mapped[date]
    allocated_at: Mapped[datetime]
    allocated_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    conflict: Mapped[ConflictAnswer | None] = mapped_column(Coded(ConflictAnswer, 10))
    conflict_note: Mapped[str | None] = mapped_column(Text)
    declared_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    sheet: Mapped[IndividualSheet] = relationship(back_populates="allocation", cascade="all, delete-orphan")


class ConsensusPoints(GivenPoints, Model):
    """What was agreed on a consensus sheet."""

    __tablename__ = "consensus_points"
    __table_args__ = (UniqueConstraint("sheet_id", "criterion"),)

    sheet_id: Mapped[int] = mapped_column(ForeignKey("consensus_sheet.id", ondelete="CASCADE"))


class Signature(Model):
    """A person has signed the consensus sheet as it stood at `sheet_version`; a later change takes it away."""

    __tablename__ = "signature"
    __table_args__ = (UniqueConstraint("sheet_id", "user_id"),)

    sheet_id: Mapped[int] = mapped_column(ForeignKey("consensus_sheet.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    sheet_version: Mapped[int]
    signed_at: Mapped[datetime]


class ConsensusSheet(HasSubject):
    """The agreed sheet of an application, signed by its assessors and the chair of the panel.

    `standing` orders the sheets of a call (`domain.scoring`), the best first; it stands beside `call_id` so
    that one index gives any page of a ranking.
    """

    SUBJECT = SubjectKind.CONSENSUS_SHEET
    __tablename__ = "consensus_sheet"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'signed')", name="state"),
        Index("ix_consensus_sheet_call_id_standing", "call_id", "standing"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), unique=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"))
    state: Mapped[ConsensusSheetState] = mapped_column(Coded(ConsensusSheetState, 12))
    version: Mapped[int] = mapped_column(default=1)
    recommendation: Mapped[str] = mapped_column(Text, default="")
    total_points: Mapped[int | None]
    standing: Mapped[int | None] = mapped_column(BigInteger)
    opened_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()
    points: Mapped[list[ConsensusPoints]] = relationship(cascade="all, delete-orphan")
    signatures: Mapped[list[Signature]] = relationship(cascade="all, delete-orphan")

    @property
    def text_version(self) -> int:
        """The version without the signatures on it: whoever signs changes nothing that the others have read."""
        return self.version - len(self.signatures)


class StoredDivergence(Model):
    """A criterion, or the total (`criterion` empty), on which two assessors differ enough to talk about it."""

    __tablename__ = "divergence"
    __table_args__ = (UniqueConstraint("application_id", "criterion"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    criterion: Mapped[str] = mapped_column(String(12), default="")
    lowest: Mapped[int]
    highest: Mapped[int]


class RankedPlace(Model):
    """The place of one application in a ranking; equal totals share a place (`is_tied`)."""

    __tablename__ = "place"
    __table_args__ = (
        UniqueConstraint("ranking_id", "application_id"),
        Index("ix_place_ranking_id_place", "ranking_id", "place"),
    )

    ranking_id: Mapped[int] = mapped_column(ForeignKey("ranking.id", ondelete="CASCADE"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    place: Mapped[int]
    total_points: Mapped[int]
    standing: Mapped[int | None] = mapped_column(BigInteger)
    is_tied: Mapped[bool]
    is_below_threshold: Mapped[bool]

    application: Mapped[Application] = relationship()


class Ranking(Model):
    """The ordered list put to the committee, sealed: never changed afterwards; a correction makes a new one.

    `partners_by_category` counts the partners of all that is ranked by category of their region, as at the sealing.
    """

    __tablename__ = "ranking"

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    sealed_at: Mapped[datetime]
    sealed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    fingerprint: Mapped[str] = mapped_column(String(64))
    partners_by_category: Mapped[dict[str, Any]]

    places: Mapped[list[RankedPlace]] = relationship(
        order_by="RankedPlace.place, RankedPlace.id", cascade="all, delete-orphan"
    )
