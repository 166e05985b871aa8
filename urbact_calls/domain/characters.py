"""Characters: one normal form, the alphabets, letters of two alphabets that look alike, and what nobody sees.

The tables of an interpreter grow with each version of Unicode. What is read here is stored, compared and fingerprinted,
so it must not change with them: the tables are those of Unicode 3.2, which every interpreter brings unchanged, and
ranges of our own for what came later. A character that they do not know is kept as it is.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from typing import Literal

_UNICODE = unicodedata.ucd_3_2_0

BLANKS = " \t\n\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"


def normal_form(text: str, form: Literal["NFC", "NFKD"] = "NFC") -> str:
    """A text in a normal form of Unicode; between characters that are newer than the tables, each part by itself."""
    # Most texts are normal already, and the parts of one that is are normal as well.
    if text.isascii() or _UNICODE.is_normalized(form, text):
        return text
    parts = ((is_known, "".join(part)) for is_known, part in groupby(text, _is_known))
    return "".join(_UNICODE.normalize(form, part) if is_known else part for is_known, part in parts)


def fold_case(text: str) -> str:
    """A text without case."""
    parts = groupby(text.replace("ẞ", "ss"), _is_known)
    return "".join("".join(part).casefold() if is_known else "".join(part) for is_known, part in parts)


@lru_cache(maxsize=4096)
def _is_known(character: str) -> bool:
    return character.isascii() or _UNICODE.category(character) != "Cn"


class Script(StrEnum):
    """The alphabets whose letters can be taken for those of another one; all the rest is OTHER."""

    LATIN = "Latin"
    GREEK = "Greek"
    CYRILLIC = "Cyrillic"
    ARMENIAN = "Armenian"
    CHEROKEE = "Cherokee"
    LISU = "Lisu"
    OTHER = "other"


# Where a stretch of letters begins; None begins one of signs, digits, marks and blanks.
_L, _G, _C, _O = Script.LATIN, Script.GREEK, Script.CYRILLIC, Script.OTHER
_STRETCHES: tuple[tuple[int, Script | None], ...] = (
    *((0x0000, None), (0x0041, _L), (0x005B, None), (0x0061, _L), (0x007B, None), (0x00AA, _L), (0x00AB, None)),
    *((0x00BA, _L), (0x00BB, None), (0x00C0, _L), (0x00D7, None), (0x00D8, _L), (0x00F7, None), (0x00F8, _L)),
    *((0x02B0, None), (0x0370, _G), (0x0375, None), (0x0376, _G), (0x037E, None), (0x037F, _G), (0x0384, None)),
    *((0x0386, _G), (0x0387, None), (0x0388, _G), (0x03E2, _O), (0x03F0, _G), (0x03F6, None), (0x03F7, _G)),
    *((0x0400, _C), (0x0482, None), (0x048A, _C), (0x0530, Script.ARMENIAN), (0x0589, None), (0x0590, _O)),
    *((0x13A0, Script.CHEROKEE), (0x1400, _O), (0x1AB0, None), (0x1B00, _O), (0x1C80, _C), (0x1C90, _O), (0x1D00, _L)),
    *((0x1D26, _G), (0x1D2B, _C), (0x1D2C, _L), (0x1D5D, _G), (0x1D62, _L), (0x1D66, _G), (0x1D6B, _L), (0x1D78, _C)),
    *((0x1D79, _L), (0x1DBF, _G), (0x1DC0, None), (0x1E00, _L), (0x1F00, _G), (0x2000, None), (0x2C00, _O)),
    *((0x2C60, _L), (0x2C80, _O), (0x2DE0, None), (0x2E80, _O), (0x3000, None), (0x3005, _O), (0x3008, None)),
    *((0x3021, _O), (0x302A, None), (0x3031, _O), (0x3036, None), (0x3038, _O), (0xA4D0, Script.LISU), (0xA500, _O)),
    *((0xA640, _C), (0xA66F, None), (0xA680, _C), (0xA69E, None), (0xA6A0, _O), (0xA700, None), (0xA722, _L)),
    *((0xA789, None), (0xA78B, _L), (0xA800, _O), (0xAB30, _L), (0xAB65, _G), (0xAB66, _L), (0xAB70, Script.CHEROKEE)),
    *((0xABC0, _O), (0xD800, None), (0xF900, _O), (0xFB00, _L), (0xFB07, None), (0xFB13, Script.ARMENIAN)),
    *((0xFB18, None), (0xFB1D, _O), (0xFE00, None), (0xFE70, _O), (0xFEFF, None), (0xFF21, _L), (0xFF3B, None)),
    *((0xFF41, _L), (0xFF5B, None), (0xFF66, _O), (0xFFE0, None), (0x10000, _O), (0x1D000, None), (0x1E000, _O)),
    *((0x1F000, None), (0x20000, _O), (0xE0000, None)),
)
_STARTS = [start for start, _ in _STRETCHES]
# Marks that came after Unicode 3.2 stand in these blocks, among older ones.
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u2de0-\u2dff\ua66f-\ua67d\ufe20-\ufe2f]"
)


@lru_cache(maxsize=4096)
def script_of(character: str) -> Script | None:
    """The alphabet of a letter; None for what is no letter, and for signs that all alphabets use."""
    return None if is_mark(character) else _STRETCHES[bisect(_STARTS, ord(character)) - 1][1]


@lru_cache(maxsize=4096)
def is_mark(character: str) -> bool:
    """Whether it stands on the letter before it."""
    return _MARKS.match(character) is not None or _UNICODE.combining(character) != 0


def words_of(text: str) -> Iterator[tuple[str, bool]]:
    """The parts of a text: its words with the marks on their letters, and what stands between; whether each is one."""
    is_in_word = False

    def belongs(character: str) -> bool:
        nonlocal is_in_word
        is_in_word = script_of(character) is not None or (is_in_word and is_mark(character))
        return is_in_word

    return (("".join(part), is_word) for is_word, part in groupby(text, belongs))


def scripts_in(word: str) -> Counter[Script]:
    """How many letters of each alphabet a word has."""
    return Counter(script for letter in word if (script := script_of(letter)) is not None)


# The letters that look like Latin ones, in pairs of strings: theirs, and the Latin letters.
_ALIKE: dict[Script, tuple[str, str]] = {
    Script.GREEK: ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανικορτυχϲϹϳͿ", "ABEZHIKMNOPTYXavikoptuxcCjJ"),
    Script.CYRILLIC: (
        "АВЕЅІЈКМНОРСТУХԚԜҺаеѕіјкмнорстухԛԝһԁӏҮүѴѵЬьвҒӔӕӘә",
        "ABESIJKMHOPCTYXQWHaesijkmhopctyxqwhdlYyVvbbbFÆæƏə",
    ),
    Script.ARMENIAN: ("ՕՏՍԼօսոհցզյքլ", "OSULounhgqjpl"),
    Script.CHEROKEE: ("ᎪᏴᏟᎠᎬᎻᎥᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ", "ABCDEHIJKLMPRSTVWZ"),
    Script.LISU: ("ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ", "ABCDEFGHIJKLMNOPRSTUVWXYZ"),
}
# These look like a Latin letter, but nobody who writes it means them.
_ALIKE_ONE_WAY = str.maketrans("ηωγεг", "nwyer")
_TO_LATIN = _ALIKE_ONE_WAY | {
    ord(letter): latin for theirs, ours in _ALIKE.values() for letter, latin in zip(theirs, ours, strict=True)
}
_FROM_LATIN = {
    script: {ord(latin): letter for letter, latin in reversed(list(zip(*_ALIKE[script], strict=True)))}
    for script in (Script.GREEK, Script.CYRILLIC)
}


def in_one_script(word: str) -> str:
    """A word of several alphabets with its letters read as their look-alikes, so that it is of one alphabet.

    A word of one alphabet stays, and so does one that cannot be read so. Of several readings that counts which keeps
    most letters, and the Latin one before the others.
    """
    scripts = scripts_in(word)
    if len(scripts) < 2:
        return word
    latin = word.translate(_TO_LATIN)
    read = {Script.LATIN: latin} | {
        script: "".join(
            letter if script_of(letter) == script else seen.translate(_FROM_LATIN[script])
            for letter, seen in zip(word, latin, strict=True)
        )
        for script in _FROM_LATIN
    }
    whole = [script for script, text in read.items() if set(scripts_in(text)) == {script}]
    return read[max(whole, key=lambda script: scripts[script])] if whole else word


# What no reader sees (Default_Ignorable_Code_Point, stable since Unicode 5), reordering marks among it.
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Where an unseen character joins or chooses: emoji and flags made of several, keys, variants of Han characters, the
# joiners of scripts whose letters are joined, variants of Mongolian letters, and Korean syllables without a part.
_PICTURE = "[\u00a9\u00ae\u203c\u2049\u2100-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001fffd]"
_PICTURE += "[\ufe0e\ufe0f]?[\U0001f3fb-\U0001f3ff]?(?:[\U000e0020-\U000e007e]+\U000e007f)?"
_HAN = "[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]"
_JOINED = "[\u0620-\u07ff\u0840-\u0dff\u1000-\u109f\u1780-\u17b3\u17b6-\u180a\u1820-\u18af\uaa60-\uaa7f"
_JOINED += "\U00011000-\U00011fff]"
_ANY_UNSEEN = re.compile(f"[{_UNSEEN}]")
_SEEN_OR_NOT = re.compile(
    f"(?P<kept>{_PICTURE}(?:\u200d{_PICTURE})*|[0-9#*]\ufe0f(?=\u20e3)|{_HAN}[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
    f"|{_JOINED}[\u200c\u200d]|[\u1820-\u18af][\u180b-\u180d\u180f]|[\u1100-\u115e]\u1160|\u115f[\u1161-\u11a7])"
    f"|[{_UNSEEN}]"
)


def drop_unseen(text: str) -> str:
    """A text without any character that nobody sees; to compare, not to keep."""
    return text if text.isascii() else _ANY_UNSEEN.sub("", text)


def without_unseen(text: str) -> str:
    """A text without characters that nobody sees, but for those that a sign or a script is written with."""
    if text.isascii() or _ANY_UNSEEN.search(text) is None:
        return text
    return _SEEN_OR_NOT.sub(lambda found: found["kept"] or "", text)
