"""Stages of a network in time: only what is known gets a date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from urbact_calls.domain.network_types.kind import NetworkKind
from urbact_calls.domain.vocabulary import Confidence


@dataclass(frozen=True, slots=True)
class StageInTime:
    """One stage of a network. A date that nobody published is None."""

    position: int
    code: str
    label: str
    starts_on: date | None
    ends_on: date | None


def stages_in_time(kind: NetworkKind, starts_on: date | None, ends_on: date | None) -> Iterator[StageInTime]:
    """The stages of a network of this kind in order.

    Months are counted from the first day of the network as long as the length of each stage was published; after the
    first stage whose length is only our default, dates are unknown. The last stage ends with the network.
    """
    start = starts_on
    last = len(kind.stages)
    for position, stage in enumerate(kind.stages, 1):
        known = start is not None and stage.confidence is not Confidence.DEFAULT
        next_start = months_later(start, stage.months) if start is not None and known else None
        end = next_start - timedelta(days=1) if next_start else None
        yield StageInTime(position, stage.code, stage.label, start, ends_on if position == last else end)
        start = next_start


def months_later(day: date, months: int) -> date:
    """The same day so many months later; networks begin on the first of a month, so the day always exists."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, 28))
