"""Loading reference data: the places into their table, and what changed in tables that stay in the package."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from urbact_calls.database import Unnumbered
from urbact_calls.places.models import EuropeanPlace, PlaceName, ReferenceTable
from urbact_calls.reference.gazetteer import OTHER_NAMES, PLACES, other_names, places
from urbact_calls.reference.tables import content, rows


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of one table were added, changed, found as they should be, or left out, with the reason."""

    table: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    left_out: int = 0
    reason: str = ""

    def __str__(self) -> str:
        told = f"{self.table}: {self.added} added, {self.changed} changed, {self.unchanged} unchanged"
        return f"{told}, {self.left_out} left out ({self.reason})" if self.left_out else told


PORTION = 16_000
"""How many rows are written between two words on how far it is."""

Tell = Callable[[str], None]
"""Hears, while something takes long, how far it is."""


def load_places(session: Session, now: datetime, tell: Tell) -> Count:
    """Brings the gazetteer and the other names of its places into their tables. Nothing is read while the package has
    the files that were loaded before."""
    known = session.get(ReferenceTable, PLACES)
    digest = hashlib.sha256(content(PLACES) + content(OTHER_NAMES)).hexdigest()
    there = session.scalar(select(func.count()).select_from(EuropeanPlace)) or 0
    if known is not None and known.sha256 == digest and known.rows == there:
        return Count("places", unchanged=there)

    wanted = {place.id: place for place in places()}
    stored = {row.id: tuple(row) for row in session.execute(select(*EuropeanPlace.__table__.columns))}
    added = [place._asdict() for id_, place in wanted.items() if id_ not in stored]
    changed = [place._asdict() for id_, place in wanted.items() if id_ in stored and stored[id_] != tuple(place)]
    gone = sorted(stored.keys() - wanted.keys())
    _insert(session, EuropeanPlace, added, lambda begin: tell(f"places, {begin:,} of {len(added):,}"))
    if changed:
        session.execute(update(EuropeanPlace), changed)
    if gone:
        session.connection().execute(
            delete(EuropeanPlace.__table__).where(EuropeanPlace.__table__.c.id == bindparam("gone")),  # type: ignore[arg-type]
            [{"gone": id_} for id_ in gone],
        )
    session.execute(delete(PlaceName))
    names = {pair for pair in other_names() if pair[0] in wanted and pair[1] != wanted[pair[0]].folded}
    found = [{"place_id": place_id, "folded": folded} for place_id, folded in names]
    _insert(session, PlaceName, found, lambda begin: tell(f"other names of places, {begin:,} of {len(found):,}"))
    session.merge(ReferenceTable(name=PLACES, sha256=digest, rows=len(wanted), marks={}, loaded_at=now))
    return Count("places", len(added), len(changed), len(wanted) - len(added) - len(changed))


def _insert(
    session: Session, table: type[Unnumbered], every: Sequence[Mapping[str, object]], tell: Callable[[int], None]
) -> None:
    """Writes rows in portions; `tell` hears before each how many are written."""
    for begin in range(0, len(every), PORTION):
        tell(begin)
        session.connection().execute(insert(table.__table__), every[begin : begin + PORTION])  # type: ignore[arg-type]


def compare_table(  # noqa: PLR0913 -- the table, how its rows are told apart, and what is left out
    session: Session,
    name: str,
    *,
    label: str,
    key: Iterable[str],
    now: datetime,
    is_used: Callable[[Mapping[str, str]], bool] = lambda row: True,
    reason: str = "",
) -> Count:
    """What changed in a table that is read from the package, since this database was loaded the last time.

    Rows that the program does not use are left out, for this reason.
    """
    every = list(rows(name))
    used = [row for row in every if is_used(row)]
    marks = _marks(used, tuple(key))
    known = session.get(ReferenceTable, name)
    before: Mapping[str, str] = known.marks if known else {}
    added = sum(each not in before for each in marks)
    changed = sum(each in before and before[each] != mark for each, mark in marks.items())
    if before != marks:
        digest = hashlib.sha256(content(name)).hexdigest()
        session.merge(ReferenceTable(name=name, sha256=digest, rows=len(marks), marks=marks, loaded_at=now))
    return Count(label, added, changed, len(marks) - added - changed, len(every) - len(used), reason)


def _marks(table: Iterable[Mapping[str, str]], key: tuple[str, ...]) -> dict[str, str]:
    """A short mark of each row; rows of the same key are told apart by their order."""
    marks: dict[str, str] = {}
    for row in table:
        name = first = " / ".join(row[column] for column in key)
        number = 1
        while name in marks:
            number += 1
            name = f"{first} ({number})"
        marks[name] = f"{zlib.crc32(repr(sorted(row.items())).encode()):08x}"
    return marks
