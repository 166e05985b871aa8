"""Words for changes of fields: what a field is called and how its values read. Each feature adds those of its kinds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from urbact_calls.database import Base
from urbact_calls.domain.subject import SubjectKind
from urbact_calls.domain.text import Text, message, say
from urbact_calls.record.models import FieldChange

InWords = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class FieldWords:
    """What a field is called, and how a value of it reads.

    `person` is the account that the field is about, whose name follows the label; `holds_a_person` says that its
    values are accounts.
    """

    label: str
    in_words: InWords | None = None
    person: int | None = None
    holds_a_person: bool = False


Describe = Callable[[str], FieldWords | None]


@dataclass(frozen=True, slots=True)
class KindOfFields:
    """The fields of a kind of subject. `rights` are the patterns (LIKE) of those that say who may do what."""

    describe: Describe
    rights: tuple[str, ...] = ()


FIELDS: dict[SubjectKind, KindOfFields] = {}


def describes(kind: SubjectKind, *, rights: Collection[str] = ()) -> Callable[[Describe], Describe]:
    """Makes the words of the fields of a kind known. Raises ValueError where two features describe it."""

    def register(describe: Describe) -> Describe:
        if kind in FIELDS:
            raise ValueError(f"two features describe the fields of “{kind}”")
        FIELDS[kind] = KindOfFields(describe, tuple(rights))
        return describe

    return register


def is_right() -> ColumnElement[bool]:
    """The condition on `FieldChange` that it says who may do what from now on."""
    patterns = [
        and_(FieldChange.subject_kind == kind, or_(*(FieldChange.field.like(pattern) for pattern in found.rights)))
        for kind, found in FIELDS.items()
        if found.rights
    ]
    return or_(false(), *patterns)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a field in words; None where there was or is nothing."""

    label: str
    before: str | None
    after: str | None


def in_words(session: Session, rows: Sequence[FieldChange]) -> Mapping[int, Change]:
    """Changes in words, by the id of their row; one query, for the names of the people in them."""
    known = {row.id: _words_for(row) for row in rows}
    people = {found.person for found in known.values() if found.person is not None}
    for row in rows:
        if known[row.id].holds_a_person:
            people |= {value for value in (_value(row.before), _value(row.after)) if isinstance(value, int)}
    names = names_of_people(session, people)
    return {row.id: _in_words(row, known[row.id], names) for row in rows}


def _words_for(row: FieldChange) -> FieldWords:
    kind = FIELDS.get(row.about.kind)
    found = kind.describe(row.field) if kind is not None else None
    return found or FieldWords(row.field)


def _in_words(row: FieldChange, words: FieldWords, names: Mapping[int, str]) -> Change:
    def value_in_words(stored: Mapping[str, Any] | None) -> str | None:
        value = _value(stored)
        if value is None or value == "":
            return None
        if words.holds_a_person:
            return names.get(value, GONE)
        if words.in_words is None:
            return plain(value)
        try:
            return words.in_words(value)
        except (KeyError, TypeError, ValueError):
            # A version of before stored it in another shape: it reads as it was stored.
            return plain(value)

    label = words.label if words.person is None else f"{words.label}: {names.get(words.person, GONE)}"
    return Change(label, value_in_words(row.before), value_in_words(row.after))


def _value(stored: Mapping[str, Any] | None) -> Any:
    return None if stored is None else stored.get("value")


GONE = say(message("record.gone", "somebody whose account is gone")())


def plain(value: Any) -> str:
    """Any stored value in words: a list with commas, a mapping as `name: value`, a text of the program as issued."""
    match value:
        case bool():
            return "yes" if value else "no"
        case {"code": _, "english": str(), "params": _}:
            return say(Text.from_json(value))
        case Mapping():
            return "; ".join(f"{name}: {plain(each)}" for name, each in value.items() if each is not None)
        case list():
            return ", ".join(plain(each) for each in value)
    return str(value)


def names_of_people(session: Session, ids: Iterable[int]) -> Mapping[int, str]:
    """The names of accounts by id, from the table to which the foreign keys point: accounts stand above."""
    table = Base.metadata.tables["user_account"].c
    rows = session.execute(select(table.id, table.name).where(table.id.in_(sorted(ids))))
    return {row.id: row.name for row in rows}
