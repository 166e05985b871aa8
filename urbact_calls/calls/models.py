"""The table of calls, with their terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from urbact_calls.database import Coded, Recorded
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.terms import CallTerms
from urbact_calls.domain.vocabulary import CallPhase, NetworkType
from urbact_calls.messages.models import MessageArgs
from urbact_calls.subjects import HasSubject


@dataclass(frozen=True, kw_only=True)
class SubscriptionMessage(MessageArgs):
    """The arguments of the message by which an address is confirmed."""

    subscription: int


@dataclass(frozen=True, kw_only=True)
class OpeningMessage(MessageArgs):
    """The arguments of the message that a call is open; it says nothing when the date was moved meanwhile."""

    call: str
    opens_at: datetime


class Call(HasSubject):
    """A published invitation for one network type.

    `version` counts the changes of its `terms`, which are frozen once it is published. A historical call is a record
    of the past: nothing can be started in it. A demonstration call says so on each of its pages.
    """

    SUBJECT = SubjectKind.CALL
    __tablename__ = "call"
    __table_args__ = (CheckConstraint("opens_at < closes_at", name="opens_before_it_closes"),)

    code: Mapped[str] = mapped_column(String(20), unique=True)
    type: Mapped[NetworkType] = mapped_column(Coded(NetworkType, 8))
    title: Mapped[str] = mapped_column(String(150))
    summary: Mapped[str] = mapped_column(Text, default="")
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    is_historical: Mapped[bool] = mapped_column(default=False)
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    terms: Mapped[CallTerms] = mapped_column(Recorded(CallTerms))
    results: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=0, server_default="0")

    @property
    def last_second(self) -> datetime:
        """The last second whose requests are on time: that of closing, and the tolerance after it."""
        return self.closes_at + self.terms.tolerance

    def phase(self, now: datetime) -> CallPhase:
        """Where the call stands at `now`; derived from its dates, never stored. It is open until the tolerance ends."""
        if self.published_at is None or self.published_at > now:
            return CallPhase.UNPUBLISHED
        if now < self.opens_at:
            return CallPhase.UPCOMING
        # The last second counts whole: 15:00:00.999 is on time (domain/rules.md, "on time").
        return CallPhase.OPEN if now.replace(microsecond=0) <= self.last_second else CallPhase.CLOSED

    def takes_applications(self, now: datetime) -> bool:
        return not self.is_historical and self.phase(now) is CallPhase.OPEN
