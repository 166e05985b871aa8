"""Numbers, lists and moments as the messages of the rules write them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from urbact_calls.domain.dossier import PartnerFacts

PARIS = ZoneInfo("Europe/Paris")

# Not strftime: month names would follow the locale of the process.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 partner`, `2 partners`, `3 countries`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(items: Iterable[str]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    *firsts, last = items
    return f"{', '.join(firsts)} and {last}" if firsts else last


def named(partner: PartnerFacts) -> str:
    return f"{partner.name} ({partner.country})"


def all_named(partners: Iterable[PartnerFacts]) -> str:
    return listed(named(partner) for partner in partners)


def day(moment: date) -> str:
    """`31 March 2023`."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def paris_time(moment: datetime) -> str:
    """`31 March 2023 at 15:00:00, Paris time`; the second decides, so it is shown."""
    local = moment.astimezone(PARIS)
    return f"{day(local.date())} at {local:%H:%M:%S}, Paris time"
