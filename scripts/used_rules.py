"""Leaves out of a style sheet what no page can use: rules for classes that no template, script or module names.

`python -m scripts.used_rules FILE` rewrites a file; `scripts/vendor.sh` calls it after the build of govuk-frontend.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import tinycss2

ROOT = Path(__file__).resolve().parent.parent
NAMED_IN = ("templates/**/*.html", "static/js/*.js", "urbact_calls/**/*.py")
LIBRARY = "govuk-"
LIBRARY_SCRIPT = "static/vendor/govuk-frontend/govuk-frontend.min.js"

_WORD = re.compile(r"[A-Za-z][\w-]*")
_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_IMPORTED = re.compile(r'import \{([^}]*)\} from "[^"]*govuk-frontend')
_END = re.compile(r"(?:--|__)[\w-]+$")
_BEHIND_A_VARIABLE = re.compile(r"\}\}((?:--|__)[\w-]+)")
_NOT = re.compile(r":not\([^()]*\)")


class Words:
    """The words in which a class may stand; one that ends with a hyphen has its end from a variable.

    `ends` are those that stand behind a variable: `govuk-{{ family }}__item`.
    """

    def __init__(self, words: Iterable[str], ends: Iterable[str] = ()) -> None:
        self._words = frozenset(words)
        self._ends = tuple(ends)
        # What all classes of the library begin with says nothing.
        self._beginnings = tuple(word for word in self._words if word.endswith(("-", "__")) and word != LIBRARY)

    def __contains__(self, name: str) -> bool:
        if name in self._words or name.startswith(self._beginnings):
            return True
        middle = _END.sub("", name).removeprefix(LIBRARY)
        return name.endswith(self._ends) and middle in self._words


def words_of(root: Path) -> Words:
    """All words of what makes pages, and the classes of the library's components that our script starts."""
    ours = "\n".join(path.read_text() for kind in NAMED_IN for path in sorted(root.glob(kind)))
    started = tuple(
        LIBRARY + re.sub(r"(?<!^)(?=[A-Z])", "-", name.strip()).lower()
        for names in _IMPORTED.findall(ours)
        for name in names.split(",")
    )
    theirs = _WORD.findall((root / LIBRARY_SCRIPT).read_text())
    words = {*_WORD.findall(ours), *(word for word in theirs if word.startswith(started))}
    return Words(words, _BEHIND_A_VARIABLE.findall(ours))


def used_rules(css: str, words: Words) -> str:
    """The sheet without the selectors that need an unknown class, and without the rules that have no selector left."""
    return _without(css, lambda selector: all(name in words for name in _CLASS.findall(_NOT.sub("", selector))))


def unused_classes(css: str, words: Words) -> set[str]:
    return {name for name in _classes(css) if name not in words}


def _classes(css: str) -> set[str]:
    found: set[str] = set()

    def note(selector: str) -> bool:
        found.update(_CLASS.findall(selector))
        return True

    _without(css, note)
    return found


def _without(css: str, is_wanted: Callable[[str], bool]) -> str:
    return _rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), is_wanted)


def _rules(nodes: list[tinycss2.ast.Node], is_wanted: Callable[[str], bool]) -> str:
    return "".join(_rule(node, is_wanted) for node in nodes)


def _rule(node: tinycss2.ast.Node, is_wanted: Callable[[str], bool]) -> str:
    if node.type == "at-rule" and node.lower_at_keyword in ("media", "supports", "layer", "container"):
        inside = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
        content = _rules(inside, is_wanted)
        return f"@{node.at_keyword}{tinycss2.serialize(node.prelude)}{{{content}}}" if content else ""
    if node.type != "qualified-rule":
        return str(node.serialize())
    selectors = [each for each in _selectors(tinycss2.serialize(node.prelude)) if is_wanted(each)]
    return f"{','.join(selectors)}{{{tinycss2.serialize(node.content)}}}" if selectors else ""


def _selectors(prelude: str) -> list[str]:
    """The selectors of a rule; a comma inside brackets divides none."""
    parts, depth = [""], 0
    for sign in prelude:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(used_rules(file.read_text(), words_of(ROOT)))
