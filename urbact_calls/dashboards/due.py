"""When something is due, in words: the day in Paris, what is left of the time, or by how much it is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from urbact_calls.domain.vocabulary import Tone
from urbact_calls.web.filters import PARIS, day, plural, when_short

NEAR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Due:
    """A due date as a list shows it. `at` is the last instant that is on time; a day lasts until its end in Paris."""

    at: datetime
    words: str
    left: str
    tone: Tone


def due_of(value: date | datetime | None, now: datetime) -> Due | None:
    """The words for a due date; None where no date is set."""
    if value is None:
        return None
    if isinstance(value, datetime):
        at, words = value, when_short(value)
    else:
        at, words = datetime.combine(value, time(23, 59, 59), tzinfo=PARIS), day(value)
    late = (now.astimezone(PARIS).date() - at.astimezone(PARIS).date()).days
    if at < now:
        return Due(at, words, f"overdue by {plural(late, 'day')}" if late else "overdue since today", Tone.BAD)
    tone = Tone.CAUTION if at - now <= NEAR else Tone.NEUTRAL
    if late == 0:
        return Due(at, words, "today", tone)
    return Due(at, words, "tomorrow" if late == -1 else f"in {plural(-late, 'day')}", tone)
