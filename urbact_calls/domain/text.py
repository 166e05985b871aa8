"""Messages: what the program says to people is a code with parameters, and one function turns it into words.

A message is declared once, with its English, beside the code that says it. What is passed on, compared and stored is
the `Text`; `say` is the only way from a `Text` to words, so another language is a change behind `say`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from string import Formatter
from types import MappingProxyType
from typing import Any, TypeAlias

from urbact_calls.domain.money import Euro, Rate
from urbact_calls.domain.words import about, day, when, when_exact, when_short

# How the English of a message may ask for a parameter, as in `{missing:comma}`.
SPECS = {
    "": "as it is; a list as `A, B and C`, an instant to the minute",
    ",": "a number with commas between thousands",
    "about": "a number as people say it who do not count to the last one",
    "cents": "an amount that always shows its cents",
    "comma": "a list as `A, B, C`",
    "lower": "a word without its capital",
    "second": "an instant to the second",
    "short": "an instant as `31 March, 15:00`",
    "sentences": "whole sentences one after the other",
}

Param: TypeAlias = "str | int | Euro | Rate | date | Text | tuple[Param, ...]"


@dataclass(frozen=True, slots=True)
class Text:
    """What is said: the code of a message and its parameters, in the order of their names.

    `issued` is the English with which a stored text was first said; a wording that changed later does not change it.
    """

    code: str
    params: tuple[tuple[str, Param], ...] = ()
    issued: str | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return say(self)

    def to_json(self) -> dict[str, Any]:
        """What a row keeps: code, parameters, and the English as issued. `from_json` gives an equal text back."""
        return {**_param_to_json(self), "english": english(self) if self.issued is None else self.issued}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Text:
        params = tuple((name, _param_from_json(value)) for name, value in sorted(row["params"].items()))
        return cls(row["code"], params, row.get("english"))


@dataclass(frozen=True, slots=True)
class Message:
    """A declared message. Called with its parameters it gives the text: `CLOSED(closes_at=...)`."""

    code: str
    english: str
    one: str | None = None
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        fields = [each for form in (self.english, self.one or "") for each in Formatter().parse(form)]
        for _, name, spec, conversion in fields:
            if name is not None and (not name.isidentifier() or spec not in SPECS or conversion):
                raise ValueError(f"{self.code}: {{{name}:{spec}}} is not a parameter as messages know them")
        counted = {"count"} if self.one is not None else set()
        object.__setattr__(self, "names", frozenset({name for _, name, _, _ in fields if name} | counted))

    def __call__(self, **params: Param) -> Text:
        """Raises TypeError for a parameter that the English does not name, for one that is missing, and for a value
        that cannot be said or stored."""
        if params.keys() != self.names:
            asked, given = sorted(self.names), sorted(params)
            raise TypeError(
                f"{self.code} is said with {listed(asked) or 'nothing'}, not with {listed(given) or 'nothing'}"
            )
        for name, value in params.items():
            _require_sayable(value, f"{self.code}: {name}")
        return Text(self.code, tuple(sorted(params.items())))


_messages: dict[str, Message] = {}
CATALOGUE: Mapping[str, Message] = MappingProxyType(_messages)
"""Every declared message by its code."""


def message(code: str, english: str, *, one: str | None = None) -> Message:
    """Declares a message. `one` is said instead when the parameter `count` is 1. Raises ValueError for a known code."""
    if code in _messages:
        raise ValueError(f"two messages share the code {code}")
    _messages[code] = Message(code, english, one)
    return _messages[code]


def texts(prefix: str, english: Mapping[str, str]) -> Mapping[str, Text]:
    """Declares a table of words: `texts("term", {"title": "Title"})` says "Title" by the code `term.title`."""
    return {name: message(f"{prefix}.{name}", words)() for name, words in english.items()}


QUOTED = message("quoted", "“{words}”")
"""A name or a title inside a sentence, in quotation marks."""


MONTHS = message("duration.months", "{count} months", one="{count} month")


def say(text: Text) -> str:
    """The words of a text for whoever reads it now."""
    return english(text) if text.issued is None else text.issued


def english(text: Text) -> str:
    """The English of a text as the program words it today. Raises KeyError for a code that nobody declares."""
    return _filled(text, _written)


def discreet(text: Text) -> str:
    """The English of a text without what people typed and what was counted: of its parameters only dates are said.

    Raises KeyError for a code that nobody declares.
    """
    return _filled(text, _date_only)


def _date_only(value: Param, spec: str) -> str:
    if isinstance(value, Text):
        return discreet(value)
    return _written(value, spec) if isinstance(value, date) else "…"


def _filled(text: Text, written: Callable[[Param, str], str]) -> str:
    declared, params = _messages[text.code], dict(text.params)
    form = declared.one if declared.one is not None and params["count"] == 1 else declared.english
    return "".join(
        literal + ("" if name is None else written(params[name], spec or ""))
        for literal, name, spec, _ in Formatter().parse(form)
    )


def _written(value: Param, spec: str) -> str:
    match value:
        case Text():
            return say(value).lower() if spec == "lower" else say(value)
        case tuple():
            items = [_written(item, "") for item in value]
            return listed(items) if not spec else {"comma": ", ", "sentences": " "}[spec].join(items)
        case datetime():
            return {"short": when_short, "second": when_exact}.get(spec, when)(value)
        case date():
            return day(value)
        case int() if spec == "about":
            return f"{about(value):,}"
        case Euro() if spec == "cents":
            return str(value) if value.cents % 100 else f"{value}.00"
    return format(value, spec) if spec else str(value)


def listed(items: Iterable[str]) -> str:
    """`A`, `A and B`, `A, B and C`; nothing for none."""
    *firsts, last = list(items) or [""]
    return f"{', '.join(firsts)} and {last}" if firsts else last


def _require_sayable(value: object, what: str) -> None:
    if type(value) is tuple:
        for item in value:
            _require_sayable(item, what)
    elif type(value) is datetime and value.tzinfo is None:
        raise TypeError(f"{what} is an instant without a time zone")
    # The exact type: the word of a vocabulary is said by its own text, not by its code.
    elif type(value) not in (str, int, Euro, Rate, date, datetime, Text):
        raise TypeError(f"{what} cannot be a {type(value).__name__}")


def _param_to_json(value: Param) -> Any:
    match value:
        case Text():
            return {"code": value.code, "params": {name: _param_to_json(each) for name, each in value.params}}
        case tuple():
            return [_param_to_json(item) for item in value]
        case Euro():
            return {"euro": value.cents}
        case Rate():
            return {"rate": value.basis_points}
        case datetime():
            return {"instant": value.astimezone(UTC).isoformat()}
        case date():
            return {"day": value.isoformat()}
    return value


def _param_from_json(value: Any) -> Param:
    match value:
        case list():
            return tuple(_param_from_json(item) for item in value)
        case {"code": _}:
            return Text.from_json(value)
        case {"euro": cents}:
            return Euro(cents)
        case {"rate": basis_points}:
            return Rate(basis_points)
        case {"instant": moment}:
            return datetime.fromisoformat(moment)
        case {"day": moment}:
            return date.fromisoformat(moment)
    plain: str | int = value
    return plain
