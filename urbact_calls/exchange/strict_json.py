"""JSON read without forgiveness, and a reader that knows where it is.

Python's own reader keeps the last of two equal keys, accepts NaN, and takes `true` for 1; here each of these is a
fault with its place.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any


class ExchangeFault(Exception):
    """What is wrong, and where; `dossier` is the caller's name for it, or `#n`, or `-` before any could be read."""

    def __init__(self, what: str, where: str, dossier: str = "-") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.dossier = dossier

    def __str__(self) -> str:
        return one_line(f"dossier {self.dossier}: {self.what}, {self.where}")


def one_line(text: str) -> str:
    """Text that cannot break a line or a terminal: what does not print is written as an escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


class JsonObject(dict[str, Any]):
    """An object that remembers which keys stood in it twice."""

    repeated: tuple[str, ...] = ()

    @classmethod
    def of_pairs(cls, pairs: list[tuple[str, Any]]) -> JsonObject:
        made = cls(pairs)
        if len(made) < len(pairs):
            keys = [key for key, _ in pairs]
            made.repeated = tuple(key for key in made if keys.count(key) > 1)
        return made


class NotFinite:
    """Stands for NaN and the infinities until a place can be named."""

    def __init__(self, word: str) -> None:
        self.word = word


def load(text: str) -> Any:
    """The JSON value of a text; raises ExchangeFault for what is not JSON."""
    try:
        return json.loads(text, object_pairs_hook=JsonObject.of_pairs, parse_constant=NotFinite)
    except json.JSONDecodeError as error:
        raise ExchangeFault(f"not JSON ({error.msg})", f"line {error.lineno} column {error.colno}") from error
    except RecursionError as error:
        raise ExchangeFault("not readable (nested too deeply)", "the file") from error
    except ValueError as error:
        raise ExchangeFault("not readable (a number with too many digits)", "the file") from error


def check(value: object) -> None:
    """Raises ExchangeFault for repeated keys, NaN, NUL and lone surrogates anywhere in a value."""
    # A stack and not recursion: the value may be as deep as the JSON reader allows.
    waiting: list[tuple[object, str]] = [(value, "")]
    while waiting:
        item, path = waiting.pop()
        if isinstance(item, NotFinite):
            raise ExchangeFault(f"{item.word} is not a number", path or TOP)
        if isinstance(item, str):
            _check_text(item, path)
        elif isinstance(item, JsonObject):
            if item.repeated:
                raise ExchangeFault(f'field "{item.repeated[0]}" stands twice', path or TOP)
            for key in item:
                _check_text(key, path)
            waiting.extend((item[key], joined(path, key)) for key in reversed(item))
        elif isinstance(item, list):
            waiting.extend((each, f"{path}[{place}]") for place, each in reversed(list(enumerate(item))))


def _check_text(text: str, path: str) -> None:
    if "\0" in text or any(0xD800 <= ord(char) <= 0xDFFF for char in text):
        raise ExchangeFault("text holds a character that cannot be stored", path or TOP)


TOP = "the whole dossier"


def joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


class Reader:
    """A value with its place. Every method gives what was asked for or raises ExchangeFault."""

    def __init__(self, value: Any, path: str = "") -> None:
        self.value = value
        self.path = path

    @property
    def where(self) -> str:
        return self.path or TOP

    def fault(self, what: str) -> ExchangeFault:
        return ExchangeFault(what, self.where)

    def fields(self, *, required: Iterable[str] = (), optional: Iterable[str] = ()) -> dict[str, Reader]:
        """The readers of an object's fields; a field that is not named is a fault, so is a missing required one."""
        if not isinstance(self.value, dict):
            raise self._wrong_type("an object")
        needed, known = list(required), [*required, *optional]
        for key in self.value:
            if key not in known:
                raise ExchangeFault(f'unknown field "{key}"', joined(self.path, key))
        for key in needed:
            if key not in self.value:
                raise ExchangeFault(f'field "{key}" is missing', self.where)
        return dict(self.entries())

    def entries(self) -> Iterator[tuple[str, Reader]]:
        """Every key of an object with a reader of its value."""
        if not isinstance(self.value, dict):
            raise self._wrong_type("an object")
        for key, value in self.value.items():
            yield key, Reader(value, joined(self.path, key))

    def items(self) -> list[Reader]:
        if not isinstance(self.value, list):
            raise self._wrong_type("a list")
        return [Reader(value, f"{self.path}[{place}]") for place, value in enumerate(self.value)]

    def text(self) -> str:
        """Text in Unicode form C."""
        if not isinstance(self.value, str):
            raise self._wrong_type("text")
        return unicodedata.normalize("NFC", self.value)

    def filled_text(self) -> str:
        if not self.text().strip():
            raise self.fault("empty text")
        return self.text()

    def boolean(self) -> bool:
        if not isinstance(self.value, bool):
            raise self._wrong_type("true or false")
        return self.value

    def whole(self, *, lowest: int, highest: int) -> int:
        """A whole number in a range; `true` is not 1 and 1.0 is not 1."""
        if type(self.value) is not int:
            raise self._wrong_type("a whole number")
        if not lowest <= self.value <= highest:
            raise self.fault(f"a number from {lowest} to {highest} is expected")
        return self.value

    def _wrong_type(self, expected: str) -> ExchangeFault:
        return self.fault(f"wrong type: {expected} expected, {_type_name(self.value)} found")


def _type_name(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
    return "an object"
