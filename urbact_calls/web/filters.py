"""Template filters: the words of the domain for figures, dates and money, under the same names in templates."""

from __future__ import annotations

from datetime import datetime

from flask import Flask

from urbact_calls.domain.words import (
    PARIS,
    day,
    euro,
    euro_plain,
    machine_time,
    plural,
    points,
    second,
    share,
    when,
    when_short,
)


def when_exact(moment: datetime) -> str:
    """An instant to the second, as "31 March 2027 at 14:22:07, Paris time"; for receipts."""
    local = moment.astimezone(PARIS)
    return f"{day(local.date())} at {local:%H:%M:%S}, Paris time"


def deeper(level: int) -> int:
    """The level of a heading under one of this level."""
    return level + 1


def kilobytes(size: int) -> str:
    """The size of a file as "1,204 kB", rounded up."""
    return f"{-(-size // 1000):,} kB"


def register(app: Flask) -> None:
    dates = (when, when_exact, when_short, second, machine_time, day)
    for function in (*dates, euro, euro_plain, share, plural, deeper, kilobytes, points):
        app.add_template_filter(function)
