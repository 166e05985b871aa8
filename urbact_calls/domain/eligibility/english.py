"""Language guess: whether a text is English, for an officer who then reads it; it decides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

# About forty words carry a third of any English text and almost nothing of a text in another language.
_COMMON_WORDS = frozenset(
    re.findall(
        r"[a-z]+",
        """the of and to in a is for that with on as by are be this from it an our we at or which will not has have
        their can more its these between into all each other they also""",
    )
)
_FEWEST_WORDS = 40


def share_of_common_words(texts: Iterable[str]) -> int | None:
    """How many of 100 words are common English words; None for fewer than 40 words. English has 30 and more."""
    words = [word for text in texts for word in re.findall(r"[^\W\d_]+", text.lower())]
    if len(words) < _FEWEST_WORDS:
        return None
    return 100 * sum(word in _COMMON_WORDS for word in words) // len(words)
