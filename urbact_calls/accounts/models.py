"""Tables of accounts and of the roles of the programme that they hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from urbact_calls.database import Coded, Model
from urbact_calls.domain.permissions import PROGRAMME_ROLES
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.vocabulary import Role
from urbact_calls.messages.models import MessageArgs, Recipient
from urbact_calls.subjects import HasSubject


@dataclass(frozen=True, kw_only=True)
class AccountMessage(MessageArgs):
    """The arguments of a message to an account; `at` is when its link was asked for, `onwards` the path to which its
    reader wanted to go."""

    user: int
    at: datetime
    onwards: str = ""


class RoleGrant(Model):
    """A role of the programme given to an account; a National URBACT Point has a country."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("user_id", "role"),
        CheckConstraint(f"role IN ({', '.join(repr(r.value) for r in PROGRAMME_ROLES)})", name="role"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(Coded(Role, 24))
    country: Mapped[str | None] = mapped_column(String(2))
    granted_at: Mapped[datetime]
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))

    user: Mapped[User] = relationship(back_populates="grants", foreign_keys=[user_id])


class RoleRequest(Model):
    """A role that one administrator wants to give, until another one gives it too."""

    __tablename__ = "role_request"
    __table_args__ = (
        UniqueConstraint("user_id", "role"),
        CheckConstraint(f"role IN ({', '.join(repr(r.value) for r in PROGRAMME_ROLES)})", name="role"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(Coded(Role, 24))
    country: Mapped[str | None] = mapped_column(String(2))
    asked_at: Mapped[datetime]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))

    asker: Mapped[User | None] = relationship(foreign_keys=[asked_by])


class User(HasSubject):
    """A person with an account. `email` is stored in lower case; `epoch` grows whenever all sessions end, which makes
    the links in older messages worthless."""

    SUBJECT = SubjectKind.ACCOUNT
    __tablename__ = "user_account"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    epoch: Mapped[int] = mapped_column(default=0)
    theme: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]

    grants: Mapped[list[RoleGrant]] = relationship(
        back_populates="user", foreign_keys="RoleGrant.user_id", cascade="all, delete-orphan", lazy="selectin"
    )

    def grant_of(self, role: Role) -> RoleGrant | None:
        """The grant of a role, None if it is not held."""
        return next((grant for grant in self.grants if grant.role is role), None)

    @property
    def can_sign_in(self) -> bool:
        """Whether its address is confirmed and the account is not closed."""
        return self.confirmed_at is not None and self.disabled_at is None

    @property
    def recipient(self) -> Recipient:
        return Recipient(self.email, self.name, self.id)


class BrowserSession(Model):
    """A browser in which somebody signed in, until they sign out, change the password, end it elsewhere, or leave it
    unused for twelve hours.

    The browser holds the key; here is only its SHA-256. `used_at` is exact to ten minutes. A row that has ended still
    says that its account knows the browser.
    """

    __tablename__ = "browser_session"
    LASTS = timedelta(hours=12)
    USE_IS_NOTED_EVERY = timedelta(minutes=10)
    KNOWN_FOR = timedelta(days=400)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    browser: Mapped[str] = mapped_column(String(60))
    opened_at: Mapped[datetime]
    used_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()

    def is_in_force(self, now: datetime) -> bool:
        """Whether it opens anything: also not for an account that is closed or was never confirmed."""
        return self.ended_at is None and now < self.used_at + self.LASTS and self.user.can_sign_in


class ApiToken(Model):
    """A bearer token: a program that has it has the rights of its owner until it expires or is revoked.

    Only the SHA-256 of the token is stored. `last_used_at` is exact to the hour.
    """

    __tablename__ = "api_token"
    LASTS = timedelta(days=90)
    USE_IS_NOTED_EVERY = timedelta(hours=1)
    LONGEST_NAME = 80

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    # None where it was made before tokens had names.
    name: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()

    @property
    def label(self) -> str:
        return self.name or f"Token {self.id}"

    def is_in_force(self, now: datetime) -> bool:
        """Whether it opens anything: also not for an account that is closed or was never confirmed."""
        return self.revoked_at is None and now < self.expires_at and self.user.can_sign_in


class WrongPasswords(Model):
    """How many wrong passwords were typed one after the other: for an address, from a machine, in a known browser.

    The key is a SHA-256 of which of these it is; the row is deleted after an hour without one.
    """

    __tablename__ = "wrong_passwords"
    FORGOTTEN_AFTER = timedelta(hours=1)

    key: Mapped[str] = mapped_column(String(64), unique=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
