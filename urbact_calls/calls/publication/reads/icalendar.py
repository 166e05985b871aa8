"""The dates of a call as a calendar file, as RFC 5545 has it: CRLF, folded lines, escaped text, UTC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """One date of a call: an instant, or a whole day. `uid` stays the same when the date moves."""

    uid: str
    summary: str
    starts: datetime | date
    description: str = ""
    url: str = ""


LONGEST_LINE_BYTES = 75


def calendar(events: tuple[CalendarEvent, ...], *, name: str, stamped_at: datetime) -> bytes:
    """The file that calendar programs read; `stamped_at` is when these dates were published."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//URBACT calls and networks//Calls//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{escaped(name)}",
    ]
    for event in events:
        lines += _event(event, stamped_at)
    lines.append("END:VCALENDAR")
    return b"".join(piece + b"\r\n" for line in lines for piece in folded(line))


def _event(event: CalendarEvent, stamped_at: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"DTSTAMP:{_instant(stamped_at)}"
    if isinstance(event.starts, datetime):
        # Without an end an event that starts at an instant ends at that instant (RFC 5545, 3.6.1).
        yield f"DTSTART:{_instant(event.starts)}"
    else:
        yield f"DTSTART;VALUE=DATE:{event.starts:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{event.starts + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escaped(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{escaped(event.description)}"
    if event.url:
        yield f"URL:{event.url}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """Text with the four characters that mean something in a calendar file written out (RFC 5545, 3.3.11)."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    for character, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        plain = plain.replace(character, written)
    return plain


def folded(line: str) -> Iterator[bytes]:
    """A line in pieces of at most 75 bytes, never cut within a character; each but the first begins with a space."""
    piece = b""
    for character in line:
        written = character.encode()
        if len(piece) + len(written) > LONGEST_LINE_BYTES:
            yield piece
            piece = b" "
        piece += written
    yield piece
