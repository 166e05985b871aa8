"""Divergence of scores: where two assessors disagree enough to talk about it in the consensus meeting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from urbact_calls.domain.scoring.grid import Grid

# Two steps of a scale of six: one step is taste, two are a different reading of the application.
TALK_FROM_POINTS = 2


@dataclass(frozen=True, slots=True)
class Divergence:
    """One criterion with its lowest and highest points."""

    criterion: str
    lowest: int
    highest: int


def divergence(sheets: Sequence[Mapping[str, int]], grid: Grid) -> tuple[Divergence, ...]:
    """The criteria, in grid order, where points lie two or more apart; nothing for fewer than two sheets."""
    if len(sheets) < 2:
        return ()
    spans = (
        Divergence(code, min(sheet[code] for sheet in sheets), max(sheet[code] for sheet in sheets))
        for code in grid.codes
    )
    return tuple(span for span in spans if span.highest - span.lowest >= TALK_FROM_POINTS)


def alerts(sheets: Sequence[Mapping[str, int]], grid: Grid, *, alert_points: int) -> bool:
    """Whether totals lie more than the call's alert (points of 100) apart, so that a third assessor may be added."""
    if len(sheets) < 2:
        return False
    totals = [grid.total(sheet) for sheet in sheets]
    return max(totals) - min(totals) > alert_points * grid.scale_max
