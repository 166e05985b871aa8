"""When something is due, in words: the day in Paris, what is left of the time, or by how much it is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from urbact_calls.domain.text import message, say
from urbact_calls.domain.vocabulary import Tone
from urbact_calls.web.filters import PARIS, day, when_short

NEAR = timedelta(days=3)

OVERDUE = message("due.overdue", "overdue by {count} days", one="overdue by {count} day")
OVERDUE_TODAY = message("due.overdue_today", "overdue since today")
TODAY = message("due.today", "today")
TOMORROW = message("due.tomorrow", "tomorrow")
IN_DAYS = message("due.in_days", "in {count} days", one="in {count} day")


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
        return Due(at, words, say(OVERDUE(count=late) if late else OVERDUE_TODAY()), Tone.BAD)
    tone = Tone.CAUTION if at - now <= NEAR else Tone.NEUTRAL
    if late == 0:
        return Due(at, words, say(TODAY()), tone)
    return Due(at, words, say(TOMORROW() if late == -1 else IN_DAYS(count=-late)), tone)
