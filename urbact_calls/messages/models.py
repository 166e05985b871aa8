"""Messages: the kinds of message that features register, and the log, one row per message and recipient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from urbact_calls.database import Model
from urbact_calls.jobs import Args, Policy
from urbact_calls.subjects import PerhapsAbout


@dataclass(frozen=True, kw_only=True)
class Resend:
    """A message is sent again: `of` is the delivery before, `by` the account of who asked for it."""

    of: int
    by: int | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class MessageArgs(Args):
    """The arguments of every message. A reminder says nothing after `not_after`."""

    not_after: datetime | None = None
    resend: Resend | None = None


@dataclass(frozen=True, kw_only=True)
class DeliveryArgs(Args):
    """Which message a job sends."""

    delivery: int


class Delivery(PerhapsAbout, Model):
    """One message to one address. `event` is the key of the job that asked for it, `email_key` names the text
    (`application.submitted`); `message_id` is the same however often the message is tried. `leave_href` is
    where the address leaves the list that the message went to, if it went to one. `about` is what the
    message is about, `job_id` says which job sends it.

    A message that a person sent again is a row of its own: `resent_of` is the one before, with who and why;
    `resends` counts how often that was done."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("event", "address"),
        # The log is looked through by one of these, the newest first.
        Index("ix_delivery_address_id", "address", "id"),
        Index("ix_delivery_email_key_id", "email_key", "id"),
        Index("ix_delivery_subject_kind_subject_id_id", "subject_kind", "subject_id", "id"),
    )

    event: Mapped[str] = mapped_column(String(200))
    email_key: Mapped[str] = mapped_column(String(60))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(250))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    leave_href: Mapped[str | None] = mapped_column(String(300))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"), index=True)
    resent_of: Mapped[int | None] = mapped_column(ForeignKey("delivery.id", ondelete="SET NULL"), index=True)
    resent_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    resend_reason: Mapped[str | None] = mapped_column(Text)
    resends: Mapped[int] = mapped_column(default=0, server_default="0")


class MutedEmail(Model):
    """A person does not want to get one kind of message. Only kinds that may be switched off are looked up here."""

    __tablename__ = "muted_email"
    __table_args__ = (UniqueConstraint("user_id", "email_key"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    email_key: Mapped[str] = mapped_column(String(60))
    muted_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person, or a bare address, that a message goes to. `leave_href` ends what the address subscribed to."""

    address: str
    name: str = ""
    user_id: int | None = None
    leave_href: str = ""


A = TypeVar("A", bound=MessageArgs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Email(Generic[A]):
    """A message the program can send. `args` of both functions are those of the job that announced it.

    `policy` is `once` for decisions, which are never sent twice. `is_secret` empties the kept text once it is
    sent (a link to sign in must not stay readable in the log); `anew` gives the arguments with which such a message is
    made again for an account, with a fresh link. People may switch off what `is_mutable`, and leave the list that a
    message `is_for_a_list` goes to.

    `name` is what pages call it. `recipients`, `moment` and `limit` say in words who gets it, when, and how often at
    most; they are shown with the others on one page.
    """

    key: str
    name: str
    args: type[A]
    to: Callable[[Session, A], Sequence[Recipient]]
    context: Callable[[Session, A, Recipient], dict[str, Any]]
    policy: Policy = "retry"
    is_secret: bool = False
    anew: Callable[[int, datetime, Resend], A] | None = None
    is_mutable: bool = False
    is_for_a_list: bool = False
    recipients: str = ""
    moment: str = ""
    limit: str = ""

    @property
    def choice(self) -> str:
        """Whether people can switch it off."""
        if self.is_mutable:
            return "Yes, in the account or by its link"
        return "Yes, by leaving the list" if self.is_for_a_list else "No, it always comes"

    @property
    def if_uncertain(self) -> str:
        """What happens if sending breaks off."""
        return "A person decides" if self.policy == "once" else "It is tried again"


EMAILS: dict[str, Email[Any]] = {}
