"""The stages of a network as bars whose widths are true to time, where time is known."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from urbact_calls.catalogue.published import NetworkShown, StageShown
from urbact_calls.web.filters import day

WIDTH_OF_UNKNOWN = 6


class Bar(NamedTuple):
    """One stage for the macro `stages`: months long, months gone."""

    name: str
    words: str
    months: int
    gone: float


def bars(network: NetworkShown, today: date) -> list[Bar]:
    """A bar per stage. A stage without both dates has a width that means nothing, and no part of it is filled.

    Once the last day of the network has passed, all its stages are over, dated or not.
    """
    is_over = network.ends_on is not None and network.ends_on < today
    return [_bar(stage, today, is_over) for stage in network.stages]


def _bar(stage: StageShown, today: date, is_over: bool) -> Bar:
    if stage.starts_on is None or stage.ends_on is None:
        months = WIDTH_OF_UNKNOWN
        return Bar(stage.label, _partly(stage, is_over), months, months if is_over else 0)
    months = max(1, round((stage.ends_on - stage.starts_on).days / 30.4))
    used = (today - stage.starts_on).days / max(1, (stage.ends_on - stage.starts_on).days)
    gone = min(max(used, 0.0), 1.0) * months
    period = f"{day(stage.starts_on)} to {day(stage.ends_on)}"
    return Bar(stage.label, f"{period}{', done' if gone >= months else ''}", months, round(gone, 1))


def _partly(stage: StageShown, is_over: bool) -> str:
    done = ", done" if is_over else ""
    if stage.starts_on is not None:
        return f"from {day(stage.starts_on)}, end not known{done}"
    if stage.ends_on is not None:
        return f"until {day(stage.ends_on)}, begin not known{done}"
    return f"dates not known{done}"
