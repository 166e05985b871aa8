"""The floor plan of the package: where a module may stand and what it may be called, as data, and the checks of it.

What a feature is made of follows from the file names: `docs/developers.md` says what each role holds.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.promises import PACKAGE, Module, Promise, modules

# A file in a feature or a noun, or a folder of files with that name.
ROLE_NAMES = ("views", "forms", "commands", "reads", "models", "emails", "jobs", "cli")

# Features, top to bottom, each with the nouns that have a folder of their own in it.
FEATURES: dict[str, tuple[str, ...]] = {
    "api": (),
    "worklists": (),
    "catalogue": (),
    "networks": ("members", "expertise", "public_texts"),
    "decisions": ("outcome_letters", "announcements", "outcomes", "meetings"),
    "assessment": ("ranking", "consensus", "allocation", "panel", "sheets"),
    "eligibility": ("clarifications", "regions", "findings", "reports", "closing_lists"),
    "applications": (
        "documents",
        "submission",
        "dossiers",
        "officers",
        "partners",
        "letters",
        "budget",
        "invitations",
        "drafts",
    ),
    "calls": ("definition", "subscriptions", "publication"),
    "experts": (),
    "organisations": (),
    "places": (),
    "accounts": (),
    "files": (),
    "messages": (),
    "record": (),
}
# Instead of forms the interface for programs has classes of requests and answers; and it describes itself.
INSTEAD_OF_FORMS = {"api": ("requests", "answers", "openapi")}
# Floors that are no features: what is inside them is named after what it holds.
FLOORS = ("demonstration", "workflow", "web", "exchange", "reference", "domain")
# Floors of one module.
SINGLE_MODULES = (
    "factory",
    "cli",
    "health",
    "version",
    "subjects",
    "jobs",
    "job_sets",
    "job_turns",
    "job_counts",
    "storage",
    "mailer",
    "scanner",
    "pdfs",
    "typesetting",
    "paging",
    "statements",
    "confined",
    "schema",
    "database",
)

WEB_TOOLKIT = ("flask", "flask_login", "flask_wtf", "flask_limiter", "wtforms", f"{PACKAGE}.web")
# A message and a job run inside the program and may ask it for its settings, but build no page and read no form.
BELOW_THE_WEB = {
    "commands": WEB_TOOLKIT,
    "reads": WEB_TOOLKIT,
    "models": WEB_TOOLKIT,
    "emails": WEB_TOOLKIT[1:],
    "jobs": WEB_TOOLKIT[1:],
}


def _parts(module: Module) -> tuple[str, ...]:
    """Where a module stands in the package: `urbact_calls/calls/views/terms.py` gives calls, views, terms."""
    parts = Path(module.name).relative_to(PACKAGE).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def _inside_feature(parts: tuple[str, ...]) -> tuple[str, ...]:
    """What follows the feature and its noun: the role, and the file in a folder of that role."""
    has_noun = len(parts) > 1 and parts[1] in FEATURES[parts[0]]
    return parts[2:] if has_noun else parts[1:]


def _role(parts: tuple[str, ...]) -> str | None:
    inside = _inside_feature(parts) if parts and parts[0] in FEATURES else ()
    return inside[0] if inside and inside[0] in ROLE_NAMES else None


def outside_the_plan(root: Path) -> list[str]:
    return [f"{module.name}: {why}" for module in modules(root) if (why := _misplaced(_parts(module)))]


def _misplaced(parts: tuple[str, ...]) -> str | None:
    if not parts or parts[0] in FLOORS or (len(parts) == 1 and parts[0] in SINGLE_MODULES):
        return None
    if parts[0] not in FEATURES:
        return f"“{parts[0]}” is no floor of tests/architecture/floor_plan.py"
    inside = _inside_feature(parts)
    if not inside or (inside[0] in ROLE_NAMES and len(inside) <= 2) or inside in _instead(parts[0]):
        return None
    if inside[0] in ROLE_NAMES:
        return f"a folder of {inside[0]} has no folders of its own"
    nouns = ", ".join(FEATURES[parts[0]]) or "no nouns"
    return f"“{inside[0]}” is no role ({', '.join(ROLE_NAMES)}) and no noun of {parts[0]} ({nouns})"


def _instead(feature: str) -> list[tuple[str, ...]]:
    return [(name,) for name in INSTEAD_OF_FORMS.get(feature, ())]


def web_below_commands(root: Path) -> list[str]:
    return [
        module.at(node, f"{role} import {name}")
        for module in modules(root)
        if (role := _role(_parts(module))) in BELOW_THE_WEB
        for node, name in _imports(module)
        if any(name == barred or name.startswith(f"{barred}.") for barred in BELOW_THE_WEB[role])
    ]


def _imports(module: Module) -> Iterator[tuple[ast.AST, str]]:
    """Every imported module; for `from a import b` also `a.b`, which may be one."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # The module itself if nothing that is taken from it is barred by its own name.
            yield node, node.module
            if node.module == PACKAGE:
                yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def classes_named_twice(root: Path) -> list[str]:
    places = defaultdict(list)
    for module in modules(root):
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append((module, node))
    return [
        module.at(node, f"{name} is also the name of a class in {_others(module.name, [m.name for m, _ in found])}")
        for name, found in sorted(places.items())
        if len(found) > 1
        for module, node in found
    ]


def _others(own: str, names: list[str]) -> str:
    return ", ".join(name for name in names if name != own) or "the same module"


def modules_that_only_re_export(root: Path) -> list[str]:
    return [f"{module.name}: imports names and defines nothing" for module in modules(root) if _only_re_exports(module)]


def _only_re_exports(module: Module) -> bool:
    body = [node for node in module.tree.body if not _says_nothing(node)]
    if not body or not all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in body):
        return False
    if not module.name.endswith("/__init__.py"):
        return True
    # A package that imports its own modules brings them in, so that their pages and jobs are registered.
    package = module.name.removesuffix("/__init__.py").replace("/", ".")
    return not any(isinstance(node, ast.ImportFrom) and node.module == package for node in body)


def _says_nothing(node: ast.stmt) -> bool:
    """Docstrings, `__all__` and `from __future__`."""
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        return True
    if isinstance(node, ast.Assign):
        return any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def names_with_two_meanings(root: Path) -> list[str]:
    """A noun may stand in `domain` and in the one feature that stores it; a file in a folder of a role may be named
    after any noun, feature or module of `domain` that it is about. Every other name stands once."""
    owners: dict[str, set[str]] = defaultdict(set)
    about: list[tuple[str, str]] = []
    for name, parts in sorted({place for module in modules(root) for place in _names(_parts(module))}):
        if name in ROLE_NAMES:
            continue
        where = "/".join(parts)
        if _role(parts):
            about.append((name, where))
        else:
            owners[name].add("domain" if parts[0] == "domain" else where)
    nouns = {noun for nouns in FEATURES.values() for noun in nouns} | set(FEATURES)
    for name, where in about:
        if name not in nouns and "domain" not in owners[name]:
            owners[name].add(where)
    return [f"{name}: {', '.join(sorted(places))}" for name, places in sorted(owners.items()) if _has_two(places)]


def _names(parts: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each name on the way to a module, with its own place."""
    for depth, name in enumerate(parts, start=1):
        yield name, parts[:depth]


def _has_two(places: set[str]) -> bool:
    outside = places - {"domain"}
    if len(outside) != 1:
        return len(outside) > 1
    [place] = outside
    # The engine is to the tables of `domain/workflow` what a feature is to a noun.
    is_noun = place == "workflow" or (place.partition("/")[0] in FEATURES and _role(tuple(place.split("/"))) is None)
    return "domain" in places and not is_noun


def parts_that_are_not_there(root: Path) -> list[str]:
    """Floors, features and nouns of the plan that the tree does not have: the plan says what is, not what may come."""
    named = [*FEATURES, *FLOORS, *(f"{feature}/{noun}" for feature, nouns in FEATURES.items() for noun in nouns)]
    missing = [name for name in named if not (root / PACKAGE / name).is_dir()]
    return missing + [name for name in SINGLE_MODULES if not (root / PACKAGE / f"{name}.py").exists()]


OF_THE_PLAN = (
    Promise("Every module stands where the floor plan has a place for it", outside_the_plan),
    Promise("Nothing below pages and forms imports the web toolkit", web_below_commands),
    Promise("No class name stands twice", classes_named_twice),
    Promise("No module only re-exports", modules_that_only_re_export),
    Promise("A module name that is no role name means one thing", names_with_two_meanings),
    Promise("The floor plan names nothing that is not there", parts_that_are_not_there),
)
