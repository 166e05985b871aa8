"""Table of expert profiles. A profile is private until the office has validated it and the expert consents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from urbact_calls.accounts.models import User
from urbact_calls.database import Coded, Model, Recorded
from urbact_calls.domain.expert_days import DaysWithin
from urbact_calls.domain.expertise_readings import ReaderAnswer
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import Expertise, ExpertProfileState, ExpertTrack, LanguageLevel
from urbact_calls.domain.workflow.expert_profile import WRITABLE
from urbact_calls.files.models import StoredFile
from urbact_calls.files.reads import counts
from urbact_calls.messages.models import MessageArgs
from urbact_calls.subjects import HasSubject

_STATES = ", ".join(repr(state.value) for state in ExpertProfileState)


@dataclass(frozen=True, kw_only=True)
class ProfileMessage(MessageArgs):
    """The arguments of a message about a profile."""

    profile: int


@dataclass(frozen=True, kw_only=True)
class ExpiryMessage(ProfileMessage):
    """The arguments of the reminder of an expiry; it says nothing when the day was moved meanwhile."""

    until: date


class ExpertiseReading(Model):
    """What one reader found of one kind of expertise of a profile, as it was submitted for the `round`th time."""

    __tablename__ = "expertise_reading"
    __table_args__ = (
        CheckConstraint("kind IN ('exchange', 'thematic', 'methods')", name="kind"),
        UniqueConstraint("profile_id", "round", "kind", "reader_id"),
    )

    profile_id: Mapped[int] = mapped_column(ForeignKey("expert_profile.id", ondelete="CASCADE"))
    round: Mapped[int]
    kind: Mapped[Expertise] = mapped_column(Coded(Expertise, 8))
    reader_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    is_proven: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    read_at: Mapped[datetime]

    reader: Mapped[User | None] = relationship()

    @property
    def answer(self) -> ReaderAnswer:
        return ReaderAnswer(self.kind, self.reader_id, self.is_proven)


class ExpertAvailability(Model):
    """A period in which an expert says to be available, for so many days. Periods of one expert do not overlap."""

    __tablename__ = "expert_availability"
    __table_args__ = (
        CheckConstraint("days > 0", name="days"),
        CheckConstraint("ends_on >= starts_on", name="period"),
    )

    profile_id: Mapped[int] = mapped_column(ForeignKey("expert_profile.id", ondelete="CASCADE"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    days: Mapped[int]

    @property
    def within(self) -> DaysWithin:
        return DaysWithin(self.starts_on, self.ends_on, self.days)


class ExpertProfile(HasSubject):
    """What one expert says about himself or herself, and what the office validated of it.

    `themes` are codes, `languages` pairs of code and level. `consented_at` is when the expert allowed
    the public page; empty means that nobody may see it. `cv_*` describe the stored PDF. `round` counts how often the
    profile was submitted. `valid_until` is the last day of the validation, empty if none is known;
    `suspended_from` is the state before a suspension, `suspended_until` its last day if the office gave one.
    """

    SUBJECT = SubjectKind.EXPERT_PROFILE
    __tablename__ = "expert_profile"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("track IS NULL OR track IN ('lead', 'ad_hoc')", name="track"),
        CheckConstraint("state = 'draft' OR submitted_at IS NOT NULL", name="submitted"),
        CheckConstraint("years IS NULL OR years BETWEEN 0 AND 70", name="years"),
        Index("ix_expert_profile_state_id", "state", "id"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), unique=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[ExpertProfileState] = mapped_column(Coded(ExpertProfileState, 20), default=ExpertProfileState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    track: Mapped[ExpertTrack | None] = mapped_column(Coded(ExpertTrack, 8))
    kinds: Mapped[tuple[Expertise, ...]] = mapped_column(Recorded(tuple[Expertise, ...]), default=())
    validated_kinds: Mapped[tuple[Expertise, ...]] = mapped_column(Recorded(tuple[Expertise, ...]), default=())
    themes: Mapped[tuple[str, ...]] = mapped_column(Recorded(tuple[str, ...]), default=())
    languages: Mapped[tuple[tuple[str, LanguageLevel], ...]] = mapped_column(
        Recorded(tuple[tuple[str, LanguageLevel], ...]), default=()
    )
    country: Mapped[str | None] = mapped_column(String(2))
    years: Mapped[int | None]
    skills: Mapped[str | None] = mapped_column(Text)
    summary: Mapped[str | None] = mapped_column(Text)
    cv_key: Mapped[str | None] = mapped_column(String(32))
    cv_filename: Mapped[str | None] = mapped_column(String(120))
    cv_size: Mapped[int | None]
    cv_sha256: Mapped[str | None] = mapped_column(String(64))
    cv_uploaded_at: Mapped[datetime | None]
    consented_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    reason: Mapped[str | None] = mapped_column(Text)
    round: Mapped[int] = mapped_column(default=0, server_default="0")
    valid_until: Mapped[date | None]
    suspended_from: Mapped[ExpertProfileState | None] = mapped_column(Coded(ExpertProfileState, 20))
    suspended_until: Mapped[date | None]

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    cv_file: Mapped[StoredFile | None] = relationship(
        primaryjoin=lambda: foreign(ExpertProfile.cv_key) == StoredFile.storage_key, viewonly=True
    )

    availability: Mapped[list[ExpertAvailability]] = relationship(
        order_by="ExpertAvailability.starts_on", cascade="all, delete-orphan"
    )

    @property
    def has_cv(self) -> bool:
        """Whether there is a curriculum vitae; one that was refused is missing."""
        return self.cv_key is not None and counts(self.cv_file)

    @property
    def is_writable(self) -> bool:
        """Whether the expert may still change what the office is to validate."""
        return self.state in WRITABLE
