"""City names: two spellings are equal if country and folded name are (`rules.md`, "Registers are partial")."""

from __future__ import annotations

import re
import unicodedata

from urbact_calls.domain.dossier import PartnerFacts

# Letters with a stroke, and joined letters, do not come apart in Unicode: Łódź must still equal Lodz.
_PLAIN_LETTERS = str.maketrans("łøđðħŧƀɨıŋĸ", "loddhtbiink") | str.maketrans({"æ": "ae", "œ": "oe", "þ": "th"})
_BRACKETS = re.compile(r"[(\[]([^)\]]*)[)\]]")


def fold(name: str) -> str:
    """A name without case, accents, strokes and punctuation: `Saint-Quentin` and `SAINT QUENTIN` are the same.

    Two letters of the same look in two alphabets stay different.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold()).translate(_PLAIN_LETTERS)
    letters = (char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return " ".join("".join(letters).split())


def spellings(entry: str) -> frozenset[str]:
    """The folded names of a register's entry: the whole, and its parts outside and inside brackets."""
    outside = _BRACKETS.sub(" ", entry)
    parts = {fold(entry), fold(outside), *(fold(inside) for inside in _BRACKETS.findall(entry))}
    return frozenset(parts - {""})


def names_of(partner: PartnerFacts) -> frozenset[str]:
    """The folded names under which a partner may stand in a register: its seat, then its own name."""
    return frozenset({fold(partner.seat_city), fold(partner.name)} - {""})
