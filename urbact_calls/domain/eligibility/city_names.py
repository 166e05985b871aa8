"""City names: two spellings are equal if country and folded name are (`rules.md`, "Registers are partial")."""

from __future__ import annotations

import re
from collections.abc import Iterable

from urbact_calls.domain.characters import (
    drop_unseen,
    fold_case,
    in_one_script,
    is_mark,
    normal_form,
    script_of,
    words_of,
)
from urbact_calls.domain.dossier import PartnerFacts

# Letters with a stroke, and joined letters, do not come apart in Unicode: Łódź must still equal Lodz.
_PLAIN_LETTERS = str.maketrans("łøđðħŧƀɨıŋĸ", "loddhtbiink") | str.maketrans({"æ": "ae", "œ": "oe", "þ": "th"})
_DIGITS = "0123456789"
_NO_NAME = re.compile(r"[^a-z0-9]")
_BRACKETS = re.compile(r"[(\[]([^)\]]*)[)\]]")


def fold(name: str) -> str:
    """A name without case, accents, strokes and punctuation: `Saint-Quentin` and `SAINT QUENTIN` are the same.

    Letters of another alphabet inside a word are read as their look-alikes, and what nobody sees is dropped. A word
    that is wholly of another alphabet stays, and so do signs of one alphabet that look alike (rn and m, l and 1).
    """
    if name.isascii():
        return " ".join(_NO_NAME.sub(" ", name.lower()).split())
    plain = normal_form(drop_unseen(name), "NFKD")
    read = "".join(in_one_script(part) if is_word else part for part, is_word in words_of(plain))
    folded = normal_form(fold_case(read), "NFKD").translate(_PLAIN_LETTERS)
    letters = (char if script_of(char) or char in _DIGITS else " " for char in folded if not is_mark(char))
    return " ".join("".join(letters).split())


def has_only_signs(typed: str) -> bool:
    """Whether there is nothing to look for in what was typed: signs, and neither a letter nor a digit."""
    return bool(typed.strip()) and not fold(typed)


def spellings(entry: str) -> frozenset[str]:
    """The folded names of a register's entry: the whole, and its parts outside and inside brackets."""
    outside = _BRACKETS.sub(" ", entry)
    parts = {fold(entry), fold(outside), *(fold(inside) for inside in _BRACKETS.findall(entry))}
    return frozenset(parts - {""})


def names_of(partner: PartnerFacts) -> frozenset[str]:
    """The folded names under which a partner may stand in a register: its seat, then its own name."""
    return frozenset({fold(partner.seat_city), fold(partner.name)} - {""})


def organisation_of(partner: PartnerFacts) -> tuple[str, str, str]:
    """What makes a partner one organisation: its country, its folded name and its folded seat."""
    return partner.country, fold(partner.name) or partner.name, fold(partner.seat_city)


def counted_once(partners: Iterable[PartnerFacts]) -> tuple[PartnerFacts, ...]:
    """Each organisation once, in order; of its entries that of the lead partner, or else the first.

    What counts partners counts these (`rules.md`, "One organisation counts once"): the second entry is a fault of
    `partnership.distinct` alone.
    """
    found: dict[tuple[str, str, str], PartnerFacts] = {}
    for partner in partners:
        known = found.setdefault(organisation_of(partner), partner)
        if partner.is_lead and not known.is_lead:
            found[organisation_of(partner)] = partner
    return tuple(found.values())
