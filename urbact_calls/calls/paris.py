"""Wall time in Paris to an instant, and back; the rules of summer time come from the tz database."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from urbact_calls.web.filters import PARIS


class NoSuchHour(ValueError):
    """The clocks of Paris show this hour never, or twice, on this day."""


def instant_of(day: date, hour: time) -> datetime:
    """The instant in UTC at which clocks in Paris show this day and hour. Raises NoSuchHour when they are changed."""
    earlier, later = (datetime.combine(day, hour, tzinfo=PARIS).replace(fold=fold) for fold in (0, 1))
    instant = earlier.astimezone(UTC)
    if instant.astimezone(PARIS).replace(tzinfo=None) != earlier.replace(tzinfo=None):
        raise NoSuchHour("This hour does not exist on this day: clocks in Paris go forward. Choose another one.")
    if later.astimezone(UTC) != instant:
        raise NoSuchHour("This hour happens twice on this day: clocks in Paris go back. Choose another one.")
    return instant


def wall_time(instant: datetime) -> tuple[date, str]:
    """Day and hour ("15:00") that clocks in Paris show at an instant."""
    local = instant.astimezone(PARIS)
    return local.date(), f"{local:%H:%M}"
