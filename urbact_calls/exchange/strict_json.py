"""JSON read strictly: repeated keys, NaN and text that cannot be stored are faults with their place.

Python's own reader keeps the last of two equal keys and accepts NaN, and so does that of pydantic. What has passed
`check` becomes an object of a class by `fields.read_as`.
"""

from __future__ import annotations

import json
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
