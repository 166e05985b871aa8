"""How an expert matches what a network needs, in words: what fits, what does not, and what nobody has stated.

There is no score: a network and an expert weigh the same facts differently, so both read them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from urbact_calls.domain.languages import LANGUAGES
from urbact_calls.domain.text import Text, message
from urbact_calls.domain.themes import THEME_LABELS
from urbact_calls.domain.vocabulary import ExpertTrack, LanguageLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchNeeds:
    """What a network looks for. Empty means: any. `apply_by` is the last day on which experts can apply."""

    role: ExpertTrack
    task: str
    themes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    days: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    apply_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertOffer:
    """What an expert brings. `free_days` are those in the period of the search; None if the expert states no
    availability, or the search no period."""

    validated_for: frozenset[ExpertTrack]
    themes: tuple[str, ...]
    languages: tuple[tuple[str, LanguageLevel], ...]
    free_days: int | None


@dataclass(frozen=True, slots=True)
class Match:
    """The needs of a search by what an expert says to them, each in the order of the search."""

    fits: tuple[Text, ...]
    lacks: tuple[Text, ...]
    unknown: tuple[Text, ...]


ROLE = message("match.role", "validated as {role:lower}")
THEME = message("match.theme", "theme {theme}")
LANGUAGE = message("match.language", "language {language}")
SPOKEN = message("match.spoken", "language {language} ({level})")
DAYS = message("match.days", "{count} days from {start} to {end}", one="{count} day from {start} to {end}")
FEWER_DAYS = message("match.fewer_days", "{days} days from {start} to {end} (free: {free})")
NOT_STATED = message("match.days/not_stated", "days from {start} to {end} (no availability stated)")


def match_of(needs: SearchNeeds, offer: ExpertOffer) -> Match:
    """What of the needs the expert answers."""
    found = list(_compared(needs, offer))
    return Match(*(tuple(text for answer, text in found if answer is wanted) for wanted in (True, False, None)))


def _compared(needs: SearchNeeds, offer: ExpertOffer) -> Iterator[tuple[bool | None, Text]]:
    yield needs.role in offer.validated_for, ROLE(role=needs.role.text)
    for code in needs.themes:
        yield code in offer.themes, THEME(theme=THEME_LABELS[code])
    levels = dict(offer.languages)
    for code in needs.languages:
        level = levels.get(code)
        if level is None:
            yield False, LANGUAGE(language=LANGUAGES[code])
        else:
            yield True, SPOKEN(language=LANGUAGES[code], level=level.text)
    if needs.days is not None and needs.starts_on is not None and needs.ends_on is not None:
        yield _days(needs.days, needs.starts_on, needs.ends_on, offer.free_days)


def _days(days: int, start: date, end: date, free: int | None) -> tuple[bool | None, Text]:
    if free is None:
        return None, NOT_STATED(start=start, end=end)
    if days <= free:
        return True, DAYS(count=days, start=start, end=end)
    return False, FEWER_DAYS(days=days, start=start, end=end, free=free)
