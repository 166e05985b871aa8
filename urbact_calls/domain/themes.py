"""Themes of networks and experts.

One text for people, the same text folded for search, and the labels of the codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from types import MappingProxyType

from urbact_calls.domain.eligibility.city_names import fold
from urbact_calls.domain.network_types.vocabularies import THEMES

# Folding takes every mark out of a text, so the mark between two themes cannot be part of one.
_BETWEEN = "|"


def themes_of(theme: str | None) -> tuple[str, ...]:
    """The single themes of `mobility; urban-rural links`; none for a network whose theme is not known."""
    return tuple(part.strip() for part in (theme or "").split(";") if part.strip())


def codes_of(theme: str | None) -> tuple[str, ...]:
    """The themes of the vocabulary that a text names, each once, in its order: by label or by an older tag."""
    known = (_CODES.get(fold(part)) for part in themes_of(theme))
    return tuple(dict.fromkeys(code for code in known if code))


def code_of(asked: str) -> str:
    """The theme of the vocabulary that an address asks for, by its code or by an older tag; empty for neither."""
    return asked if asked in THEME_LABELS else _CODES.get(fold(asked), "")


def fold_themes(theme: str | None) -> str:
    """The themes as a search reads them: what the source says, and code and label of each theme of the vocabulary.

    `|urban rural links|@mobility|mobility|`, so that a whole theme and a part of a word are both found.
    """
    folded = [fold(part) for part in themes_of(theme)]
    folded += [text for code in codes_of(theme) for text in (f"@{code}", fold(THEME_LABELS[code]))]
    return f"{_BETWEEN}{_BETWEEN.join(folded)}{_BETWEEN}" if folded else ""


def whole_theme(code: str) -> str:
    """How a theme of the vocabulary stands in the folded text: `public_space` is `|@public_space|`."""
    return f"{_BETWEEN}@{code}{_BETWEEN}"


def in_words(theme: str) -> str:
    """A theme as a label: capital first, the rest as the source writes it."""
    return theme[:1].upper() + theme[1:]


def counted(texts: Iterable[str | None]) -> dict[str, int]:
    """How many networks each theme of the vocabulary has, by its code, in the order of the vocabulary."""
    found = Counter(code for text in texts for code in codes_of(text))
    return {code: found[code] for code in THEME_LABELS if code in found}


THEME_LABELS = MappingProxyType({choice.code: choice.label for choice in THEMES})
TAGS = {
    "climate": ("climate action", "environment", "green transition", "water"),
    "energy": ("energy poverty", "just transition"),
    "mobility": ("accessibility", "active school travel", "on-demand transport", "urban-rural links"),
    "nature": ("biodiversity", "green infrastructure", "green spaces"),
    "circular": ("circular economy", "green economy"),
    "inclusion": (
        "communities",
        "digital inclusion",
        "diversity",
        "human rights",
        "integration of migrants and refugees",
        "loneliness",
        "migration",
        "social impact",
        "social inclusion",
        "social innovation",
        "urban poverty",
    ),
    "gender": ("gender equality", "gender-based violence"),
    "youth": ("youth", "youth well-being"),
    "health": ("health", "sport"),
    "jobs": (
        "attractiveness",
        "entrepreneurship",
        "future of work",
        "industrial areas",
        "industry",
        "jobs and skills",
        "local economy",
        "night-time economy",
        "remote work",
        "retail",
        "start-ups",
        "talent",
    ),
    "digital": ("digital economy", "digital transition", "virtual worlds"),
    "culture": ("cultural heritage", "culture and creativity", "culture and cultural heritage", "memory"),
    "public_space": ("city centres", "public space", "shrinking cities", "urban regeneration"),
    "participation": ("governance", "participation", "SDGs"),
    "safety": ("night", "urban security"),
    "procurement": ("public procurement",),
    "housing": ("housing",),
}
"""The tags that public pages of networks use, by the theme of our vocabulary that each belongs to."""

_CODES = MappingProxyType(
    {fold(tag): code for code, tags in TAGS.items() for tag in tags}
    | {fold(label): code for code, label in THEME_LABELS.items()}
)


def theme_words(themes: Iterable[str]) -> list[str]:
    return [THEME_LABELS[code] for code in themes]
