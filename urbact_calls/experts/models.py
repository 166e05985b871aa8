"""Profiles of experts. A profile is private until the office has validated it and the expert consents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from urbact_calls.accounts.models import User
from urbact_calls.database import Model
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import Expertise, ExpertProfileState, ExpertTrack
from urbact_calls.subjects import HasSubject

_STATES = ", ".join(repr(state.value) for state in ExpertProfileState)


class ExpertProfile(HasSubject, Model):
    """What one expert says about himself or herself, and what the office validated of it.

    `kinds` and `themes` are codes, `languages` pairs of language and level. `consented_at` is when the expert allowed
    the public page; empty means that nobody may see it. `cv_*` describe the stored PDF.
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

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), unique=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[str] = mapped_column(String(20), default=ExpertProfileState.DRAFT.value)
    version: Mapped[int] = mapped_column(default=1)
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    track: Mapped[str | None] = mapped_column(String(8))
    kinds: Mapped[list[Any]] = mapped_column(default=list)
    validated_kinds: Mapped[list[Any]] = mapped_column(default=list)
    themes: Mapped[list[Any]] = mapped_column(default=list)
    languages: Mapped[list[Any]] = mapped_column(default=list)
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

    user: Mapped[User] = relationship(foreign_keys=[user_id])

    @property
    def current_state(self) -> ExpertProfileState:
        return ExpertProfileState(self.state)

    @property
    def asked_track(self) -> ExpertTrack | None:
        return ExpertTrack(self.track) if self.track else None

    @property
    def asked_kinds(self) -> list[Expertise]:
        return [kind for kind in Expertise if kind.value in self.kinds]

    @property
    def is_writable(self) -> bool:
        """Whether the expert may still change what the office is to validate."""
        return self.current_state in (ExpertProfileState.DRAFT, ExpertProfileState.REFUSED)
