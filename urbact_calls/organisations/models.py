"""Tables of organisations, of the people who work for them, and of confirmed regions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from urbact_calls.accounts.models import User
from urbact_calls.database import Coded, Model
from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import OrganisationCategory, PartnerKind, RegionCategory
from urbact_calls.messages.models import MessageArgs
from urbact_calls.subjects import HasSubject

BETWEEN_NAMES = " | "
"""Stands between the names in `other_names`."""


def _folded_seat(context: DefaultExecutionContext) -> str:
    return fold(context.get_current_parameters()["seat_city"])


@dataclass(frozen=True, kw_only=True)
class MembershipMessage(MessageArgs):
    """The arguments of a message about a request to join an organisation."""

    membership: int


class Membership(Model):
    """A person works for an organisation. Until `accepted_at` it is a request; a manager accepts requests.

    Whoever entered the organisation is its manager, unconfirmed: nobody has looked whether this person may speak for
    it, until the office, a National URBACT Point or a confirmed manager says so (`confirmed_at`).
    """

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("user_id", "organisation_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    is_manager: Mapped[bool] = mapped_column(default=False)
    requested_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))

    organisation: Mapped[Organisation] = relationship(back_populates="memberships")
    user: Mapped[User] = relationship(foreign_keys=[user_id])

    @property
    def is_unconfirmed(self) -> bool:
        """Whether this is a manager for whom nobody else has spoken yet."""
        return self.is_manager and self.accepted_at is not None and self.confirmed_at is None


class FormerMembership(Model):
    """A person has worked for an organisation, and counts as one of its people until `counts_until`.

    Whoever leaves today still knows what was planned yesterday.
    """

    __tablename__ = "former_membership"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    left_at: Mapped[datetime]
    counts_until: Mapped[datetime]


class Organisation(HasSubject):
    """A city or another body. What is not known is empty, never guessed; `provenance` says where facts come from.

    `folded` is the name without case, diacritics and stroke letters, for search; `other_names` is the same of its seat
    and of what the gazetteer calls that place (Mantova, Mantua). `nuts2` is the NUTS 2 region of the seat (version
    2021), `region_category` its category for 2021 to 2027, `region_basis` how the region was found.
    """

    SUBJECT = SubjectKind.ORGANISATION
    __tablename__ = "organisation"
    __table_args__ = (
        UniqueConstraint("country", "folded", "seat_city"),
        CheckConstraint("kind IN ('city', 'non-city')", name="kind"),
        CheckConstraint(
            "region_category IS NULL OR region_category IN ('less developed', 'transition', 'more developed')",
            name="region_category",
        ),
        CheckConstraint(
            "region_basis IS NULL OR region_basis IN ('place', 'source', 'chosen', 'officer')", name="region_basis"
        ),
    )

    slug: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    folded: Mapped[str] = mapped_column(String(200), index=True)
    other_names: Mapped[str | None] = mapped_column(Text, default=_folded_seat)
    seat_city: Mapped[str] = mapped_column(String(120))
    country: Mapped[str] = mapped_column(String(2), index=True)
    kind: Mapped[PartnerKind] = mapped_column(Coded(PartnerKind, 12))
    category: Mapped[OrganisationCategory | None] = mapped_column(Coded(OrganisationCategory, 24))
    nuts2: Mapped[str | None] = mapped_column(String(8))
    region_category: Mapped[RegionCategory | None] = mapped_column(Coded(RegionCategory, 20))
    region_confidence: Mapped[str | None] = mapped_column(String(12))
    region_basis: Mapped[str | None] = mapped_column(String(12))
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    geonameid: Mapped[int | None]
    is_verified: Mapped[bool] = mapped_column(default=False)
    provenance: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[str | None] = mapped_column(String(12))
    created_at: Mapped[datetime]

    memberships: Mapped[list[Membership]] = relationship(back_populates="organisation", cascade="all, delete-orphan")

    @property
    def is_unconfirmed(self) -> bool:
        """Whether it has managers, and nobody has confirmed one of them."""
        managers = [each for each in self.memberships if each.is_manager and each.accepted_at is not None]
        return bool(managers) and all(each.is_unconfirmed for each in managers)


class RegionConfirmation(Model):
    """An officer has confirmed the region of an organisation and its category, or corrected them with a reason.

    It counts while the organisation has this region: nobody has to take it back when the region changes.
    """

    __tablename__ = "region_confirmation"
    __table_args__ = (
        CheckConstraint(
            "region_category IN ('less developed', 'transition', 'more developed')", name="region_category"
        ),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    nuts2: Mapped[str | None] = mapped_column(String(8))
    region_category: Mapped[RegionCategory] = mapped_column(Coded(RegionCategory, 20))
    reason: Mapped[str | None] = mapped_column(Text)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    confirmed_at: Mapped[datetime]

    officer: Mapped[User | None] = relationship(foreign_keys=[confirmed_by])
