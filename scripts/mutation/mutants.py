"""The mutants of a module: one operator, number, state, member of a list or statement changed, and never a wording."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, singledispatch
from pathlib import Path
from typing import Any

from config import ROOT

VOCABULARY = "urbact_calls.domain.vocabulary"
# A name that a program reads, and no word of a sentence: "eligibility.round_used", "submitted_at", "mail:sheet.due".
CODE = re.compile(r"[a-z0-9]+(?:[_.:][a-z0-9_]+)+")
PAIRS: tuple[tuple[type[ast.AST], type[ast.AST]], ...] = (
    (ast.Lt, ast.LtE),
    (ast.Gt, ast.GtE),
    (ast.Eq, ast.NotEq),
    (ast.Is, ast.IsNot),
    (ast.In, ast.NotIn),
    (ast.And, ast.Or),
    (ast.Add, ast.Sub),
    (ast.Mult, ast.FloorDiv),
    (ast.BitOr, ast.BitAnd),
)
SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    **dict(PAIRS),
    **{other: one for one, other in PAIRS},
}
# What people read: the reasons of an answer, and the labels of a step or a rule.
ANSWERS = frozenset({"met", "not_met", "to_be_checked", "not_enforced"})
WORDING_KEYWORDS = frozenset({"label", "title", "source", "fix", "message", "note", "words", "figure"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module: which node in the order of the walk is replaced by which of its changes."""

    path: str
    line: int
    place: int
    change: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before}  ->  {self.after}"


def mutants(path: Path) -> list[Mutant]:
    """All mutants of a module, in the order of its lines."""
    tree = ast.parse(path.read_text())
    name, states = path.relative_to(ROOT).as_posix(), _states_in(tree)
    return [
        Mutant(name, node.lineno, place, number, _short(node), _short(after))
        for place, node in enumerate(_places(tree))
        for number, after in enumerate(_changes(node, states))
    ]


def mutated(mutant: Mutant) -> ast.Module:
    """The syntax tree of the module with the change in it."""
    tree = ast.parse((ROOT / mutant.path).read_text())
    states = _states_in(tree)
    node = [*_places(tree)][mutant.place]
    after = [*_changes(node, states)][mutant.change]
    _Replaced(node, after).visit(tree)
    return ast.fix_missing_locations(tree)


class _Replaced(ast.NodeTransformer):
    def __init__(self, node: ast.AST, after: ast.AST) -> None:
        self.node, self.after = node, after

    def visit(self, node: ast.AST) -> ast.AST:
        return ast.copy_location(self.after, node) if node is self.node else self.generic_visit(node)


Place = ast.expr | ast.stmt


def _places(node: ast.AST) -> Iterator[Place]:
    """Every expression and statement below a node that may be changed: no annotation, decorator, docstring, wording."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params", "bases"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or _is_wording(child, node):
                continue
            if isinstance(child, (ast.expr, ast.stmt)):
                yield child
            yield from _places(child)


def _is_wording(node: ast.AST, parent: ast.AST) -> bool:
    if isinstance(node, ast.keyword):
        return node.arg in WORDING_KEYWORDS
    if isinstance(node, ast.FunctionDef):
        return _makes_sentences(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return CODE.fullmatch(node.value) is None
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and node is not parent.func:
        return parent.func.id in ANSWERS or (parent.func.id == "Refusal" and node is not parent.args[0])
    return isinstance(node, ast.JoinedStr)


def _makes_sentences(function: ast.FunctionDef) -> bool:
    """Whether a function gives text with blanks in it."""
    gives_text = isinstance(function.returns, ast.Name) and function.returns.id == "str"
    inside = (each for line in function.body[1:] or function.body for each in ast.walk(line))
    words = (each.value for each in inside if isinstance(each, ast.Constant))
    return gives_text and any(isinstance(word, str) and " " in word for word in words)


def _changes(node: Place, states: dict[str, list[str]]) -> Iterator[Place]:
    yield from _own_changes(node)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        members = states.get(node.value.id, [])
        if node.attr in members and len(members) > 1:
            other = members[(members.index(node.attr) + 1) % len(members)]
            yield ast.Attribute(node.value, other, node.ctx)


@singledispatch
def _own_changes(_node: ast.AST) -> Iterator[Place]:
    """The changes of a node of this kind; nothing of any other kind is changed."""
    yield from ()


def _with(node: Any, **parts: Any) -> Any:
    """The same node with other parts."""
    after = copy.copy(node)
    for name, part in parts.items():
        setattr(after, name, part)
    return after


@_own_changes.register
def _of_comparison(node: ast.Compare) -> Iterator[Place]:
    for at, operator in enumerate(node.ops):
        yield _with(node, ops=[*node.ops[:at], SWAPPED[type(operator)](), *node.ops[at + 1 :]])


@_own_changes.register
def _of_operation(node: ast.BinOp | ast.BoolOp) -> Iterator[Place]:
    if type(node.op) in SWAPPED:
        yield _with(node, op=SWAPPED[type(node.op)]())


@_own_changes.register
def _of_sign(node: ast.UnaryOp) -> Iterator[Place]:
    if isinstance(node.op, (ast.Not, ast.USub)):
        yield node.operand


@_own_changes.register
def _of_constant(node: ast.Constant) -> Iterator[Place]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
    elif isinstance(node.value, str):
        yield ast.Constant(f"{node.value}_mutated")


@_own_changes.register
def _of_members(node: ast.Tuple | ast.List | ast.Set) -> Iterator[Place]:
    """Without one of its members, unless that is a wording."""
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return
    for at, member in enumerate(node.elts):
        if not _is_wording(member, node):
            after = _with(node, elts=[*node.elts[:at], *node.elts[at + 1 :]])
            # An empty pair of braces would be a dictionary.
            yield after if after.elts or not isinstance(node, ast.Set) else ast.Call(ast.Name("set"), [], [])


@_own_changes.register
def _of_condition(node: ast.If | ast.IfExp) -> Iterator[Place]:
    # A comparison is turned around by its own change.
    if not isinstance(node.test, (ast.Compare, ast.UnaryOp)):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))


@_own_changes.register
def _of_comprehension(node: ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp) -> Iterator[Place]:
    """Without one of its conditions."""
    for at, part in enumerate(node.generators):
        if part.ifs:
            yield _with(node, generators=[*node.generators[:at], _with(part, ifs=[]), *node.generators[at + 1 :]])


@_own_changes.register
def _of_return(node: ast.Return) -> Iterator[Place]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield ast.Return(ast.Constant(None))


@_own_changes.register
def _of_statement(node: ast.Raise | ast.Continue | ast.AugAssign | ast.Expr) -> Iterator[Place]:
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        yield ast.Pass()


def _states_in(tree: ast.Module) -> dict[str, list[str]]:
    """The members of each enumeration of the vocabulary, by the name that a module gives it."""
    return {
        alias.asname or alias.name: _members()[alias.name]
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == VOCABULARY
        for alias in node.names
        if alias.name in _members()
    }


@cache
def _members() -> dict[str, list[str]]:
    tree = ast.parse((ROOT / f"{VOCABULARY.replace('.', '/')}.py").read_text())
    return {
        kind.name: [
            name
            for line in kind.body
            if isinstance(line, ast.Assign)
            for name in map(ast.unparse, line.targets)
            if name.isupper()
        ]
        for kind in tree.body
        if isinstance(kind, ast.ClassDef)
    }


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(ast.fix_missing_locations(ast.copy_location(copy.deepcopy(node), node))).split())
    return text if len(text) <= 160 else f"{text[:157]}..."
