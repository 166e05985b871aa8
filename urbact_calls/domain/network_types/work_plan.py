"""The work plan of an application.

Drawn from its work packages: a row each, a bar from its first to its last month.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from urbact_calls.domain.network_types.fields import FieldKind, Section, rows_of
from urbact_calls.domain.network_types.kind import NetworkKind


@dataclass(frozen=True, slots=True)
class WorkPackageBar:
    """A work package: its first and last month, counted from 1, and how many months lie before and after it."""

    label: str
    first: int
    last: int
    before: int
    after: int

    @property
    def months(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class WorkPlan:
    """All bars over the same months, and the stages of the network above them with the months that each takes."""

    months: int
    stages: tuple[tuple[str, int], ...]
    bars: tuple[WorkPackageBar, ...]


def work_plan_of(section: Section, answers: Mapping[str, str], kind: NetworkKind | None) -> WorkPlan | None:
    """The timetable of a section whose table says when things start and end; None without one, or before it is
    filled in. A row without two readable months is left out."""
    spans = _spans(section, answers)
    if not spans or kind is None:
        return None
    months = max(kind.months, *(last for _, _, last in spans))
    stages = [(stage.label, stage.months) for stage in kind.stages]
    if months > kind.months:
        stages.append(("After the end", months - kind.months))
    bars = tuple(WorkPackageBar(label, first, last, first - 1, months - last) for label, first, last in spans)
    return WorkPlan(months, tuple(stages), bars)


# The columns that a table must have to be drawn in time.
START, END = "start", "end"


def _spans(section: Section, answers: Mapping[str, str]) -> list[tuple[str, int, int]]:
    found = []
    for field in section.fields:
        if field.kind is not FieldKind.TABLE or not {START, END} <= {column.code for column in field.columns}:
            continue
        for number, row in enumerate(rows_of(field, answers.get(field.code, "")), start=1):
            first, last = row.get(START, ""), row.get(END, "")
            if _is_month(first) and _is_month(last) and int(first) <= int(last):
                found.append((field.row_label(number), int(first), int(last)))
    return found


def _is_month(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 60
