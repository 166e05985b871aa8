"""Numbers of rows in addresses: in a path, or as the row after which a list goes on."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.routing import IntegerConverter

LARGEST = 2**31 - 1


class RowNumber(IntegerConverter):
    """`<int:...>` of a path: a number that a row can have; no page is there for a larger one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max": LARGEST, **options})


def number_of(text: str) -> int | None:
    """The number of a row that a text says, None for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(LARGEST)) else None


def after_of_request() -> int | None:
    """The number of the row after which a list goes on: the `after` of this request, None for what is none."""
    return number_of(request.args.get("after", "")) or None
