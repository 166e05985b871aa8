"""Entries: texts, numbers and amounts of money as people type or paste them, read into what is stored.

The one door for what comes in: forms, uploaded dossiers and the interface for programs read here, and the scripts of
the pages read amounts alike (`static/js/entries.js`; both are tested with `tests/js/entries.json`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from urbact_calls.domain.characters import (
    BLANKS,
    Script,
    normal_form,
    script_of,
    scripts_in,
    without_unseen,
    words_of,
)
from urbact_calls.domain.money import Euro
from urbact_calls.domain.text import Message, Text, message, say

LARGEST_AMOUNT = Euro.whole(10_000_000_000)
LARGEST_AMOUNT_CENTS = LARGEST_AMOUNT.cents


class UnreadableEntry(ValueError):
    """What was typed is none of what is asked for; `message` says why, and what to type instead."""

    def __init__(self, message: Text) -> None:
        super().__init__(say(message))
        self.message = message


PLACE = message("entry.place", "character {character}")
PLACE_IN_LINE = message("entry.place/line", "character {character} of line {line}")
LOST = message("entry.character/lost", "A letter was lost before it came here ({place}, U+FFFD). Type it again.")
PRIVATE = message(
    "entry.character/private",
    "What stands as {place} (U+{code}) is a sign of one typeface of an office program only. Type another one.",
)
NOT_STORED = message("entry.character", "Take out {place}: U+{code} is no letter or sign, and cannot be stored.")

# Most of what comes in, names and figures of tables above all: nothing in it needs another look.
_PLAIN = re.compile("[ -~]*")
# Line ends of office programs, of old terminals and of Unicode; CR LF is one.
_LINE_END = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Office programs set bullets from typefaces of their own, whose signs have no meaning without them.
_BULLET = re.compile(r"(?m)^([ \t\u00a0]*)[\ue000-\uf8ff]")
_OFFICE_HYPHENS = str.maketrans({"\x1e": "\u2011", "\x1f": None})
_BREAK = re.compile(r"[\n\t]")
# Controls, halves of characters, those that Unicode keeps free for ever, and those whose meaning is private.
_REFUSED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff\ue000-\uf8ff\U000f0000-\U0010ffff"
    + "".join(chr(plane << 16 | last) for plane in range(1, 15) for last in (0xFFFE, 0xFFFF))
    + "]"
)


def read_text(typed: str, *, is_line: bool = False) -> str:
    """A text as it is stored. Raises UnreadableEntry for what cannot be, with its place."""
    text: str = tidy(typed, is_line=is_line)
    found = _REFUSED.search(text)
    if found is None:
        return text
    before = text[: found.start()]
    character, line = len(before) - before.rfind("\n"), before.count("\n") + 1
    place = PLACE_IN_LINE(character=character, line=line) if "\n" in text else PLACE(character=character)
    code = ord(found[0])
    if code == 0xFFFD:
        raise UnreadableEntry(LOST(place=place))
    is_private = 0xE000 <= code <= 0xF8FF or (code >= 0xF0000 and code & 0xFFFE != 0xFFFE)
    raise UnreadableEntry((PRIVATE if is_private else NOT_STORED)(place=place, code=f"{code:04X}"))


def tidy(value: Any, *, is_line: bool = False) -> Any:
    """A text, cleaned: in normal form, with line feeds only (blanks in a line), without what nobody sees, without
    blanks around it. What cannot be stored stays for `read_text` to refuse; what is no text stays as it is."""
    if not isinstance(value, str):
        return value
    if _PLAIN.fullmatch(value):
        return value.strip(" ")
    text = _BULLET.sub(r"\1•", _LINE_END.sub("\n", value).translate(_OFFICE_HYPHENS))
    text = normal_form(without_unseen(text)).strip(BLANKS)
    return " ".join(filter(None, (part.strip(BLANKS) for part in _BREAK.split(text)))) if is_line else text


def storable_line(typed: str, most: int = 100) -> str:
    """A line of at most so many characters without what cannot be stored: what a search asks for, a name of a file."""
    return str(tidy(_REFUSED.sub("", tidy(typed, is_line=True)), is_line=True))[:most]


TWO_ALPHABETS = message(
    "entry.two_alphabets",
    "“{word}” has letters of two alphabets: “{letter}” is {script}. Type the whole word in one alphabet.",
)
NAMES_OF_SCRIPTS: Mapping[Script, str] = {Script.OTHER: "of another alphabet than the rest"}


def require_one_alphabet(name: str) -> None:
    """Raises UnreadableEntry for a name in which a word has letters of two alphabets. Whole words may differ."""
    for word, is_word in words_of(name):
        scripts = scripts_in(word) if is_word else {}
        if len(scripts) > 1:
            # The one with fewest letters is the stranger; of equal ones the later.
            stranger = min(reversed(list(scripts)), key=lambda script: scripts[script])
            letter = next(each for each in word if script_of(each) == stranger)
            said = NAMES_OF_SCRIPTS.get(stranger, stranger.value)
            raise UnreadableEntry(TWO_ALPHABETS(word=word, letter=letter, script=said))


def read_name(typed: str) -> str:
    """The name of an organisation, a person or a place as it is stored. Raises UnreadableEntry."""
    name = read_text(typed, is_line=True)
    require_one_alphabet(name)
    return name


_BLANK = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_APOSTROPHE = re.compile("[’‘ʼ′´`]")
_CURRENCY = "(?:€|eur|euros?)"
_AROUND_AMOUNT = re.compile(rf"^{_CURRENCY} ?| ?{_CURRENCY}$", re.IGNORECASE)
_NO_CENTS = re.compile("([.,])[-–—]{1,2}$")
_FIGURE = re.compile(
    r"(?P<minus>[-+−–]?)(?P<whole>[1-9][0-9]{0,2}(?:(?P<mark>[ ,.'])[0-9]{3})(?:(?P=mark)[0-9]{3})*|[0-9]+)"
    r"(?:(?P<point>[.,])(?P<rest>[0-9]+))?"
)
MOST_DIGITS = 15

WHOLE_NUMBER = message("entry.number/whole", "Type a whole number in digits.")
NUMBER = message("entry.number", "Type a number in digits.")
DECIMALS = message(
    "entry.number/decimals",
    "Type at most {count} digits after the point.",
    one="Type at most {count} digit after the point.",
)
LONG_NUMBER = message("entry.number/long", "Type a number of at most {most} digits.")
AMOUNT = message("entry.amount", "Type an amount in euros, for example 1500 or 1500.50.")
BELOW_ZERO = message("entry.amount/negative", "The amount cannot be below zero.")
TOO_MUCH = message("entry.amount/large", "The amount cannot be more than {most}.")
AMBIGUOUS = message("entry.ambiguous", "“{typed}” could mean two things: {thousands} or {decimal}. Type one of these.")


@dataclass(frozen=True, slots=True)
class _Figure:
    """Digits before and after the point. `is_ambiguous`: the one mark could part thousands or be the point."""

    is_negative: bool
    whole: str
    rest: str
    is_ambiguous: bool = False


def _figure(typed: str, malformed: Message) -> _Figure:
    match = _FIGURE.fullmatch(typed)
    if match is None or (match["mark"] and match["mark"] == match["point"]):
        raise UnreadableEntry(malformed())
    whole, mark, rest = match["whole"], match["mark"], match["rest"] or ""
    digits = re.sub("[^0-9]", "", whole)
    is_ambiguous = mark in (",", ".") and whole.count(mark) == 1 and not rest
    return _Figure(match["minus"] not in ("", "+"), digits, rest, is_ambiguous)


def _require_one_meaning(figure: _Figure, typed: str) -> None:
    if figure.is_ambiguous:
        thousands, decimal = figure.whole, Decimal(f"{figure.whole[:-3]}.{figure.whole[-3:]}").normalize()
        raise UnreadableEntry(AMBIGUOUS(typed=typed, thousands=thousands, decimal=f"{decimal:f}"))


def _plain(typed: str) -> str:
    """A figure with plain blanks and apostrophes."""
    return _APOSTROPHE.sub("'", _BLANK.sub(" ", str(tidy(typed, is_line=True))))


def read_number(typed: str, *, decimals: int = 0) -> Decimal | None:
    """A number with at most so many digits after the point; None for nothing.

    "12,000" is 12000 where only whole numbers are asked for, and could mean two things where they are not. Raises
    UnreadableEntry.
    """
    text = _plain(typed)
    if not text:
        return None
    figure = _figure(text, NUMBER if decimals else WHOLE_NUMBER)
    if len(figure.whole) > MOST_DIGITS:
        raise UnreadableEntry(LONG_NUMBER(most=MOST_DIGITS))
    # After three digits a zero is a thousand: "1500.000" is not 1500.
    if not decimals and (figure.rest.strip("0") or len(figure.rest) > 2):
        raise UnreadableEntry(WHOLE_NUMBER())
    if decimals:
        _require_one_meaning(figure, text)
        if len(figure.rest.rstrip("0")) > decimals:
            raise UnreadableEntry(DECIMALS(count=decimals))
    value = Decimal(f"{figure.whole}.{figure.rest or 0}")
    return (-value if figure.is_negative else value).normalize()


def cents_of(typed: str) -> int | None:
    """Cents of an amount as typed; None for nothing. Raises UnreadableEntry."""
    amount = _NO_CENTS.sub(r"\g<1>00", _AROUND_AMOUNT.sub("", _plain(typed)))
    if not amount:
        return None
    figure = _figure(amount, AMOUNT)
    _require_one_meaning(figure, amount)
    if len(figure.rest) > 2:
        raise UnreadableEntry(AMOUNT())
    cents = int(figure.whole[: MOST_DIGITS + 1]) * 100 + int(figure.rest.ljust(2, "0"))
    if figure.is_negative and cents:
        raise UnreadableEntry(BELOW_ZERO())
    if cents > LARGEST_AMOUNT_CENTS:
        raise UnreadableEntry(TOO_MUCH(most=LARGEST_AMOUNT))
    return cents
