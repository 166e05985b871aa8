"""Glyphs: what is printed where a typeface has no sign for a character, in words, so that no page has empty boxes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from urbact_calls.domain.characters import drop_unseen, is_mark, normal_form, script_of
from urbact_calls.domain.text import message, say

FLAG = message("glyphs.flag", "[flag {letters}]")
SIGN = message("glyphs.sign", "[{name}]")
LETTERS = message("glyphs.letters", "[{count} letters that cannot be printed]", one="[1 letter that cannot be printed]")

# Signs that have a plain spelling.
_SPELLED = str.maketrans(
    {"\u2011": "-", "\u202f": "\u00a0", "→": "->", "←": "<-", "↔": "<->", "⇒": "=>", "≥": ">=", "≤": "<=", "≠": "!="}
    | dict.fromkeys("◦▪■□●○‣⁃❖➢", "•")
)
_FLAG_LETTERS = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_FLAG_TAGS = re.compile("\U0001f3f4([\U000e0020-\U000e007e]+)\U000e007f")
_FIRST_FLAG_LETTER, _FIRST_TAG = 0x1F1E6, 0xE0000


def in_words(text: str, covered: Container[int]) -> str:
    """A text in which every character has a glyph; `covered` holds the code points of those that have one.

    Flags and signs are named in brackets, letters with a simpler form take it, and other letters are counted.
    """
    if all(ord(character) in covered for character in text):
        return text
    named = _FLAG_TAGS.sub(lambda flag: _flag(flag[1], _FIRST_TAG), text)
    named = _FLAG_LETTERS.sub(lambda flag: _flag(flag[0], _FIRST_FLAG_LETTER - ord("A")), named)
    parts: list[str] = []
    foreign = 0
    for character in named:
        printed = _printed(character, covered)
        if printed is None:
            foreign += 1
            continue
        parts += [_counted(foreign), printed]
        foreign = 0
    return "".join([*parts, _counted(foreign)])


def _flag(text: str, first: int) -> str:
    return say(FLAG(letters="".join(chr(ord(character) - first) for character in text)))


def _printed(character: str, covered: Container[int]) -> str | None:
    """What stands for one character; None for a letter that has nothing."""
    for spelling in (character, character.translate(_SPELLED)):
        if all(ord(each) in covered for each in spelling):
            return spelling
    simple = "".join(each for each in drop_unseen(normal_form(character, "NFKD")) if not is_mark(each))
    if all(ord(each) in covered for each in simple):
        return simple
    if script_of(character) is not None:
        return None
    name = unicodedata.name(character, "").lower()
    return say(SIGN(name=name or f"sign U+{ord(character):04X}"))


def _counted(letters: int) -> str:
    return say(LETTERS(count=letters)) if letters else ""
