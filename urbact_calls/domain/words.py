"""Words for figures, dates, times and money, as pages and messages write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
# Not strftime: month names would follow the locale of the process.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


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


def day_in_paris(day: date) -> tuple[datetime, datetime]:
    """The instants at which a day begins and ends in Paris."""
    return instant_of(day, time()), instant_of(day + timedelta(days=1), time())


def wall_time(instant: datetime) -> tuple[date, str]:
    """Day and hour ("15:00") that clocks in Paris show at an instant."""
    local = instant.astimezone(PARIS)
    return local.date(), f"{local:%H:%M}"


def euro(cents: int | None) -> str:
    """Cents as "€850,000" or, when there are cents, "€850,000.01"; "not known" for None."""
    if cents is None:
        return "not known"
    sign, rest = ("−" if cents < 0 else ""), abs(cents)
    whole = f"{sign}€{rest // 100:,}"
    return whole if rest % 100 == 0 else f"{whole}.{rest % 100:02d}"


def euro_plain(cents: int | None) -> str:
    """Cents as a figure to type again: "850000" or "850000.01"; nothing for None."""
    if cents is None:
        return ""
    return str(cents // 100) if cents % 100 == 0 else f"{cents // 100}.{cents % 100:02d}"


def about(count: int) -> int:
    """A count as people say it: 193,324 as 193,000, to the hundred below 10,000, to the ten below 1,000."""
    step = next((step for least, step in _ROUNDED if count >= least), 1)
    return (count + step // 2) // step * step


_ROUNDED = ((1_000_000, 10_000), (10_000, 1_000), (1_000, 100), (100, 10))
"""From which count on to which step."""


def when(moment: datetime | None) -> str:
    """An instant as "31 March 2027 at 15:00, Paris time"."""
    if moment is None:
        return "not known"
    local = moment.astimezone(PARIS)
    return f"{day(local.date())} at {local:%H:%M}, Paris time"


def when_exact(moment: datetime) -> str:
    """An instant to the second, as "31 March 2027 at 14:22:07, Paris time"; for receipts."""
    local = moment.astimezone(PARIS)
    return f"{day(local.date())} at {local:%H:%M:%S}, Paris time"


def when_short(moment: datetime | None) -> str:
    """An instant in a list, as "31 March, 15:00"."""
    if moment is None:
        return "not known"
    local = moment.astimezone(PARIS)
    return f"{local.day} {_MONTHS[local.month - 1]}, {local:%H:%M}"


def second(moment: datetime | None) -> str:
    """The time of day to the second, as "14:22:07"; for receipts and saved texts."""
    return "" if moment is None else f"{moment.astimezone(PARIS):%H:%M:%S}"


def machine_time(moment: datetime) -> str:
    """An instant for the `datetime` attribute."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(value: date | None) -> str:
    """A date as "31 March 2027"; "not known" for None."""
    return "not known" if value is None else f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def share(basis_points: int | None) -> str:
    """Basis points as "70 %" or "66.67 %", with a space that does not break."""
    if basis_points is None:
        return "not known"
    text = f"{basis_points / 100:.2f}".rstrip("0").rstrip(".")
    return f"{text}\u00a0%"


def plural(count: int, one: str, many: str | None = None) -> str:
    """The count with its word: "1 partner", "8 partners"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def points(total: int | None, scale_max: int) -> str:
    """A weighted total (0 to 100 times the scale) as points of 100, to the hundredth: "79.8"; nothing for None."""
    if total is None:
        return ""
    return f"{total / scale_max:.2f}".rstrip("0").rstrip(".")
