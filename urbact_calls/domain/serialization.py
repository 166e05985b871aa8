"""Serialization of frozen facts to JSON and back, exactly: what was judged is kept as text and can be read again."""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from urbact_calls.domain.characters import normal_form
from urbact_calls.domain.money import Euro, Rate

Record = TypeVar("Record")
ADDED_LATER = {"added_later": True}
"""The metadata of a field that records of before were stored without: while it is None it is left out of the text."""


def to_json(value: object) -> Any:
    """A value made of dictionaries, lists, text, whole numbers, booleans and None only."""
    # Before all that a record can hold: nearly all of a dossier is this, and one is written for each report.
    if type(value) is str:
        return normal_form(value)
    match value:
        case StrEnum():
            return value.value
        case str():
            return normal_form(value)
        case bool() | int() | None:
            return value
        case Euro():
            return value.cents
        case Rate():
            return value.basis_points
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case Mapping():
            return {str(to_json(key)): to_json(item) for key, item in value.items()}
        case tuple():
            return [to_json(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {
            name: to_json(given)
            for name, is_added_later in _names(type(value))
            if (given := getattr(value, name)) is not None or not is_added_later
        }
    raise TypeError(f"{type(value).__name__} has no place in a record")


@dataclass(frozen=True, slots=True)
class Written:
    """What `to_json` has made of a record, for whoever needs its fingerprint and stores it as well."""

    json: Any

    @property
    def fingerprint(self) -> str:
        """As `fingerprint` of the record."""
        return _sha256(_canonical(self.json))


def from_json(kind: type[Record], value: Any) -> Record:
    """What `to_json` wrote: a frozen dataclass, or a tuple of them. A field that is not in the text takes its default.

    Raises TypeError, ValueError or KeyError for text that `to_json` did not write.
    """
    record: Record = _read(kind, value)
    return record


def canonical(value: object) -> str:
    """The one JSON text of a record: sorted keys, no spaces, Unicode form C."""
    return _canonical(to_json(value))


def _canonical(written: Any) -> str:
    return json.dumps(written, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def fingerprint(value: object) -> str:
    """SHA-256 of the canonical text, in hexadecimal."""
    return _sha256(canonical(value))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _names(kind: Any) -> tuple[tuple[str, bool], ...]:
    """The fields of a record in order, each with whether it came later."""
    return tuple((each.name, ADDED_LATER.items() <= each.metadata.items()) for each in fields(kind))


def _dataclass(kind: Any, value: Mapping[str, Any]) -> Any:
    hints = _hints(kind)
    arguments = {}
    for field in fields(kind):
        if field.name in value:
            arguments[field.name] = _read(hints[field.name], value[field.name])
        elif field.default is MISSING and field.default_factory is MISSING:
            raise KeyError(f"{kind.__name__} needs {field.name}")
    return kind(**arguments)


def _read(hint: Any, value: Any) -> Any:
    # Text as it is: nearly all of a dossier.
    if hint is str and type(value) is str:
        return value
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return None if value is None else _read(next(arm for arm in get_args(hint) if arm is not type(None)), value)
    if origin is tuple:
        arms = get_args(hint)
        if arms[-1] is Ellipsis:
            return tuple(_read(arms[0], item) for item in value)
        return tuple(_read(arm, item) for arm, item in zip(arms, value, strict=True))
    if origin is Mapping:
        key, item = get_args(hint)
        return {_read(key, name): _read(item, content) for name, content in value.items()}
    return _plain(hint, value)


def _plain(hint: type[Any], value: Any) -> Any:
    if hint in (Euro, Rate) or issubclass(hint, StrEnum):
        return hint(value)
    if hint is datetime:
        return datetime.fromisoformat(value).astimezone(UTC)
    if hint is date:
        return date.fromisoformat(value)
    if is_dataclass(hint):
        return _dataclass(hint, value)
    if type(value) is not hint:
        raise TypeError(f"{value!r} is not {hint.__name__}")
    return value
