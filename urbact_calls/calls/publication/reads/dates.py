"""The dates of a call as a line of events, and how much time is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from urbact_calls.calls.models import Call
from urbact_calls.calls.publication.reads.icalendar import CalendarEvent
from urbact_calls.domain.text import message, say
from urbact_calls.domain.vocabulary import CallPhase
from urbact_calls.domain.words import PARIS, day, when, when_short

ASSESSORS = message(
    "call.assessors", "{count} assessors for each application", one="{count} assessor for each application"
)

ANNOUNCED = message("call.announced", "announced on {day}")
PLANNED = message("call.planned", "planned for {day}")
WAS_PLANNED = message("call.planned/passed", "was planned for {day}")

EventState = Literal["done", "now", "to_come"]
HOURS_ARE_TOLD_WITHIN = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """A count with its word: 22 and "days left"; from 72 hours on, hours."""

    count: int
    words: str

    def __str__(self) -> str:
        return f"{self.count} {self.words}"


@dataclass(frozen=True, slots=True)
class DateEvent:
    """One event of a call's life, for the macro `timeline`."""

    label: str
    state: EventState
    when: str = ""
    text: str = ""


def time_left(call: Call, now: datetime) -> TimeLeft | None:
    """What is left until the call closes; None unless it is open."""
    if call.phase(now) is not CallPhase.OPEN:
        return None
    left = call.closes_at - now
    if left <= HOURS_ARE_TOLD_WITHIN:
        hours = max(left, timedelta()) // timedelta(hours=1)
        if hours == 0:
            minutes = max(left, timedelta()) // timedelta(minutes=1)
            return TimeLeft(minutes, "minute left" if minutes == 1 else "minutes left")
        return TimeLeft(hours, "hour left" if hours == 1 else "hours left")
    days = (call.closes_at.astimezone(PARIS).date() - now.astimezone(PARIS).date()).days
    return TimeLeft(days, "days left")


def events(call: Call, now: datetime, announced: date | None = None) -> tuple[DateEvent, ...]:
    """The life of the call in order: what is done, what is now, what comes; `announced` is the day of its decisions.

    A planned day that has passed does not say that anything was done on it: of a call of this site the decisions do.
    """
    phase, terms = call.phase(now), call.terms
    today = now.astimezone(PARIS).date()
    line = [DateEvent("Call opens", _past(now >= call.opens_at), when(call.opens_at))]
    if (left := time_left(call, now)) is not None:
        line.append(DateEvent("You can apply now", "now", f"Today, {when_short(now)}. {left}"))
    line.append(DateEvent("Call closes", _past(phase is CallPhase.CLOSED), when(call.closes_at)))
    dated = (
        ("Decision of the Monitoring Committee", terms.decision_date),
        ("Networks start", terms.network_start),
        ("Networks end", terms.network_end),
    )
    if call.is_historical:
        return (*line, *(_dated(label, on, today) for label, on in dated))
    checking: EventState = "done" if announced else "now" if phase is CallPhase.CLOSED else "to_come"
    assessors = say(ASSESSORS(count=terms.assessors_per_application))
    line.append(DateEvent("Eligibility check, then assessment", checking, "after the call has closed", assessors))
    if announced:
        line.append(DateEvent(dated[0][0], "done", say(ANNOUNCED(day=announced))))
        return (*line, *(_dated(label, on, today) for label, on in dated[1:]))
    return (*line, *(_planned(label, on, today) for label, on in dated))


def calendar_events(call: Call, href: str) -> tuple[CalendarEvent, ...]:
    """The dates of a call for a calendar; dates that are not known are left out.

    `href` is the public address of the call. It makes the `uid` of each date one of this site, so it must not depend on
    the name under which somebody asks: a calendar takes another `uid` for another date.
    """
    note = "All hours are those of Paris; your calendar shows yours."
    dated: tuple[tuple[str, str, datetime | date | None], ...] = (
        ("opens", f"Call opens: {call.title}", call.opens_at),
        ("closes", f"Call closes: {call.title}", call.closes_at),
        ("decision", f"Decision of the Monitoring Committee: {call.title}", call.terms.decision_date),
        ("start", f"Networks start: {call.title}", call.terms.network_start),
    )
    return tuple(
        CalendarEvent(
            uid=f"{call.code.lower()}-{name}@{urlsplit(href).hostname}",
            summary=summary,
            starts=starts,
            description=note,
            url=href,
        )
        for name, summary, starts in dated
        if starts is not None
    )


def _past(is_past: bool) -> EventState:
    return "done" if is_past else "to_come"


def _planned(label: str, on: date | None, today: date) -> DateEvent:
    if on is None:
        return _dated(label, on, today)
    return DateEvent(label, "to_come", say((PLANNED if on >= today else WAS_PLANNED)(day=on)))


def _dated(label: str, on: date | None, today: date) -> DateEvent:
    if on is None:
        return DateEvent(label, "to_come", "date not known")
    return DateEvent(label, _past(on <= today), day(on))
