"""The promises of the architecture that an import contract cannot express, each as a sentence with its check.

A check reads the source under a root and gives the places that break it, so that a test can also show that it
finds a violation in a copy (`test_violations.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from string import Formatter

from jinja2 import Environment, nodes

from urbact_calls.domain.text import CATALOGUE
from urbact_calls.domain.vocabulary import NetworkType
from urbact_calls.factory import FEATURES

PACKAGE = "urbact_calls"
MOST_LINES_OF_A_FILE = 600
MOST_LINES_OF_A_FUNCTION = 60
LONGEST_LINE_OF_A_TEMPLATE = 160
NETWORK_TYPES = set(NetworkType)
BUCKETS = {"utils", "util", "helpers", "helper", "common", "core", "misc", "shared", "tools", "stuff", "lib"}
# Where time enters: a request, a worker, a command that a person types.
CLOCKS = (
    "urbact_calls/factory.py",
    "urbact_calls/database.py",
    "urbact_calls/cli.py",
    "urbact_calls/demonstration/",
    "urbact_calls/web/arrivals.py",
)


@dataclass(frozen=True, slots=True)
class Promise:
    sentence: str
    check: Callable[[Path], list[str]]


PROMISES: list[Promise] = []


def promise(sentence: str) -> Callable[[Callable[[Path], list[str]]], Callable[[Path], list[str]]]:
    def declare(check: Callable[[Path], list[str]]) -> Callable[[Path], list[str]]:
        PROMISES.append(Promise(sentence, check))
        return check

    return declare


@dataclass(frozen=True, slots=True)
class Module:
    """A source file with its syntax tree; `name` is its path from the root."""

    name: str
    tree: ast.Module
    source: str

    def at(self, node: ast.AST, words: str) -> str:
        return f"{self.name}:{getattr(node, 'lineno', 0)}: {words}"


def dotted(module: Module) -> str:
    """`urbact_calls/calls/reads.py` is `urbact_calls.calls.reads`, a package is named by its folder."""
    return module.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def modules(root: Path, under: str = PACKAGE) -> Iterator[Module]:
    for path in sorted((root / under).rglob("*.py")):
        yield _read(root, path, path.stat().st_mtime_ns)


@cache
def _read(root: Path, path: Path, _changed: int) -> Module:
    source = path.read_text()
    return Module(path.relative_to(root).as_posix(), ast.parse(source), source)


def templates(root: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((root / "templates").rglob("*")):
        if path.suffix in (".html", ".txt"):
            yield path.relative_to(root).as_posix(), path.read_text()


def called(node: ast.AST) -> str:
    """The last word of what is called or named: `a.b.c(...)` gives `c`."""
    if isinstance(node, ast.Call):
        return called(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


@promise("Every endpoint declares @requires or @public")
def undeclared_endpoints(root: Path) -> list[str]:
    found = []
    for module in modules(root):
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.FunctionDef):
                continue
            decorators = [called(decorator) for decorator in node.decorator_list]
            routes = {"route", "get", "post", "put", "patch", "delete"} & set(decorators)
            if routes and not {"requires", "public"} & set(decorators):
                found.append(module.at(node, f"{node.name} is silent"))
            elif routes and decorators[0] in ("requires", "public"):
                found.append(module.at(node, f"{node.name} declares above its route, where nobody asks"))
    return found


@promise("Nobody compares network types outside domain/network_types")
def compared_types(root: Path) -> list[str]:
    def is_a_type(node: ast.AST) -> bool:
        if isinstance(node, ast.Attribute) and called(node.value) == "NetworkType":
            return True
        if isinstance(node, ast.Constant):
            return node.value in NETWORK_TYPES
        return isinstance(node, (ast.Tuple, ast.List, ast.Set)) and any(map(is_a_type, node.elts))

    found = []
    for module in modules(root):
        if module.name.startswith("urbact_calls/domain/network_types/"):
            continue
        for node in ast.walk(module.tree):
            compared = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
            compared += [node.value] if isinstance(node, ast.MatchValue) else []
            if any(map(is_a_type, compared)):
                found.append(module.at(node, "asks which type it is"))
    for name, source in templates(root):
        if re.search(r"[=!]=\s*[\"'](APN|TN|ITN|AN)[\"']", source):
            found.append(f"{name}: asks which type it is")
    return found


ENGINE = "urbact_calls/workflow/"
LIVING = {"Application", "IndividualSheet", "ConsensusSheet", "Network", "ExpertProfile", "ExpertApplication"}
"""The tables of what has a life; a test compares them with the lives that features register."""


@promise("The engine of urbact_calls/workflow alone assigns the state of a life and records its events")
def second_engines(root: Path) -> list[str]:
    found = []
    for module in modules(root):
        # The states of a job and of a file are no lives that people lead.
        if module.name.startswith(ENGINE) or module.name in ("urbact_calls/jobs.py", "urbact_calls/files/commands.py"):
            continue
        for node in ast.walk(module.tree):
            targets = node.targets if isinstance(node, ast.Assign) else []
            flat = [part for target in targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])]
            if any(isinstance(target, ast.Attribute) and target.attr == "state" for target in flat):
                found.append(module.at(node, "assigns a state"))
            if isinstance(node, ast.Call) and _writes_a_state(node):
                found.append(module.at(node, "writes a state"))
            if isinstance(node, ast.Call) and called(node) == "WorkflowEvent":
                found.append(module.at(node, "records an event"))
    return found


def _writes_a_state(call: ast.Call) -> bool:
    if called(call) == "setattr":
        return ast.unparse(call.args[1]) == "'state'"
    # A life begins in the first state of its machine: that is no step.
    states = [ast.unparse(keyword.value) for keyword in call.keywords if keyword.arg == "state"]
    begins = all(re.fullmatch(r"[A-Z_]+\.start(\.value)?", state) for state in states)
    updates = called(call) == "values" and any(f"update({name})" in ast.unparse(call.func) for name in LIVING)
    return bool(states) and not begins and (called(call) in LIVING or updates)


TABLES_OF_LIVES = "urbact_calls/domain/workflow/"
NO_TRANSITIONS = {
    ("templates/macros/forms.html", "submit"): "the type of a button in HTML",
}


@promise("A transition is named in its table and nowhere else")
def named_transitions(root: Path) -> list[str]:
    names = set(_names_of_transitions(root))
    found = [
        module.at(node, f"names the transition {node.value}")
        for module in modules(root)
        if not module.name.startswith(TABLES_OF_LIVES)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and node.value in names
    ]
    for file, source in templates(root):
        for expression in re.findall(r"\{[{%](.*?)[%}]\}", source, re.DOTALL):
            named = {word for _, word in re.findall(r"""(["'])(\w+)\1""", expression)} & names
            found += [f"{file}: names the transition {name}" for name in named if (file, name) not in NO_TRANSITIONS]
    return found


def _names_of_transitions(root: Path) -> Iterator[str]:
    for module in modules(root, TABLES_OF_LIVES):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and called(node) in ("Transition", "Act"):
                given = [keyword.value for keyword in node.keywords if keyword.arg == "name"]
                yield from (value.value for value in given if isinstance(value, ast.Constant))
            elif isinstance(node, ast.Call) and called(node) == "_decided" and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)


@promise("A command does not call a command inside its transaction")
def nested_commands(root: Path) -> list[str]:
    every = list(modules(root))
    commands = {
        dotted(module): {
            node.name
            for node in module.tree.body
            if isinstance(node, ast.FunctionDef) and any(map(_opens_transaction, ast.walk(node)))
        }
        for module in every
        if {"commands", "jobs"} & set(Path(module.name).with_suffix("").parts)
    }
    found = []
    for module in every:
        by_name = set(commands.get(dotted(module), ()))
        through: dict[str, set[str]] = {}
        for node in ast.walk(module.tree):
            for alias in node.names if isinstance(node, ast.ImportFrom) else ():
                if alias.name in commands.get(node.module or "", ()):
                    by_name.add(alias.asname or alias.name)
                elif f"{node.module}.{alias.name}" in commands:
                    through[alias.asname or alias.name] = commands[f"{node.module}.{alias.name}"]
        for node in ast.walk(module.tree):
            if not _opens_transaction(node):
                continue
            for inner in [call for line in node.body for call in ast.walk(line) if isinstance(call, ast.Call)]:
                of = (
                    through.get(ast.unparse(inner.func.value), ()) if isinstance(inner.func, ast.Attribute) else by_name
                )
                if called(inner) in of:
                    found.append(module.at(inner, f"calls the command {called(inner)}"))
                if called(inner) == "transaction":
                    found.append(module.at(inner, "opens a transaction inside another"))
    return found


def _opens_transaction(node: ast.AST) -> bool:
    return isinstance(node, ast.With) and any(called(item.context_expr) == "transaction" for item in node.items)


@promise("Tables and reads do not call commands")
def commands_from_below(root: Path) -> list[str]:
    return [
        module.at(node, "imports commands")
        for module in modules(root)
        if {"models", "reads"} & set(Path(module.name).with_suffix("").parts)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        and ("commands" in (node.module or "").split(".") or any(alias.name == "commands" for alias in node.names))
    ]


@promise("No module is a bucket")
def buckets(root: Path) -> list[str]:
    places = [path for under in (PACKAGE, "workers", "tests", "scripts") for path in (root / under).rglob("*")]
    return [
        path.relative_to(root).as_posix()
        for path in sorted(places)
        if path.stem in BUCKETS and (path.suffix == ".py" or path.is_dir())
    ]


@promise("Time enters with a request, a worker or a command, and travels as an argument")
def hidden_clocks(root: Path) -> list[str]:
    clocks = {"now", "utcnow", "today"}
    return [
        module.at(node, f"reads the clock: {ast.unparse(node)}")
        for module in modules(root)
        if not module.name.startswith(CLOCKS) and not module.name.endswith("/cli.py")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (
            (node.func.attr in clocks and called(node.func.value) in ("datetime", "date", "dt"))
            or (node.func.attr == "time" and ast.unparse(node.func.value) == "time")
            or (node.func.attr in ("now", "current_timestamp") and ast.unparse(node.func.value) == "func")
        )
    ]


@promise("The package does not read the environment")
def read_environments(root: Path) -> list[str]:
    """The type of the settings may be named where only the type checker reads it."""
    return [
        module.at(node, "imports config, or reads os.environ")
        for module in modules(root)
        for part in module.tree.body
        if not (isinstance(part, ast.If) and ast.unparse(part.test) == "TYPE_CHECKING")
        for node in ast.walk(part)
        if (isinstance(node, ast.ImportFrom) and node.module == "config")
        or (isinstance(node, ast.Import) and any(alias.name == "config" for alias in node.names))
        or (isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv"))
    ]


@promise("Pages load nothing from other hosts")
def foreign_hosts(root: Path) -> list[str]:
    loads = re.compile(
        r"""(?:src|srcset|action|poster)\s*=\s*["'](?:https?:)?//|<link[^>]+href\s*=\s*["'](?:https?:)?//"""
    )
    found = [name for name, source in templates(root) if loads.search(source)]
    for path in sorted([*(root / "static" / "css").glob("*.css"), *(root / "static" / "js").glob("*.js")]):
        source = path.read_text()
        if re.search(r"url\(\s*[\"']?(?:https?:)?//|@import\s+[\"'](?:https?:)?//|fetch\(\s*[\"'`]https?://", source):
            found.append(path.relative_to(root).as_posix())
    return found


@promise("Pages have no inline style and no inline script")
def inline_code(root: Path) -> list[str]:
    inline = re.compile(r"""\sstyle\s*=\s*["'{]|<style|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*["']""", re.IGNORECASE)
    return [
        f"{name}: {match.group().strip()}"
        for name, source in templates(root)
        if not name.startswith(("templates/emails/", "templates/print/")) and (match := inline.search(source))
    ]


WORDS_OF_COLUMNS = {
    "ApplicationState",
    "ReportKind",
    "FindingOutcome",
    "DecisionOutcome",
    "IndividualSheetState",
    "ConsensusSheetState",
    "ExpertProfileState",
    "ExpertApplicationState",
    "NetworkState",
    "PlanKind",
    "JobState",
}
RECORDS = {"CallTerms", "Dossier"}


@promise("Terms and dossiers come out of their columns as what they are")
def read_by_hand(root: Path) -> list[str]:
    return [
        module.at(node, f"reads {ast.unparse(node.func)} beside the column type")
        for module in modules(root)
        if not module.name.startswith("urbact_calls/domain/")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and called(node) == "from_json"
        and any(called(given) in RECORDS for given in node.args[:1])
    ]


@promise("Nobody makes a state out of one that comes from a column")
def converted_states(root: Path) -> list[str]:
    return [
        module.at(node, f"{ast.unparse(node)} is one already")
        for module in modules(root)
        for node in ast.walk(module.tree)
        # What comes from a form or from the address is text: it stands in `.data`, or in a name.
        if isinstance(node, ast.Call)
        and called(node.func) in WORDS_OF_COLUMNS
        and any(isinstance(given, ast.Attribute) and given.attr != "data" for given in node.args)
    ]


@promise("No row is read by position")
def rows_by_position(root: Path) -> list[str]:
    return [
        module.at(node, f"{ast.unparse(node)} counts columns")
        for module in modules(root)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("row", "line", "found_row")
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, int)
    ]


@promise("Templates do no arithmetic")
def reckoning_templates(root: Path) -> list[str]:
    reckons = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)
    return [
        f"{name}:{node.lineno}: reckons"
        for name, source in templates(root)
        for node in _SYNTAX.parse(source).find_all(reckons)
        if not (isinstance(node, nodes.Add) and any(map(_is_a_list, node.iter_child_nodes())))
    ]


@promise("A sentence of a template is one text, not fragments put together")
def pieced_sentences(root: Path) -> list[str]:
    """Words that are joined by `~`, and nouns with a hand-made plural; `text` and `counted` say the whole."""
    found = []
    for name, source in templates(root):
        tree = _SYNTAX.parse(source)
        found += [
            f"{name}:{node.lineno}: joins “{words}”; declare the sentence in web/page_texts.py"
            for node in tree.find_all(nodes.Concat)
            for words in _constants(node)
            if _FRAGMENT.search(words) and not _CLASS_NAMES.fullmatch(words)
        ]
        found += [
            f"{name}:{node.lineno}: makes a plural; use the filter counted, or text with one="
            for node in tree.find_all((nodes.Filter, nodes.CondExpr))
            if _makes_a_plural(node)
        ]
    return found


# A word with a blank on either side. Class names are joined too, and hold a hyphen.
_FRAGMENT = re.compile(r"[^\W\d_] | [^\W\d_]")
_CLASS_NAMES = re.compile(r"[a-z- ]*-[a-z- ]*")


def _constants(node: nodes.Node) -> Iterator[str]:
    """The words that a `~` joins, also those in the branches of a condition."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Const) and isinstance(child.value, str):
            yield child.value
        elif isinstance(child, nodes.CondExpr):
            yield from _constants(child)


def _makes_a_plural(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Filter):
        return node.name == "plural" and any(isinstance(word, nodes.Const) for word in node.args)
    assert isinstance(node, nodes.CondExpr)
    branches = (node.expr1, node.expr2)
    return any(isinstance(each, nodes.Const) and each.value in ("s", "es", "ies") for each in branches)


@promise("A template names sentences that are declared, with their parameters")
def undeclared_sentences(root: Path) -> list[str]:
    """Compares what templates give to `text` and `counted` with the catalogue of the program that runs."""
    for feature in FEATURES:
        # As when the site starts: whatever declares sentences is imported.
        for module in walk_packages(import_module(f"urbact_calls.{feature}").__path__, f"urbact_calls.{feature}."):
            import_module(module.name)
    found = []
    for name, source in templates(root):
        for node in _SYNTAX.parse(source).find_all(nodes.Filter):
            for code in _codes(node):
                given = {"count"} if node.name == "counted" else {each.key for each in node.kwargs}
                if code not in CATALOGUE:
                    found.append(f"{name}:{node.lineno}: nobody declares “{code}”")
                elif given != CATALOGUE[code].names:
                    found.append(f"{name}:{node.lineno}: “{code}” is said with {sorted(CATALOGUE[code].names)}")
    return found


def _codes(node: nodes.Filter) -> list[str]:
    """The codes that a `text` or `counted` may say; none when they come from elsewhere."""
    if node.name == "text" and node.node is not None:
        return _chosen(node.node)
    return [f"count.{noun}" for noun in _chosen(node.args[0])] if node.name == "counted" else []


def _chosen(node: nodes.Node) -> list[str]:
    if isinstance(node, nodes.CondExpr):
        return [code for branch in (node.expr1, node.expr2) if branch is not None for code in _chosen(branch)]
    return [node.value] if isinstance(node, nodes.Const) else []


_SYNTAX = Environment()  # noqa: S701 -- parses and renders nothing


def _is_a_list(node: nodes.Node) -> bool:
    """Whether it is a list, so that `+` puts another behind it."""
    if isinstance(node, nodes.CondExpr):
        return _is_a_list(node.expr1)
    if isinstance(node, nodes.Add):
        return any(map(_is_a_list, node.iter_child_nodes()))
    return isinstance(node, nodes.List) or (isinstance(node, nodes.Filter) and node.name == "list")


SAYING = {"Refusal", "Stale", "met", "not_met", "to_be_checked", "not_enforced"}


@promise("What the program says is a declared message")
def bare_words(root: Path) -> list[str]:
    """Words that are no `Text` where something is refused or found, and messages that are declared while it runs."""

    def is_bare(node: ast.AST) -> bool:
        words = isinstance(node, ast.Constant) and isinstance(node.value, str)
        return words or isinstance(node, (ast.JoinedStr, ast.BinOp)) or called(node) in ("str", "say", "join", "format")

    found = []
    for module in modules(root):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and called(node) in SAYING:
                said = [*node.args[:1], *(each.value for each in node.keywords if each.arg in ("message", "fix"))]
                found += [module.at(node, f"{called(node)} with bare words") for each in said if is_bare(each)]
            if isinstance(node, ast.FunctionDef):
                calls = [each for each in ast.walk(node) if isinstance(each, ast.Call) and called(each) == "message"]
                found += [
                    module.at(each, "declares a message while the program runs")
                    for each in calls
                    if each.args and isinstance(each.args[0], ast.Constant)
                ]
    return found


@promise("A message is said with the parameters that its English names")
def missaid(root: Path) -> list[str]:
    declared: dict[tuple[str, str], set[str]] = {}
    for module in modules(root):
        for node in module.tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and called(node.value) == "message":
                forms = [*node.value.args[1:], *(k.value for k in node.value.keywords)]
                names = {name for form in forms for _, name, _, _ in Formatter().parse(ast.literal_eval(form)) if name}
                declared[module.name, called(node.targets[0])] = names | {"count" for _ in node.value.keywords}

    found = []
    for module in modules(root):
        known = {name: names for (place, name), names in declared.items() if place == module.name}
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                place = f"{node.module.replace('.', '/')}.py"
                known |= {
                    each.name: declared[place, each.name] for each in node.names if (place, each.name) in declared
                }
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
                given = {each.arg for each in node.keywords}
                if node.args or given != known[node.func.id]:
                    found.append(module.at(node, f"{node.func.id} is said with {sorted(map(str, given))}"))
    return found


@promise("A line of a template can be read without scrolling")
def long_lines_of_templates(root: Path) -> list[str]:
    return [
        f"{name}:{number}: {len(line)} characters; break it inside a tag, where the page does not change"
        for name, source in templates(root)
        for number, line in enumerate(source.splitlines(), start=1)
        if len(line) > LONGEST_LINE_OF_A_TEMPLATE
    ]


@promise("No test switches off the check of forged requests")
def tests_without_tokens(root: Path) -> list[str]:
    """The name of the setting, and forms made without a token; what says so here is left out."""
    switch = re.compile(r"WTF_CSRF_ENABLED|WTF_CSRF_CHECK_DEFAULT|[\"']csrf[\"']\s*:\s*False|\bcsrf\s*=\s*False")
    own = ("tests/architecture/promises.py", "tests/architecture/test_violations.py")
    return [
        f"{module.name}: {found.group()}"
        for under in ("tests", "scripts")
        for module in modules(root, under)
        if module.name not in own and (found := switch.search(module.source))
    ]


@promise("A file fits in a sitting, a function in a glance")
def long_ones(root: Path) -> list[str]:
    found = []
    for under in (PACKAGE, "workers", "scripts"):
        for module in modules(root, under):
            length = module.source.count("\n")
            if length > MOST_LINES_OF_A_FILE:
                found.append(f"{module.name}: {length} lines; a module of up to {MOST_LINES_OF_A_FILE} may be one idea")
            for node in ast.walk(module.tree):
                if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                    text = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
                    begins = node.body[min(1, len(node.body) - 1)] if text else node.body[0]
                    lines = node.end_lineno - begins.lineno + 1
                    if lines > MOST_LINES_OF_A_FUNCTION:
                        found.append(module.at(node, f"{node.name} has {lines} lines"))
    return found
