"""Tables of the closing lists of calls: who led and took part in what when a call closed, written once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from urbact_calls.database import Model
from urbact_calls.jobs import Args

# Characters of a folded name that are kept and compared: as many as the name of an organisation has.
NAME_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class ListPart(Args):
    """The arguments of the job that writes the next part of a list: that of the applications after this number."""

    call: str
    last_second: datetime
    number: int
    after: int


class ClosingList(Model):
    """The list of the applications that stood in a call at `last_second`, the last one whose requests were on time.

    `number` counts the lists of the call: another one is written when its dates were moved, and when something that
    came in time was stored after all (`is_outdated`). It is written in parts: `after` is the number of the last
    application in it, `listed` how many they are. `fingerprint` is the SHA-256 of the lines of `reads.line` so far.
    """

    __tablename__ = "closing_list"
    __table_args__ = (UniqueConstraint("call_id", "number"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"))
    number: Mapped[int]
    last_second: Mapped[datetime]
    after: Mapped[int] = mapped_column(default=0)
    listed: Mapped[int] = mapped_column(default=0)
    fingerprint: Mapped[str] = mapped_column(String(64))
    begun_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    is_outdated: Mapped[bool] = mapped_column(default=False)


class Participation(Model):
    """One partner of a submission that stands in a closing list; `name` is folded as the rules compare names."""

    __tablename__ = "participation"
    __table_args__ = (
        Index("ix_participation_closing_list_id_country_name", "closing_list_id", "country", "name"),
        Index("ix_participation_submission_id", "submission_id"),
    )

    closing_list_id: Mapped[int] = mapped_column(ForeignKey("closing_list.id", ondelete="CASCADE"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    country: Mapped[str] = mapped_column(String(2))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    is_lead: Mapped[bool]
