"""The places of the gazetteer, and which version of each table of the package this database has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from urbact_calls.database import Model, Unnumbered

# The order of bytes on both databases, so that a range of the index finds what begins with a word.
_Folded = String(200).with_variant(String(200, collation="C"), "postgresql")


class EuropeanPlace(Model):
    """A place of GeoNames (CC BY 4.0). `admin1` is its first-level division in their codes.

    `people` counts the settlement and not the municipality: it puts larger places first and no rule may read it.
    """

    __tablename__ = "european_place"
    __table_args__ = (Index("ix_european_place_folded_id", "folded", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    folded: Mapped[str] = mapped_column(_Folded)
    country: Mapped[str] = mapped_column(String(2))
    admin1: Mapped[str] = mapped_column(String(20))
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    people: Mapped[int] = mapped_column(default=0, server_default="0")

    @property
    def people_about(self) -> int:
        """The population to two figures: how large a place is, and not a count of this day."""
        return round(self.people, 2 - len(str(self.people)))


class PlaceName(Unnumbered):
    """Another name under which people look for a place of the gazetteer, folded."""

    __tablename__ = "place_name"

    folded: Mapped[str] = mapped_column(_Folded, primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("european_place.id", ondelete="CASCADE"), primary_key=True)


class ReferenceTable(Unnumbered):
    """A table of the package as it was when this database was last loaded. `marks` has a mark of each row by its
    key, so that the next load can say what changed; it is empty where the rows themselves are in the database."""

    __tablename__ = "reference_table"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    marks: Mapped[dict[str, Any]]
    loaded_at: Mapped[datetime]
