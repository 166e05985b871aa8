"""Which kind of job a worker takes next: what goes first before all that does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from urbact_calls.database import db
from urbact_calls.domain.vocabulary import JobState
from urbact_calls.jobs import JOB_KINDS, Clock, Job, is_kind_due, run_due, take_due

# So long at most the others wait for what goes first.
LONGEST_HELD_UP = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Turn:
    """How many jobs were taken, and whether something that goes first was due or in other hands."""

    taken: int
    others_wait: bool


def run_next(kind: str, *, owner: str, clock: Clock, hold: bool = False) -> Turn:
    """As `run_due`; but while anything that goes first is due, of that. Meanwhile, and with `hold`, nothing is taken of
    a kind that does not, unless it has been due for longer than `LONGEST_HELD_UP`."""
    if JOB_KINDS[kind].goes_first:
        taken = run_due(kind, owner=owner, clock=clock)
        return Turn(taken, taken > 0)
    now = clock()
    first = [name for name, each in JOB_KINDS.items() if each.goes_first]
    asked = [is_kind_due(kind, now), is_kind_due(kind, now - LONGEST_HELD_UP), *map(_is_in_hand, first)]
    [found] = db.session.execute(select(*asked, *(is_kind_due(name, now) for name in first))).all()
    db.session.rollback()
    is_due, was_held_up, *of_first = found
    for name, is_first_due in zip(first, of_first[len(first) :], strict=True):
        if is_first_due and (taken := take_due(name, owner, now, clock)):
            return Turn(taken, True)
    others_wait = any(of_first)
    may = is_due and not hold and not others_wait
    return Turn(take_due(kind, owner, now, clock) if may or was_held_up else 0, others_wait)


def _is_in_hand(kind: str) -> ColumnElement[bool]:
    """Whether some worker has a job of a kind; asked as `_is_due`."""
    first = select(func.min(Job.next_at)).where(Job.kind == kind, Job.state == JobState.RUNNING)
    return first.scalar_subquery().is_not(None)
