"""The package's tables, as rows of text or as parsed JSON."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

_TABLES = files(__package__) / "tables"


def content(name: str) -> bytes:
    """A table as it is in the package."""
    return (_TABLES / name).read_bytes()


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV table, by column; `.gz` tables are opened as they are."""
    stored = content(name)
    text = gzip.decompress(stored) if name.endswith(".gz") else stored
    yield from csv.DictReader(text.decode("utf-8").splitlines())


def document(name: str) -> Any:
    """A JSON document."""
    return json.loads((_TABLES / name).read_text(encoding="utf-8"))
