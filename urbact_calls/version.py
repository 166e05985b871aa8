"""Which version of the program this is, for those who operate it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

_PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


@cache
def version() -> str:
    """The version, as `pyproject.toml` has it: the program runs from its folder and is not installed as a package."""
    number: str = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"]
    return number
