"""Strict pydantic classes: objects with exactly their fields, nothing converted, each fault in the words of the format.

The JSON Schema of a class says what it takes, so the document of the interface for programs follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, core_schema

from urbact_calls.domain.entries import read_text
from urbact_calls.exchange.strict_json import TOP, ExchangeFault, joined

Item = TypeVar("Item")
Read = TypeVar("Read", bound=BaseModel)


class StrictFields(BaseModel):
    """An object with exactly these fields; an optional one is absent, not null."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _no_others(cls, value: Any) -> Any:
        names = {field.alias or name: field for name, field in cls.model_fields.items()}
        return only(value, names, required=[name for name, field in names.items() if field.is_required()])


def only(value: Any, known: Collection[str], *, required: Iterable[str] = (), at: tuple[str, ...] = ()) -> Any:
    """The value, if it is no object with another field than these and lacks no required one.

    The first that is wrong ends the reading: an object with a hundred thousand unknown fields costs no more than one.
    `at` is where the object stands in the value that is being validated.
    """
    if isinstance(value, dict):
        unknown = [("extra_forbidden", name) for name in value if name not in known]
        for kind, name in unknown or [("missing", name) for name in required if name not in value]:
            fault = InitErrorDetails(type=kind, loc=(*at, name), input=value)
            raise ValidationError.from_exception_data("object", [fault])
    return value


def read_as(kind: type[Read], value: object, context: object = None) -> Read:
    """A value that `check` let pass as an object of this class; raises ExchangeFault for its first fault."""
    try:
        return kind.model_validate(value, context=context)
    except ValidationError as error:
        raise _fault_of(error.errors(include_url=False)[0]) from error


_EXPECTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
}
_FOUND = {type(None): "null", bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}


def _fault_of(fault: ErrorDetails) -> ExchangeFault:
    *outer, last = fault["loc"] or ("",)
    match fault["type"]:
        case "extra_forbidden":
            return ExchangeFault(f'unknown field "{last}"', _place(fault["loc"]))
        case "missing":
            return ExchangeFault(f'field "{last}" is missing', _place(outer))
        case "value_error":
            return ExchangeFault(str(fault["ctx"]["error"]), _place(fault["loc"]))
    found = _FOUND.get(type(fault["input"]), "an object")
    return ExchangeFault(f"wrong type: {_EXPECTED[fault['type']]} expected, {found} found", _place(fault["loc"]))


def _place(steps: Iterable[str | int]) -> str:
    path = ""
    for step in steps:
        path = f"{path}[{step}]" if isinstance(step, int) else joined(path, step)
    return path or TOP


class _NeverNull:
    """Takes null out of what may be sent: None says that the field was left out."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        nullable: Any = handler(source)
        inner: CoreSchema = nullable["schema"]
        return inner


class _FirstFault:
    """Ends the reading of a list at its first fault. Like the `FailFast` of pydantic, which no union can hold."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        items: Any = handler(source)
        ended: CoreSchema = {**items, "fail_fast": True}
        return ended


Given = Annotated[Item | None, _NeverNull()]
"""The type of a field that may be left out; its default is None."""

Several = Annotated[list[Item], _FirstFault()]
"""A list of which the first fault is told."""


class WrittenAs:
    """The annotation of a type that is written as another one: `read` takes that, and raises ValueError.

    `described_by` has the JSON Schema of what is written, where that says more than `kind`.
    """

    def __init__(self, kind: Any, read: Callable[[Any], Any], described_by: Any = None) -> None:
        self._adapter, self._read, self._described_by = TypeAdapter(kind), read, described_by or kind

    def _validated(self, value: Any) -> Any:
        return self._read(self._adapter.validate_python(value, strict=True))

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._validated, json_schema_input_schema=handler.generate_schema(self._described_by)
        )


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("empty text")
    return text


Text = Annotated[str, AfterValidator(read_text)]
FilledText = Annotated[Text, AfterValidator(_filled)]


def one_of(words: type[StrEnum]) -> WrittenAs:
    """The annotation of a word that is written as its code."""

    def read(text: str) -> StrEnum:
        for word in words:
            if word.value == text:
                return word
        raise ValueError(f'"{text}" is none of {", ".join(words)}')

    return WrittenAs(Text, read, words)


def within(number: int, lowest: int, highest: int) -> int:
    """The number; raises ValueError outside the range."""
    if not lowest <= number <= highest:
        raise ValueError(f"a number from {lowest} to {highest} is expected")
    return number


def whole(lowest: int, highest: int) -> WrittenAs:
    """The annotation of a whole number in a range; `true` is not 1 and 1.0 is not 1."""
    return WrittenAs(int, lambda number: within(number, lowest, highest), Annotated[int, Field(ge=lowest, le=highest)])
