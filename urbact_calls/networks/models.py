"""Tables of networks. A network of a past call has no application, but provenance and confidence."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from urbact_calls.database import Cents, Coded, Model, Recorded
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.expert_days import DaysWithin
from urbact_calls.domain.expert_match import SearchNeeds
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.themes import fold_themes
from urbact_calls.domain.vocabulary import (
    ExpertApplicationState,
    ExpertTrack,
    NetworkState,
    NetworkType,
    PartnerRole,
    PlanKind,
)
from urbact_calls.experts.models import ExpertProfile
from urbact_calls.files.models import StoredFile
from urbact_calls.files.reads import counts
from urbact_calls.jobs import OfApplication
from urbact_calls.messages.models import MessageArgs
from urbact_calls.organisations.models import Organisation
from urbact_calls.subjects import HasSubject


def _folded_themes(context: DefaultExecutionContext) -> str:
    return fold_themes(context.get_current_parameters().get("theme"))


def _folded_summary(context: DefaultExecutionContext) -> str:
    return fold(context.get_current_parameters().get("summary") or "")


def _mark_of(*values: object) -> str:
    """A short mark of what is stored, the same for the same values: who writes says what stood there before."""
    return hashlib.sha256(repr([None if value is None else str(value) for value in values]).encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class NetworkMessage(MessageArgs):
    """The arguments of a message about a network."""

    network: str


@dataclass(frozen=True, kw_only=True)
class FoundedMessage(OfApplication, NetworkMessage):
    """The arguments of the message that an application became a network."""


@dataclass(frozen=True, kw_only=True)
class CandidateMessage(MessageArgs):
    """The arguments of a message about an expert's application to join a network."""

    expert_application: int


class Agreement(Model):
    """The signed agreement of a member, without which its network does not start. `filename` is display text."""

    __tablename__ = "agreement"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), unique=True)
    storage_key: Mapped[str] = mapped_column(String(32))
    filename: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))

    member: Mapped[Member] = relationship(back_populates="agreement")
    file: Mapped[StoredFile | None] = relationship(
        primaryjoin=lambda: foreign(Agreement.storage_key) == StoredFile.storage_key, viewonly=True, lazy="joined"
    )


class LocalGroup(Model):
    """The URBACT Local Group of a member: mandatory for each, non-city bodies included. `contact` is public."""

    __tablename__ = "local_group"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), unique=True)
    coordinator: Mapped[str | None] = mapped_column(String(120))
    contact: Mapped[str | None] = mapped_column(String(200))

    member: Mapped[Member] = relationship(back_populates="local_group")

    @property
    def mark(self) -> str:
        return _mark_of(self.coordinator, self.contact)


class Plan(Model):
    """What a member produces in the network; its kind follows from the network type and the role.

    Nobody outside reads title and link before `published_on`.
    """

    __tablename__ = "plan"
    __table_args__ = (UniqueConstraint("member_id", "kind"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    kind: Mapped[PlanKind] = mapped_column(Coded(PlanKind, 28))
    title: Mapped[str | None] = mapped_column(String(200))
    url: Mapped[str | None] = mapped_column(String(300))
    published_on: Mapped[date | None]

    member: Mapped[Member] = relationship(back_populates="plans")

    @property
    def mark(self) -> str:
        return _mark_of(self.title, self.url, self.published_on)


class Member(Model):
    """A member city (or other body) of a network."""

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("network_id", "organisation_id"),
        CheckConstraint("role IN ('lead', 'partner')", name="role"),
    )

    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[PartnerRole] = mapped_column(Coded(PartnerRole, 8))
    position: Mapped[int]
    provenance: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[str | None] = mapped_column(String(12))

    network: Mapped[Network] = relationship(back_populates="members")
    organisation: Mapped[Organisation] = relationship()
    local_group: Mapped[LocalGroup | None] = relationship(back_populates="member", cascade="all, delete-orphan")
    plans: Mapped[list[Plan]] = relationship(back_populates="member", cascade="all, delete-orphan")
    agreement: Mapped[Agreement | None] = relationship(back_populates="member", cascade="all, delete-orphan")

    @property
    def has_agreement(self) -> bool:
        """Whether the signed agreement is here; one that was refused is missing."""
        return self.agreement is not None and counts(self.agreement.file)


class NetworkStage(Model):
    """A stage of a network; dates that are not known are empty."""

    __tablename__ = "network_stage"
    __table_args__ = (UniqueConstraint("network_id", "code"),)

    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(80))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]


class Recommendation(Model):
    """What a network recommends to others, from one of its members or from all. Nobody outside reads it before
    `published_on`."""

    __tablename__ = "recommendation"

    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(String(300))
    published_on: Mapped[date | None]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))

    network: Mapped[Network] = relationship(back_populates="recommendations")
    member: Mapped[Member | None] = relationship()

    @property
    def mark(self) -> str:
        return _mark_of(self.title, self.text, self.url, self.member_id, self.published_on)


class Network(HasSubject):
    """What an approved application becomes. What is not known of a past network is empty: its state too.

    `themes_folded` is made from `theme` and `summary_folded` from `summary` when a row is added; who changes one
    changes both.
    """

    SUBJECT = SubjectKind.NETWORK
    __tablename__ = "network"
    __table_args__ = (
        CheckConstraint("state IS NULL OR state IN ('forming', 'active', 'completed')", name="state"),
        CheckConstraint("application_id IS NOT NULL OR provenance IS NOT NULL", name="founded_or_sourced"),
        Index("ix_network_type_slug", "type", "slug"),
    )

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(150))
    folded: Mapped[str] = mapped_column(String(150), index=True)
    type: Mapped[NetworkType] = mapped_column(Coded(NetworkType, 8))
    call_code: Mapped[str] = mapped_column(String(20), index=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), unique=True)
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    state: Mapped[NetworkState | None] = mapped_column(Coded(NetworkState, 12))
    version: Mapped[int] = mapped_column(default=1)
    theme: Mapped[str | None] = mapped_column(String(200))
    themes_folded: Mapped[str | None] = mapped_column(Text, default=_folded_themes)
    summary_folded: Mapped[str | None] = mapped_column(Text, default=_folded_summary)
    summary: Mapped[str | None] = mapped_column(Text)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    envelope_cents: Mapped[int | None] = mapped_column(Cents)
    website: Mapped[str | None] = mapped_column(String(300))
    provenance: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[str | None] = mapped_column(String(12))
    founded_at: Mapped[datetime | None]
    activated_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]

    members: Mapped[list[Member]] = relationship(
        back_populates="network", order_by="Member.position", cascade="all, delete-orphan"
    )
    recommendations: Mapped[list[Recommendation]] = relationship(
        back_populates="network", order_by="Recommendation.id", cascade="all, delete-orphan"
    )
    stages: Mapped[list[NetworkStage]] = relationship(order_by="NetworkStage.position", cascade="all, delete-orphan")


class UnnamedMember(Model):
    """A member that a source counts without naming it: shown as not known, never as an organisation.

    `number` tells those of one network apart; `note` says what the source gives.
    """

    __tablename__ = "unnamed_member"
    __table_args__ = (
        UniqueConstraint("network_id", "number"),
        CheckConstraint("role IN ('lead', 'partner')", name="role"),
    )

    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"))
    number: Mapped[int]
    country: Mapped[str] = mapped_column(String(2))
    role: Mapped[PartnerRole] = mapped_column(Coded(PartnerRole, 8))
    provenance: Mapped[str] = mapped_column(Text)
    confidence: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text)


class Appointment(Model):
    """An expert of a network: days at a daily fee, out of the expertise envelope.

    Network, expert and role stand here once more, so that the public page of a network never reads an application.
    `appointed_at` is when the lead partner chose: from then on days and money are taken out of the envelope. It counts
    as an appointment from `validated_at`, by the Joint Secretariat, and until `ended_on` if it ended early;
    `days_used` are then the days that were worked.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint("role IN ('lead', 'ad_hoc')", name="role"),
        CheckConstraint("days > 0", name="days"),
        CheckConstraint("amount_cents = days * daily_fee_cents", name="amount"),
        CheckConstraint("ends_on >= starts_on", name="period"),
        CheckConstraint("days_used BETWEEN 0 AND days", name="days_used"),
        CheckConstraint("(ended_on IS NULL) = (days_used IS NULL)", name="ended"),
    )

    expert_application_id: Mapped[int] = mapped_column(
        ForeignKey("expert_application.id", ondelete="CASCADE"), unique=True
    )
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id"), index=True)
    profile_id: Mapped[int] = mapped_column(ForeignKey("expert_profile.id"), index=True)
    role: Mapped[ExpertTrack] = mapped_column(Coded(ExpertTrack, 8))
    days: Mapped[int]
    daily_fee_cents: Mapped[int] = mapped_column(Cents)
    amount_cents: Mapped[int] = mapped_column(Cents)
    appointed_at: Mapped[datetime]
    appointed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    validated_at: Mapped[datetime | None]
    validated_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    ended_on: Mapped[date | None]
    days_used: Mapped[int | None]

    candidate: Mapped[ExpertApplication] = relationship(back_populates="appointment")
    profile: Mapped[ExpertProfile] = relationship()
    network: Mapped[Network] = relationship()

    @property
    def booked(self) -> DaysWithin | None:
        """The days that are taken out of what the expert has; None of one that was made without a period."""
        if self.starts_on is None or self.ends_on is None:
            return None
        if self.ended_on is None or self.days_used is None:
            return DaysWithin(self.starts_on, self.ends_on, self.days)
        return DaysWithin(self.starts_on, max(self.starts_on, min(self.ended_on, self.ends_on)), self.days_used)


class ExpertApplication(HasSubject):
    """An expert's application to join a network. `reason` is what was written when it was declined, when the choice was
    not validated, or when the appointment ended."""

    SUBJECT = SubjectKind.EXPERT_APPLICATION
    __tablename__ = "expert_application"
    __table_args__ = (
        CheckConstraint(
            "state IN ('submitted', 'chosen', 'appointed', 'ended', 'declined', 'withdrawn')", name="state"
        ),
        CheckConstraint("state IN ('submitted', 'chosen') OR decided_at IS NOT NULL", name="decided"),
    )

    search_id: Mapped[int] = mapped_column(ForeignKey("expert_search.id", ondelete="CASCADE"), index=True)
    profile_id: Mapped[int] = mapped_column(ForeignKey("expert_profile.id"), index=True)
    state: Mapped[ExpertApplicationState] = mapped_column(Coded(ExpertApplicationState, 12))
    version: Mapped[int] = mapped_column(default=1)
    motivation: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)

    search: Mapped[ExpertSearch] = relationship(back_populates="candidates")
    profile: Mapped[ExpertProfile] = relationship()
    appointment: Mapped[Appointment | None] = relationship(back_populates="candidate", cascade="all, delete-orphan")


class ExpertSearch(Model):
    """A network looks for a lead expert, or for an ad hoc expert for one task, until `closed_at`.

    `themes` and `languages` are codes, `days` how many are wanted from `starts_on` to `ends_on`; what is empty is open.
    Experts can apply until the end of `apply_by`, and not while a choice waits for the Joint Secretariat (`chosen_at`).
    `is_replacement` marks one that the program opened because a lead expert left.
    """

    __tablename__ = "expert_search"
    __table_args__ = (
        CheckConstraint("role IN ('lead', 'ad_hoc')", name="role"),
        CheckConstraint("days > 0", name="days"),
        CheckConstraint("ends_on >= starts_on", name="period"),
        Index("ix_expert_search_closed_at_opened_at", "closed_at", "opened_at"),
    )

    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"), index=True)
    role: Mapped[ExpertTrack] = mapped_column(Coded(ExpertTrack, 8))
    task: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    closed_at: Mapped[datetime | None]
    themes: Mapped[tuple[str, ...] | None] = mapped_column(Recorded(tuple[str, ...]))
    languages: Mapped[tuple[str, ...] | None] = mapped_column(Recorded(tuple[str, ...]))
    days: Mapped[int | None]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    apply_by: Mapped[date | None]
    chosen_at: Mapped[datetime | None]
    is_replacement: Mapped[bool] = mapped_column(default=False, server_default=false())

    network: Mapped[Network] = relationship()
    candidates: Mapped[list[ExpertApplication]] = relationship(
        back_populates="search", order_by="ExpertApplication.id", cascade="all, delete-orphan"
    )

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def takes_applications(self, today: date) -> bool:
        """Whether experts can apply on this day."""
        return self.is_open and self.chosen_at is None and (self.apply_by is None or self.apply_by >= today)

    @property
    def needs(self) -> SearchNeeds:
        """What the network looks for."""
        stored = {field.name: getattr(self, field.name) for field in fields(SearchNeeds)}
        return SearchNeeds(**stored | {"themes": self.themes or (), "languages": self.languages or ()})
