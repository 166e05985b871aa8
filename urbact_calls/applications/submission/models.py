"""Table of submissions: the frozen dossier, its SHA-256, and when it was received."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from urbact_calls.applications.models import Application
from urbact_calls.database import Cents, Model, Recorded, stored_at
from urbact_calls.domain.dossier import Dossier
from urbact_calls.jobs import OfApplication


@dataclass(frozen=True, kw_only=True)
class KeptStep(OfApplication):
    """A step that was asked for and is kept until a worker takes it: what, by whom, when it was received, what its
    sender had seen of the application and typed as a reason."""

    name: str
    user_id: int
    received_at: datetime
    seen: int | None
    reason: str


class Submission(Model):
    """What was submitted: the frozen dossier, its SHA-256, when the request reached the server and when it was
    committed. Earlier ones stay readable. `budget_cents` is the total of the dossier, so that lists need not read it.
    """

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("application_id", "number"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    number: Mapped[int]
    dossier: Mapped[Dossier] = mapped_column(Recorded(Dossier, are_alike=False))
    fingerprint: Mapped[str] = mapped_column(String(64))
    budget_cents: Mapped[int | None] = mapped_column(Cents)
    received_at: Mapped[datetime]
    committed_at: Mapped[datetime] = mapped_column(default=stored_at)
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))

    application: Mapped[Application] = relationship()
