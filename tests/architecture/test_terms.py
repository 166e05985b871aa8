"""No term without effect: each term of a call is read by what judges, counts or decides, not by its form alone.

Whoever types a term, words it, stores it or prints it for the public does nothing with it. So the files that do only
that do not count; nor does a method of `CallTerms`, unless something that counts asks it.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.promises import PACKAGE, modules
from urbact_calls.domain.terms import TERM_NAMES

ROOT = Path(__file__).resolve().parents[2]
TERMS = f"{PACKAGE}/domain/terms.py"
# Forms of terms, their words, where they come from, and the public pages and the interface that repeat them.
WITHOUT_EFFECT = (
    TERMS,
    f"{PACKAGE}/domain/term_words.py",
    f"{PACKAGE}/reference/known_calls.py",
    f"{PACKAGE}/calls/definition/forms.py",
    f"{PACKAGE}/calls/definition/views.py",
    f"{PACKAGE}/calls/publication/",
    f"{PACKAGE}/catalogue/",
    f"{PACKAGE}/api/",
)


def read_in(tree: ast.AST, owner: str = "terms") -> set[str]:
    """The names that are read of what is called `terms`: `terms.partners_max`, `call.terms["partners_max"]`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and _is_called(node.value, owner):
            found.add(node.attr)
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and _is_called(node.value, owner):
            found.add(str(node.slice.value))
    return found


def _is_called(node: ast.AST, name: str) -> bool:
    return ast.unparse(node).rpartition(".")[2] == name


def compared_in(tree: ast.Module) -> set[str]:
    """The terms of `_IN_ORDER`: what a call is not published against."""
    tables = (
        node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_IN_ORDER"
    )
    return {each.value for table in tables for each in ast.walk(table) if isinstance(each, ast.Constant)}


@cache
def read_with_effect() -> frozenset[str]:
    found: set[str] = set()
    methods: dict[str, set[str]] = {}
    for module in modules(ROOT):
        if module.name == TERMS:
            terms = next(n for n in module.tree.body if isinstance(n, ast.ClassDef) and n.name == "CallTerms")
            methods = {n.name: read_in(n, "self") for n in terms.body if isinstance(n, ast.FunctionDef)}
        elif not module.name.startswith(WITHOUT_EFFECT):
            found |= read_in(module.tree) | compared_in(module.tree)
    # A method that is asked may ask another one.
    for _ in methods:
        for name in found & methods.keys():
            found = found | methods[name]
    return frozenset(found)


@pytest.mark.parametrize("name", TERM_NAMES)
def test_every_term_of_a_call_has_an_effect(name: str):
    assert name in read_with_effect(), f"nothing but forms and pages reads the term {name}: wire it or take it away"


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("terms.scale_max", {"scale_max"}),
        ("application.call.terms.scale_max", {"scale_max"}),
        ('Call.terms["scale_max"].as_integer()', {"scale_max"}),
        ("grid.scale_max", set()),
        ("terms.scale_max = 5", set()),
    ],
)
def test_a_field_of_the_same_name_elsewhere_is_no_reading_of_the_term(source: str, read: set[str]):
    assert read_in(ast.parse(source)) == read


def test_every_file_that_does_not_count_is_there():
    names = [module.name for module in modules(ROOT)]

    missing = [each for each in WITHOUT_EFFECT if not any(re.match(re.escape(each), name) for name in names)]
    assert missing == []
