"""Themes of networks and experts.

One text for people, the same text folded for search, and the labels of the codes.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.network_types.vocabularies import THEMES
from urbact_calls.domain.slugs import slug_of

# Folding takes every mark out of a text, so the mark between two themes cannot be part of one.
_BETWEEN = "|"


def themes_of(theme: str | None) -> tuple[str, ...]:
    """The single themes of `mobility; urban-rural links`; none for a network whose theme is not known."""
    return tuple(part.strip() for part in (theme or "").split(";") if part.strip())


def fold_themes(theme: str | None) -> str:
    """The themes as `|mobility|urban rural links|`, so that a whole theme and a part of a word are both found."""
    folded = [fold(part) for part in themes_of(theme)]
    return f"{_BETWEEN}{_BETWEEN.join(folded)}{_BETWEEN}" if folded else ""


def whole_theme(code: str) -> str:
    """How one theme stands in the folded text: `urban-rural-links` is `|urban rural links|`."""
    return f"{_BETWEEN}{fold(code)}{_BETWEEN}"


def in_words(theme: str) -> str:
    """A theme as a label: capital first, the rest as the source writes it."""
    return theme[:1].upper() + theme[1:]


def counted(texts: Iterable[str | None]) -> dict[str, tuple[str, int]]:
    """Each theme by its code, with its label and the number of networks, in the order of the labels."""
    found: dict[str, tuple[str, int]] = {}
    for text in texts:
        for code, theme in {slug_of(each): each for each in themes_of(text)}.items():
            label, count = found.get(code, (in_words(theme), 0))
            found[code] = (label, count + 1)
    return dict(sorted(found.items(), key=lambda item: fold(item[1][0])))


THEME_LABELS = MappingProxyType({choice.code: choice.label for choice in THEMES})


def theme_words(themes: Iterable[str]) -> list[str]:
    return [THEME_LABELS[code] for code in themes]
