"""Table of invitations: a person, known by an address, is asked to work for a partner of an application."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from urbact_calls.applications.models import Partner
from urbact_calls.database import Model


class PartnerInvitation(Model):
    """A person, known by an address, is asked to work on an application for one of its partners.

    The link in the message names the row and `sends`: sending it again makes the link before useless.
    `gave_access` says that accepting gave the person an own place in the application.
    """

    __tablename__ = "partner_invitation"
    __table_args__ = (UniqueConstraint("partner_id", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(254))
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    invited_at: Mapped[datetime]
    sent_at: Mapped[datetime]
    sends: Mapped[int] = mapped_column(default=1)
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    revoked_at: Mapped[datetime | None]
    gave_access: Mapped[bool] = mapped_column(default=False)

    partner: Mapped[Partner] = relationship()
