"""Tokens with which programs act for a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from urbact_calls.accounts.models import User
from urbact_calls.database import Model


class ApiToken(Model):
    """A bearer token: it has the rights of its owner until it expires or is revoked.

    Only the SHA-256 of the token is stored. `last_used_at` is exact to the hour.
    """

    __tablename__ = "api_token"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()

    def is_in_force(self, now: datetime) -> bool:
        """Whether it opens anything: also not for an account that is closed or was never confirmed."""
        return (
            self.revoked_at is None
            and now < self.expires_at
            and self.user.disabled_at is None
            and self.user.confirmed_at is not None
        )
