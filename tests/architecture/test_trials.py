"""Each long trial is a command of `scripts`, has its short form among the tests and its figures in the guide."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from config import ROOT

# `scripts.serve` is the program itself.
TRIALS = sorted(path.parent.name for path in (ROOT / "scripts").glob("*/__main__.py") if path.parent.name != "serve")
COMMAND = {"bench": "./bench.sh"}


def command(trial: str) -> str:
    return COMMAND.get(trial, f"python -m scripts.{trial}")


@cache
def used_by_tests() -> set[str]:
    """The packages of `scripts` that a test imports or starts."""
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = node.module if isinstance(node, ast.ImportFrom) else None
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                name = node.value
            found |= {match[1] for match in [re.fullmatch(r"scripts\.(\w+)[\w.]*", name or "")] if match}
    return found


@pytest.mark.parametrize("trial", TRIALS)
def test_a_trial_has_its_short_form_among_the_tests(trial: str):
    assert trial in used_by_tests(), f"no test runs scripts.{trial}"


@pytest.mark.parametrize("trial", TRIALS)
@pytest.mark.parametrize("guide", ["proofs.md", "developers.md"])
def test_a_trial_stands_in_the_guides(trial: str, guide: str):
    assert command(trial) in (ROOT / "docs" / guide).read_text(), f"{command(trial)} is not in docs/{guide}"
