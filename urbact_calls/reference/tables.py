"""The package's tables, as rows of text, as records or as parsed JSON."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Collection, Iterator, Mapping
from importlib.resources import files
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from urbact_calls.domain.entries import read_number, read_text

_TABLES = files(__package__) / "tables"


def _whole(typed: str) -> int:
    number = read_number(typed)
    if number is None:
        raise ValueError("a number is missing")
    return int(number)


Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number in a cell, in any notation in which people type it."""


class TableRow(BaseModel):
    """A row of a CSV table: each field is read from the column of its name or alias, and other columns are not read.

    An empty cell says that it is not known: the field has its default then.
    """

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty_cells(cls, row: Mapping[str, str]) -> dict[str, str]:
        return {column: text for column, text in row.items() if text}


AnyRow = TypeVar("AnyRow", bound=TableRow)


def content(name: str) -> bytes:
    """A table as it is in the package."""
    return (_TABLES / name).read_bytes()


def rows(name: str, *, key: str = "", among: Collection[str] = ()) -> Iterator[dict[str, str]]:
    """The rows of a CSV table, by column; `.gz` tables are opened as they are. With `key`, those that have one of some
    values in this column, as it stands in the file: the cells of all others are not read, which is what takes time."""
    stored = content(name)
    text = gzip.decompress(stored) if name.endswith(".gz") else stored
    return rows_in(text.decode("utf-8"), key=key, among=among)


def rows_in(text: str, *, key: str = "", among: Collection[str] = ()) -> Iterator[dict[str, str]]:
    """The rows of a text in CSV. Its cells are read as what people type is; raises UnreadableEntry."""
    for row in csv.DictReader(io.StringIO(text, newline="")):
        if not key or row[key] in among:
            yield {column: read_text(cell) for column, cell in row.items()}


def records(name: str, kind: type[AnyRow]) -> tuple[AnyRow, ...]:
    """The rows of a CSV table as what their class says."""
    return tuple(kind.model_validate(row) for row in rows(name))


def document(name: str) -> Any:
    """A JSON document."""
    return json.loads((_TABLES / name).read_text(encoding="utf-8"))
