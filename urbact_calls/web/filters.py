"""Template filters: the words of the domain for figures, dates and money, under the same names in templates."""

from __future__ import annotations

from flask import Flask

from urbact_calls.domain import words
from urbact_calls.domain.languages import language_names, language_words
from urbact_calls.domain.themes import theme_words
from urbact_calls.reference.countries import country_name
from urbact_calls.web.page_texts import counted, text


def deeper(level: int) -> int:
    """The level of a heading under one of this level."""
    return level + 1


def kilobytes(size: int) -> str:
    """The size of a file as "1,204 kB", rounded up."""
    return f"{-(-size // 1000):,} kB"


def register(app: Flask) -> None:
    dates = (words.when, words.when_exact, words.when_short, words.second, words.machine_time, words.day)
    figures = (words.euro, words.euro_plain, words.share, words.plural, words.points, kilobytes)
    codes = (country_name, theme_words, language_names, language_words)
    for function in (*dates, *figures, *codes, deeper, text, counted):
        app.add_template_filter(function)
