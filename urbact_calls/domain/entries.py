"""Entries: texts and amounts of money as people type them, read into what is stored."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from urbact_calls.domain.words import euro

LARGEST_AMOUNT_CENTS = 10_000_000_000_00
_AMOUNT = re.compile(r"(?P<minus>[-+]?)(?P<whole>[0-9]{1,3}(?:[ ,.'][0-9]{3})+|[0-9]+)(?:[.,](?P<cents>[0-9]{1,2}))?")
# Letters that reorder or hide text: a name must read as it is stored.
_HIDDEN = {*"\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\ufffd\ufffe\uffff"}


def tidy(value: Any) -> Any:
    """Text as it is stored: Unicode NFC, line feeds only, no blank around it."""
    if not isinstance(value, str):
        return value
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def unreadable_character(text: str, *, multiline: bool) -> str | None:
    """The first character of a text that cannot be stored or that hides what is written; None if there is none."""
    for character in text:
        if character in "\n\t" and multiline:
            continue
        category = unicodedata.category(character)
        if category in ("Cc", "Cs", "Co", "Cn") or character in _HIDDEN or character in "\u2028\u2029":
            return character
    return None


def cents_of(typed: str) -> int | None:
    """Cents of an amount as typed; None for nothing. Raises ValueError that says what to type instead."""
    text = typed.strip().replace("\u00a0", " ").replace("\u202f", " ").replace("\u2009", " ").replace("’", "'")
    text = text.removeprefix("€").removesuffix("€").strip()
    if not text:
        return None
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise ValueError("Type an amount in euros, for example 1500 or 1500.50.")
    whole, cents = match["whole"], match["cents"]
    separators = {mark for mark in whole if not mark.isdigit()}
    if len(separators) > 1:
        raise ValueError("Type an amount in euros, for example 1500 or 1500.50.")
    if cents is None and len(re.findall(r"[,.]", whole)) == 1:
        raise ValueError("Type the amount without a sign between the thousands: “1.500” could mean two things.")
    amount = int(re.sub(r"[^0-9]", "", whole)[:20] or 0) * 100 + int((cents or "0").ljust(2, "0"))
    if match["minus"] == "-" and amount:
        raise ValueError("The amount cannot be below zero.")
    if len(whole) > 20 or amount > LARGEST_AMOUNT_CENTS:
        raise ValueError(f"The amount cannot be more than {euro(LARGEST_AMOUNT_CENTS)}.")
    return amount
